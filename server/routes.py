"""The addresses that an application answers at, as OpenAPI writes them, read from its own URL map."""

import re
from collections.abc import Iterator
from itertools import product

from werkzeug.routing import Map, Rule

__all__ = ["addresses", "first_segments"]

_CHOICE = re.compile(r"<any\(([^)]*)\):(\w+)>")
_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")


def addresses(url_map: Map) -> Iterator[tuple[str, dict[str, str], Rule]]:
    """Yield each address, such as ``/data/id/{file}``, with the variables that it fixes and its rule.

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
