"""Names of things: what to show for an IRI, and which IRI a person means by a name."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Store
from rapidfuzz import fuzz, process

from kb.errors import AmbiguousName, UnknownName
from kb.folding import fold
from kb.namespaces import PREFIXES, SOURCE, shorten
from kb.sparql.query import evaluate_stored

__all__ = ["cut", "display", "labels", "resolve"]

#: The ranks that names.rq gives to labels.
_LABELS = range(10)
_NO_LANGUAGE = 1
_PASSAGE = re.compile(rf"{re.escape(str(SOURCE))}([^#/]+)#p(\d+)")
#: How names are compared, the second where the first finds none, and from which score (of 100) a name is worth showing:
#: as a whole, which finds misspellings; then in parts, which finds the beginning of a long name.
_SIMILARITY = ((fuzz.ratio, 70), (fuzz.WRatio, 88))


class _Name(NamedTuple):
    """A name that a dataset gives a thing; the least of its names is the best label.

    :param foreign: 0 for English, `_NO_LANGUAGE` for none, 2 for any other
    :param rank: of the property that gives it (see names.rq): one digit for labels, two for other names
    """

    foreign: int
    rank: int
    text: str
    iri: str


def labels(store: Store) -> dict[str, str]:
    """Return the label of each thing in the default graph: IRI -> label.

    English comes first, then no language, then any other; `skos:prefLabel` before `rdfs:label` before the names of
    other vocabularies.
    """
    return {name.iri: name.text for name in reversed(_names(store)) if name.rank in _LABELS}


def display(iri: str, label_of: Mapping[str, str]) -> str:
    """Return what to show for an IRI: ``nst-2025-09-12 ¶7`` for a passage, else its label, its CURIE, or itself."""
    passage = _PASSAGE.fullmatch(iri)
    return f"{passage[1]} ¶{passage[2]}" if passage else label_of.get(iri) or shorten(iri)


def cut(text: str, most: int) -> str:
    """Return a text, or the beginning of one that is longer than a number of characters, with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def resolve(store: Store, name: str) -> str:
    """Return the IRI of the thing in the default graph that a person means.

    :param name: its IRI, its CURIE (a passage is ``nst-2025-09-12:p7``), a label or other name of it, or the last part
        of its IRI; upper case, marks on letters and white space do not matter in names
    :raises AmbiguousName: when several things have the name; a label in English or in no language goes before other
        names, among them labels in other languages
    :raises UnknownName: when none has, with the most similar names
    """
    for iri in _iris(name):
        if _occurs(store, iri):
            return iri
    names, folded = _names(store), fold(name)
    named = [known for known in names if fold(known.text) == folded]
    in_labels = {known.iri for known in named if known.rank in _LABELS and known.foreign <= _NO_LANGUAGE}
    in_others = {known.iri for known in named}
    in_iris = {known.iri for known in names if re.split("[/#]", known.iri)[-1].lower() == name.lower()}
    found = in_labels or in_others or in_iris
    if len(found) > 1:
        raise AmbiguousName("thing", name, [shorten(iri) for iri in sorted(found)])
    for iri in found:
        return iri
    raise UnknownName("thing", name, _similar(names, name))


def _names(store: Store) -> list[_Name]:
    """Return the names of all things, sorted."""
    names: list[_Name] = []
    for thing, name, rank in map(dict.values, evaluate_stored(store, "names")):
        if isinstance(thing, NamedNode) and isinstance(name, Literal) and isinstance(rank, Literal):
            language = (name.language or "").partition("-")[0]
            names.append(_Name({"en": 0, "": _NO_LANGUAGE}.get(language, 2), int(rank.value), name.value, thing.value))
    return sorted(names)


def _iris(name: str) -> Iterator[str]:
    """Yield the IRIs that a name is when it is an IRI or a CURIE."""
    yield name.removeprefix("<").removesuffix(">")
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES:
        yield PREFIXES[prefix] + local
    elif colon:
        yield f"{SOURCE}{prefix}#{local}"


def _occurs(store: Store, iri: str) -> bool:
    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    patterns = ((node, None, None), (None, None, node), (None, node, None))
    return any(next(store.quads_for_pattern(*pattern), None) for pattern in patterns)


def _similar(names: list[_Name], name: str) -> list[str]:
    shown = {fold(known.text): known.text for known in names}
    shown |= {fold(shorten(known.iri)): shorten(known.iri) for known in names} if ":" in name else {}
    matches: list[str] = []
    for scorer, least in _SIMILARITY:
        matches = matches or [
            text for text, *_ in process.extract(fold(name), list(shown), scorer=scorer, score_cutoff=least, limit=3)
        ]
    return [shown[text] for text in matches]
