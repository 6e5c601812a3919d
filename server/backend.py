"""What stands behind the application, whichever server carries it: generation, query workers, cache, reload."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kb.errors import GenerationError
from kb.generations.generation import Generation
from server.config import ServerConfig
from server.evaluation.pool import Pool
from server.evaluation.processes import ForkServerClient, start_fork_server
from server.evaluation.service import QueryService
from server.generations.reload import Reloader
from server.metrics import Metrics
from server.site import Site

__all__ = ["Backend"]


class Backend(Collector):
    """One served graph.

    :param fork_server: the parent of the query workers, or None to start one
    :raises KbError: when there is nothing whole to serve
    :ivar site: of the generation that is served now
    """

    def __init__(self, config: ServerConfig, fork_server: ForkServerClient | None = None) -> None:
        generations = config.generations and config.generations.absolute()
        # Flask would look for a relative file beside its own modules.
        self.config = config = replace(config, generation=config.generation.absolute(), generations=generations)
        self.metrics = Metrics()
        self.pool = Pool(fork_server or start_fork_server(config), config.limits)
        self.service = QueryService(self.pool, config.limits.cache_mib)
        self.reloader = Reloader(config.generations, self._serve)
        self.site = Site(config, self.pool.generation, self.service)
        for part in (self, self.service, self.pool, self.reloader):
            self.metrics.registry.register(part)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the generation."""
        manifest = self.site.generation.manifest
        served = GaugeMetricFamily("kb_generation_info", "The generation that is served.", labels=["hash", "created"])
        served.add_metric([manifest.hash, manifest.created], 1)
        yield served
        triples = manifest.sizes.default_graph
        yield GaugeMetricFamily("kb_generation_triples", "Triples in its default graph.", triples)

    async def load(self) -> None:
        """Read what pages need, so that the first request does not wait for it."""
        await asyncio.get_running_loop().run_in_executor(None, self.site.load)

    def run_in_thread(self) -> None:
        """Serve in an event loop in a thread, for a server that has none, as long as this process lives.

        :raises GenerationError: when the generation cannot be queried
        """
        opened: Future[None] = Future()
        threading.Thread(target=asyncio.run, args=(self._run(opened),), name="backend", daemon=True).start()
        opened.result()

    async def _run(self, opened: Future[None]) -> None:
        try:
            await self.pool.open()
        except GenerationError as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        try:
            await self.load()
            await self.reloader.run(self.site.hash)
            await asyncio.Event().wait()  # there is nothing to reload
        finally:
            await self.pool.close()

    async def _serve(self, generation: Generation) -> None:
        site = Site(self.config, generation, self.service)
        await asyncio.get_running_loop().run_in_executor(None, site.load)
        await self.pool.serve(generation)
        self.site = site
        self.service.cache.clear()
