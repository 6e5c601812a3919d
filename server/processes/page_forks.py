"""The fork server of the page workers, run as a module.

They share the application with the site of one generation, and a small store: what pages need is read once, before the
first worker is forked, as a worker can open no file. Remote stores, where there are any, answer the rest.
"""

import hashlib
import logging
import pickle
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask
from pyoxigraph import Store

from kb.generations.generation import Generation
from kb.generations.manifest import read_manifest
from server import logs
from server.app import create_application
from server.calls import call
from server.config import Limits, ServerConfig
from server.evaluation.answers import warm_up
from server.evaluation.forkserver import serve_forks
from server.evaluation.memory import SMALL_MEBIBYTES, fits_into_memory, read_in_child, store_in_memory
from server.evaluation.messages import Answer, Frame, PageTask, mark_of, read_page_task
from server.evaluation.worker import Make
from server.page_models.patterns import load_patterns
from server.problems import Problem
from server.provenance.paragraphs import Paragraphs
from server.site import Site
from server.stored_queries.texts import load_stored_queries

if TYPE_CHECKING:
    from server.evaluation.remote import Remote

__all__ = ["load"]

_LONGEST_FAULT = 10_000
_EXAMPLES = (
    ("/", "text/html"),
    ("/nothing", "application/json"),
    ("/openapi.json", "*/*"),
    ("/.well-known/void", "text/turtle"),
)


def load(config: ServerConfig) -> Callable[[], Make]:
    """Read what the pages about a generation need, which was checked before.

    :return: makes the rest in a worker
    :raises GenerationError: if it cannot be read
    """
    warm_up()
    generation, faults = Generation(config.generation, read_manifest(config.generation)), _Faults()
    logs.configure()
    site = Site(config, generation, Store)  # of an empty store: this process must not open that on the disk
    site.adopt({"paragraphs": Paragraphs()})
    app = create_application(lambda: site)
    _warm_up(app)
    remote = _remote(config, generation)
    site = _read(config, generation, remote)
    logging.getLogger("server").handlers = [faults]  # a worker has nothing to write to

    def prepare() -> Make:
        _ = site.store  # it is opened now, unless it is in memory
        make = partial(_make, app, limits=config.limits, faults=faults)
        if remote is None:
            return make
        remote.prepare()
        return partial(_with_remote, make, remote)

    return prepare


def _with_remote(make: Make, remote: "Remote", frame: Frame) -> Answer:
    """Return a page or document; a page that a store let down is none, but the store's error."""
    remote.choose(mark_of(frame))
    answer = make(frame)
    remote.confirm()
    return answer


def _remote(config: ServerConfig, generation: Generation) -> "Remote | None":
    if not config.endpoints:
        return None
    from server.evaluation.remote import Remote  # noqa: PLC0415  its libraries take long to import

    return Remote.of(config, generation)


def _read(config: ServerConfig, generation: Generation, remote: "Remote | None") -> Site:
    is_small = fits_into_memory(generation, SMALL_MEBIBYTES)
    held = None if generation.is_on_disk and not is_small else store_in_memory(generation, same_labels=is_small)
    site = Site(config, generation, lambda: generation.store() if held is None else held, remote)
    if is_small:
        site.read()
        return site
    # What reading leaves behind in memory, and the store on the disk, end with the child.
    with read_in_child(generation, lambda file: pickle.dump(site.read(), file)) as file:
        site.adopt(pickle.load(file))  # noqa: S301  it is from our own child
    return site


def _warm_up(app: Flask) -> None:
    """Load the templates, and all modules that making a page imports."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    load_stored_queries()
    load_patterns()
    for path, accept in _EXAMPLES:
        call(app, PageTask("GET", path, b"", (("accept", accept), ("host", "localhost"))))


class _Faults(logging.Handler):
    """Keeps the last fault, as a worker has no log: the web process writes it."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = self.format(record)[-_LONGEST_FAULT:]

    def take(self) -> str:
        """Return the fault since the last call, or ``""``."""
        taken, self.last = self.last, ""
        return taken


def _make(app: Flask, frame: Frame, limits: Limits, faults: _Faults) -> Answer:
    """Return the page or document that a task asks for."""
    reply = call(app, read_page_task(frame))
    body = reply.body if isinstance(reply.body, bytes) else b""
    if len(body) > limits.result_bytes:
        detail = f"The page is larger than {limits.result_bytes // 1024:,} KiB"
        raise Problem("result-too-large", detail, "Ask for less: a query gets the part of the data that you need")
    headers = {**reply.headers, **({"vary": "Accept"} if reply.varies else {})}
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    status, pairs = reply.status, tuple(headers.items())
    return Answer("page", "", body, digest=digest, status=status, headers=pairs, fault=faults.take())


if __name__ == "__main__":
    serve_forks(load)
