"""The fork server of the query workers, run as a module.

They share the store of one generation, in memory if it fits, or hand queries on to the remote stores that have it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyoxigraph import Store

from kb.generations.generation import Generation
from kb.generations.manifest import read_manifest
from server.config import ServerConfig
from server.evaluation.answers import answer, warm_up
from server.evaluation.forkserver import serve_forks
from server.evaluation.memory import fits_into_memory, store_in_memory
from server.evaluation.messages import Answer, Frame, mark_of, read_query_task
from server.evaluation.worker import Make

if TYPE_CHECKING:
    from server.evaluation.remote import Remote

__all__ = ["load"]


def load(config: ServerConfig) -> Callable[[], Make]:
    """Load the store of a generation, which was checked before.

    :return: opens it for a worker
    :raises GenerationError: if it cannot be read
    """
    warm_up()
    generation = Generation(config.generation, read_manifest(config.generation))
    if config.endpoints:
        from server.evaluation.remote import Remote  # noqa: PLC0415  its libraries take long to import

        remote = Remote.of(config, generation)
        return lambda: _handing_on(generation.store(), remote)
    if fits_into_memory(generation, config.limits.store_mib):
        make = _made_from(store_in_memory(generation))
        return lambda: make
    return lambda: _made_from(generation.store())


def _made_from(store: Store) -> Make:
    return lambda frame: answer(store, read_query_task(frame))


def _handing_on(store: Store, remote: "Remote") -> Make:
    remote.prepare()

    def make(frame: Frame) -> Answer:
        remote.choose(mark_of(frame))
        found = answer(store, read_query_task(frame), remote)
        remote.confirm()
        return found

    return make


if __name__ == "__main__":
    serve_forks(load)
