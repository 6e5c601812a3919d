"""The change to a new generation while serving: no request is lost, and a damaged generation is not served."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from kb.errors import GenerationError, KbError
from kb.generations.generation import CURRENT, Generation
from server.generations.inspection import inspect

__all__ = ["Reloader"]

_LOOK_SECONDS = 1.0
_NOT_PUBLISHED = "no remote store holds it: publish it with `kb publish`"
_NOTHING = object()  # differs from what a missing file looks like

_log = logging.getLogger("server.generations.reload")


class Reloader(Collector):
    """Watches a folder of generations for another current one.

    :param generations: the folder, or None if nothing changes
    :param serve: starts serving a whole generation
    :param is_ready: returns whether there is all that is needed to serve the generation with a content hash, or None
    :ivar refused: the current generation that is not served: its content hash and the reason, as `/health` shows them
    """

    def __init__(
        self,
        generations: Path | None,
        serve: Callable[[Generation], Awaitable[None]],
        is_ready: Callable[[str], bool] | None = None,
    ) -> None:
        self.refused: dict[str, str] | None = None
        self._generations = generations
        self._serve = serve
        self._is_ready = is_ready
        self._seen: object = _NOTHING
        self._asked = asyncio.Event()
        self._changes = 0
        self._refusals = 0

    def look(self) -> None:
        """Look now, also at a generation that was refused before."""
        self._seen = _NOTHING
        self._asked.set()

    async def run(self, served: str) -> None:
        """Watch the folder until cancelled.

        :param served: content hash of the generation that is served at first
        """
        while self._generations is not None:
            name, seen = _current(self._generations)
            if seen != self._seen and not self._must_wait(name, served):
                self._seen = seen
                if name == served:
                    self.refused = None
                elif await self._change(self._generations, name):
                    served = name
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), _LOOK_SECONDS)
            self._asked.clear()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of reloads."""
        yield CounterMetricFamily("kb_reloads", "New generations that were served.", self._changes)
        refused = "New generations that were not served, because they are damaged."
        yield CounterMetricFamily("kb_reloads_refused", refused, self._refusals)

    def _must_wait(self, name: str, served: str) -> bool:
        """Return whether another generation cannot be served yet, and say so once."""
        if not name or name == served or self._is_ready is None or self._is_ready(name):
            return False
        if self.refused is None or self.refused["generation"] != name:
            _log.warning("generation %s is not served yet: %s", name[:12], _NOT_PUBLISHED)
            self.refused = {"generation": name, "reason": _NOT_PUBLISHED}
        return True

    async def _change(self, generations: Path, name: str) -> bool:
        """Serve the current generation if it is whole, and return whether it is."""
        try:
            generation = await inspect(generations)
            await self._serve(generation)
        except KbError as error:
            self._refuse(name, error.reason if isinstance(error, GenerationError) else error.problem)
            return False
        except OSError as error:  # no process can be made, for example: that may pass
            self._refuse(name, f"it could not be looked at ({error})")
            self._seen = _NOTHING
            return False
        _log.info("generation %s is served", generation.manifest.hash[:12])
        self.refused = None
        self._changes += 1
        return True

    def _refuse(self, name: str, reason: str) -> None:
        _log.error("generation %s is not served: %s", name[:12], reason)
        self.refused = {"generation": name, "reason": reason}
        self._refusals += 1


def _current(generations: Path) -> tuple[str, object]:
    """Return the hash of the current generation, and the state of its file, which changes when it is replaced."""
    file = generations / CURRENT
    try:
        state = file.stat()
        return file.read_text(encoding="ascii").strip(), (state.st_ino, state.st_mtime_ns)
    except (OSError, UnicodeDecodeError):
        return "", None
