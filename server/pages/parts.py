"""Parts of pages that many values share, each rendered once in a generation: terms, and footnotes."""

from collections.abc import Callable
from functools import lru_cache

from flask import current_app

from server.presentation.nodes import Node
from server.provenance.support import Support
from server.site import Site

__all__ = ["Parts"]

_KEPT = 8192


class Parts:
    """Renders the macros of ``parts.html``.

    :ivar node: a term: its text, linked where it has an address
    :ivar footnote: what a footnote says of the support of a value
    """

    def __init__(self, _site: Site) -> None:
        macros = current_app.jinja_env.get_template("parts.html").module
        self.node: Callable[[Node], str] = lru_cache(_KEPT)(macros.node)  # type: ignore[attr-defined]
        self.footnote: Callable[[Support], str] = lru_cache(_KEPT)(macros.footnote)  # type: ignore[attr-defined]
