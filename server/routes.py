"""The addresses that an application answers at, read from its own URL map, and those in the navigation of pages."""

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, TypeVar

from flask import Flask
from werkzeug.routing import Map, Rule

__all__ = ["addresses", "first_segments", "in_navigation", "navigation"]

View = TypeVar("View", bound=Callable[..., Any])

_CHOICE = re.compile(r"<any\(([^)]*)\):(\w+)>")
_NAVIGATION_NAME = "navigation_name"
_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")


def addresses(url_map: Map) -> Iterator[tuple[str, dict[str, str], Rule]]:
    """Yield each address as OpenAPI writes it, ``/data/id/{file}``, with the variables that it fixes, and its rule.

    A rule with ``<any(id, source):kind>`` has one address for each of the words.
    """
    for rule in url_map.iter_rules():
        choices = [(name, words.split(", ")) for words, name in _CHOICE.findall(rule.rule)]
        for chosen in product(*(words for _, words in choices)):
            words = iter(chosen)
            address = _CHOICE.sub(lambda _, words=words: next(words), rule.rule)  # type: ignore[misc]
            fixed = {name: word for (name, _), word in zip(choices, chosen, strict=True)}
            yield _VARIABLE.sub(r"{\1}", address), fixed, rule


def first_segments(url_map: Map) -> frozenset[str]:
    """Return the first segments of all addresses, ``""`` for the home page."""
    return frozenset(address.split("/")[1] for address, _, _ in addresses(url_map))


def in_navigation(name: str) -> Callable[[View], View]:
    """Put a view into the navigation of all pages, under a name."""

    def attach(view: View) -> View:
        setattr(view, _NAVIGATION_NAME, name)
        return view

    return attach


def navigation(app: Flask) -> list[tuple[str, str]]:
    """Return address and name of what is in the navigation, in the order in which the views were registered."""
    views = ((rule.rule, app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules())
    return [(address, getattr(view, _NAVIGATION_NAME)) for address, view in views if hasattr(view, _NAVIGATION_NAME)]
