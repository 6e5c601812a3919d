"""What stands behind the dispatcher, whichever server carries it: generation, workers, cache, reload."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kb.errors import GenerationError
from kb.generations.generation import Generation
from server.config import ServerConfig
from server.dataset.about import About
from server.evaluation.cache import Cache
from server.evaluation.memory import SMALL_MEBIBYTES, fits_into_memory
from server.evaluation.pool import FETCHES, PAGES, QUERIES, Pool
from server.evaluation.processes import FETCH_FORKS, PAGE_FORKS, QUERY_FORKS, ForkServerClient, start_query_forks
from server.evaluation.service import Service
from server.generations.reload import Reloader
from server.metrics import Metrics
from server.provenance.paragraphs import Paragraphs
from server.site import Site

if TYPE_CHECKING:
    from server.evaluation.replicas import Replicas

__all__ = ["BACKEND", "Backend"]

#: Key, in ``Flask.extensions``, of the backend of an application in the web process.
BACKEND = "backend"
_MEBIBYTE = 1024 * 1024
_RETRY_SECONDS = 5.0

_log = logging.getLogger("server.backend")


class Backend(Collector):
    """One served graph.

    :param query_forks: the parent of the query workers, or None to start one
    :raises KbError: when there is nothing whole to serve
    :ivar queries: answers queries
    :ivar pages: makes pages and documents, once they are loaded
    :ivar fetches: fetches what queries ask of other endpoints, or None where they may ask none
    :ivar replicas: the remote stores that answer in place of the embedded engine, or None
    :ivar site: of the generation that is served now; the web process itself reads nothing of it
    :ivar loop: in which all this runs, once it is open
    """

    loop: asyncio.AbstractEventLoop

    def __init__(self, config: ServerConfig, query_forks: ForkServerClient | None = None) -> None:
        self.config = config
        self.metrics = Metrics()
        limits, cache = config.limits, Cache(config.limits.cache_mib * _MEBIBYTE)
        query_forks = query_forks or start_query_forks(config)
        self.replicas = _replicas(config, query_forks.generation.manifest.hash)
        is_large = not fits_into_memory(query_forks.generation, SMALL_MEBIBYTES)  # queries first, where that takes long
        page_forks = ForkServerClient(PAGE_FORKS, query_forks.generation, config, later=is_large)
        self.queries = Service(Pool(query_forks, limits, QUERIES, limits.workers, self.replicas), cache)
        self.pages = Service(Pool(page_forks, limits, PAGES, limits.page_workers, self.replicas), cache)
        self.fetches = self._fetches(query_forks.generation) if config.services else None
        self.reloader = Reloader(config.generations, self._serve, self.replicas.holds if self.replicas else None)
        self.site = self._site_of(query_forks.generation)
        self._cache = cache
        for part in (self, cache, self.queries.pool, self.pages.pool, self.fetches, self.reloader, self.replicas):
            if part is not None:
                self.metrics.registry.register(part)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the generation."""
        manifest = self.site.generation.manifest
        served = GaugeMetricFamily("kb_generation_info", "The generation that is served.", labels=["hash", "created"])
        served.add_metric([manifest.hash, manifest.created], 1)
        yield served
        triples = manifest.sizes.default_graph
        yield GaugeMetricFamily("kb_generation_triples", "Triples in its default graph.", triples)

    async def open(self) -> None:
        """Start the query workers.

        :raises GenerationError: if the generation cannot be queried
        """
        self.loop = asyncio.get_running_loop()
        if self.replicas:
            await self.replicas.open()
        await self.queries.pool.open()
        if self.fetches:
            await self.fetches.open()

    async def run(self) -> None:
        """Start the page workers, then watch for other generations, and the remote stores, until cancelled.

        Where no page worker can be started, queries are still answered, and it is tried again.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._run_pages())
            if self.replicas:
                group.create_task(self.replicas.run())

    async def _run_pages(self) -> None:
        while True:
            try:
                await self.pages.pool.open()
                break
            except GenerationError as error:
                _log.error("no pages are made: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)
        await self.reloader.run(self.site.hash)

    async def close(self) -> None:
        """End all workers; what is queued and running ends with a problem."""
        await asyncio.gather(*(pool.close() for pool in (self.queries.pool, self.pages.pool, self.fetches) if pool))
        if self.replicas:
            self.replicas.close()

    def run_in_thread(self) -> None:
        """Serve in an event loop in a thread, for a server that has none, as long as this process lives.

        :raises GenerationError: when the generation cannot be queried
        """
        opened: Future[None] = Future()
        threading.Thread(target=asyncio.run, args=(self._run(opened),), name="backend", daemon=True).start()
        opened.result()

    async def _run(self, opened: Future[None]) -> None:
        try:
            await self.open()
        except GenerationError as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        try:
            await self.run()
            await asyncio.Event().wait()  # there is nothing to reload
        finally:
            await self.close()

    async def _serve(self, generation: Generation) -> None:
        started = []
        try:
            for service, module in ((self.queries, QUERY_FORKS), (self.pages, PAGE_FORKS)):
                fork_server = ForkServerClient(module, generation, self.config)
                started.append((service.pool, fork_server, await service.pool.prepare(fork_server)))
        except GenerationError:
            for _, fork_server, _ in started:
                await fork_server.close()
            raise
        for pool, fork_server, workers in started:
            pool.serve(fork_server, workers)
        if self.replicas:
            self.replicas.serve(generation.manifest.hash)
        self.site = self._site_of(generation)
        self._cache.clear()

    def _fetches(self, generation: Generation) -> Pool:
        """Return the workers that fetch, which need nothing of the generation."""
        limits = self.config.limits
        return Pool(ForkServerClient(FETCH_FORKS, generation, self.config), limits, FETCHES, limits.page_workers)

    def _site_of(self, generation: Generation) -> Site:
        site = Site(self.config, generation, generation.store)
        site.adopt({"about": About.unread(generation.manifest), "paragraphs": Paragraphs()})
        return site


def _replicas(config: ServerConfig, generation: str) -> "Replicas | None":
    if not config.endpoints:
        return None
    from server.evaluation.replicas import Replicas  # noqa: PLC0415  its libraries take long to import

    return Replicas(config, generation)
