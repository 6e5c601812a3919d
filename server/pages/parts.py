"""Parts of pages that many values share, each rendered once: terms, and what is behind a value."""

from collections.abc import Callable
from functools import lru_cache

from flask import current_app

from server.presentation.nodes import Node
from server.provenance.support import Backing

__all__ = ["node", "panel"]

_KEPT = 8192


@lru_cache(_KEPT)
def node(shown: Node) -> str:
    """Return a term: its text, linked where it has an address."""
    return _macro("node")(shown)


@lru_cache(_KEPT)
def panel(backing: Backing) -> str:
    """Return what a note says of what is behind a value."""
    return _macro("panel")(backing)


def _macro(name: str) -> Callable[[object], str]:
    macro: Callable[[object], str] = getattr(current_app.jinja_env.get_template("parts.html").module, name)
    return macro
