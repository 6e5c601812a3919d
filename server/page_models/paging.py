"""Lists cut into pages."""

from collections.abc import Sequence
from typing import TypeVar

__all__ = ["page_of"]

Item = TypeVar("Item")


def page_of(items: Sequence[Item], number: int, size: int) -> tuple[Sequence[Item], int, int]:
    """Return the items of a page, its number from 1, and how many pages there are; beyond the last page is the last.

    :param size: items of a page
    """
    pages = max(1, -(-len(items) // size))
    number = min(max(1, number), pages)
    return items[(number - 1) * size : number * size], number, pages
