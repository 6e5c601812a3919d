"""Oxigraph's server, the PyPI package ``oxigraph``."""

from collections.abc import Sequence
from pathlib import Path

from support.engines.engine import Engine, installed

__all__ = ["Oxigraph"]


class Oxigraph(Engine):
    """It has no accounts: whoever reaches it may write."""

    name = "oxigraph"

    @classmethod
    def parts(cls) -> dict[str, str]:
        return {installed("oxigraph"): "pip install oxigraph; `make` installs it with the development tools"}

    def command(self) -> Sequence[str | Path]:
        union = ["--union-default-graph"] if self.union else []
        return [installed("oxigraph"), "serve", "--location", self._store, "--bind", f"127.0.0.1:{self.port}", *union]

    def load(self, file: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.run([installed("oxigraph"), "load", "--location", self._store, "--file", file])

    @property
    def _store(self) -> Path:
        return self.folder / "store"
