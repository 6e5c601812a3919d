"""What stands behind the application, whichever server carries it: generation, query workers, cache, reload."""

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import Future

from kb.errors import GenerationError
from kb.generations.generation import Generation, open_generation
from server.config import ServerConfig
from server.evaluation.pool import Pool
from server.evaluation.service import QueryService
from server.generations.reload import Reloader
from server.metrics import Family, Metrics
from server.site import Site, open_site

__all__ = ["Backend"]


class Backend:
    """One served graph.

    :raises KbError: when there is nothing whole to serve
    :ivar site: of the generation that is served now
    """

    def __init__(self, config: ServerConfig) -> None:
        self.config = config
        self.metrics = Metrics()
        self._generation = _open(config)
        self.pool = Pool(self._generation, config.limits)
        self.service = QueryService(self.pool, config.limits.cache_mib)
        self.reloader = Reloader(config.generations, self._prepare, self._serve)
        self.site: Site = self._prepare(self._generation)
        for part in (self, self.service, self.pool, self.reloader):
            self.metrics.observe(part.families)

    def families(self) -> Iterable[Family]:
        """Return what is measured about the generation."""
        manifest = self._generation.manifest
        labels = (("hash", manifest.hash), ("created", manifest.created))
        yield Family("kb_generation_info", "gauge", "The generation that is served.", [("", labels, 1)])
        triples = manifest.sizes.default_graph
        yield Family("kb_generation_triples", "gauge", "Triples in its default graph.", [("", (), triples)])

    async def open(self) -> None:
        """Bring up the query workers, in the loop from which queries will come.

        :raises GenerationError: when the generation cannot be queried
        """
        await self.pool.open()
        self.service.bind()

    async def reload(self) -> None:
        """Serve each new generation, until this is cancelled."""
        await self.reloader.run(self._generation.manifest.hash)

    async def close(self) -> None:
        """End the query workers; what runs ends with a problem."""
        await self.pool.close()

    def run_in_thread(self) -> None:
        """Do all that in an event loop in a thread, for a server that has none, as long as this process lives.

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
            await self.reload()
            await asyncio.Event().wait()  # there is nothing to reload
        finally:
            await self.close()

    def _prepare(self, generation: Generation) -> Site:
        return open_site(self.config, generation, self.service)

    async def _serve(self, generation: Generation, site: Site) -> None:
        await self.pool.serve(generation)
        self._generation = generation
        self.site = site
        self.service.cache.clear()


def _open(config: ServerConfig) -> Generation:
    """Return the current generation, or the one that was served at first where the current one is damaged."""
    if config.generations is not None:
        try:
            return open_generation(config.generations)
        except GenerationError:
            pass  # the reloader will say so
    return open_generation(config.generation)
