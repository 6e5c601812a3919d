"""The server's own queries, one ``.rq`` file each."""

from functools import cache
from importlib.resources import files

__all__ = ["stored_query"]


@cache
def stored_query(name: str) -> str:
    """Return the text of ``server/queries/<name>.rq``."""
    return files(__name__).joinpath(f"{name}.rq").read_text(encoding="utf-8")
