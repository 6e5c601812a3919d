"""The fork server of the workers that fetch what SERVICE clauses ask of other endpoints, run as a module."""

from collections.abc import Callable

from server.config import ServerConfig
from server.evaluation.fetching import fetch, open_services
from server.evaluation.forkserver import serve_forks
from server.evaluation.messages import read_query_task
from server.evaluation.names import look_up_names
from server.evaluation.worker import Make

__all__ = ["load"]


def load(config: ServerConfig) -> Callable[[], Make]:
    """Prepare the clients, which connect to nothing before there is a query.

    :return: what a worker fetches with
    """
    services = open_services(config)

    def prepare() -> Make:
        look_up_names(services.values())
        return lambda frame: fetch(read_query_task(frame), services, config.limits)

    return prepare


if __name__ == "__main__":
    serve_forks(load, lambda config: len(config.services))
