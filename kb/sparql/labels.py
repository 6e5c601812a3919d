"""Names of things: what to show for an IRI, and which IRI a person means by a name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Store
from rapidfuzz import fuzz, process

from kb.errors import AmbiguousName, UnknownName
from kb.folding import fold
from kb.namespaces import PREFIXES, SOURCE, shorten
from kb.sparql.query import evaluate_stored

__all__ = ["display", "labels", "resolve"]

_PASSAGE = re.compile(rf"{re.escape(str(SOURCE))}([^#/]+)#p(\d+)")
#: How names are compared, the second where the first finds none, and from which score (of 100) a name is worth showing:
#: as a whole, which finds misspellings; then in parts, which finds the beginning of a long name.
_SIMILARITY = ((fuzz.ratio, 70), (fuzz.WRatio, 88))


@dataclass(frozen=True)
class _Name:
    """A name that a dataset gives a thing; the lower the rank, the better it is as its label (see names.rq)."""

    iri: str
    text: str
    language: str
    rank: int

    @property
    def is_label(self) -> bool:
        return self.rank < 10  # noqa: PLR2004  names.rq gives labels one digit

    @property
    def order(self) -> tuple[int, int, str]:
        """English before no language before the others; then the better property; then the alphabet."""
        language = self.language.partition("-")[0]
        return (("en", "").index(language) if language in ("en", "") else 2, self.rank, self.text)


def labels(store: Store) -> dict[str, str]:
    """Return the label of each thing in the default graph: IRI -> label.

    English comes first, then no language, then any other; `skos:prefLabel` before `rdfs:label` before the names of
    other vocabularies.
    """
    best: dict[str, _Name] = {}
    for name in _names(store):
        if name.is_label and (name.iri not in best or name.order < best[name.iri].order):
            best[name.iri] = name
    return {iri: name.text for iri, name in best.items()}


def display(iri: str, label_of: Mapping[str, str]) -> str:
    """Return what to show for an IRI: ``nst-2025-09-12 ¶7`` for a passage, else its label, its CURIE, or itself."""
    passage = _PASSAGE.fullmatch(iri)
    return f"{passage[1]} ¶{passage[2]}" if passage else label_of.get(iri) or shorten(iri)


def resolve(store: Store, name: str) -> str:
    """Return the IRI of the thing in the default graph that a person means.

    :param name: its IRI, its CURIE (a passage is ``nst-2025-09-12:p7``), a label or other name of it, or the last part
        of its IRI; upper case, marks on letters and white space do not matter in names
    :raises AmbiguousName: when several things have the name; a label goes before other names
    :raises UnknownName: when none has, with the most similar names
    """
    for iri in _iris(name):
        if _occurs(store, iri):
            return iri
    names = list(_names(store))
    in_labels = {known.iri for known in names if known.is_label and fold(known.text) == fold(name)}
    in_others = {known.iri for known in names if not known.is_label and fold(known.text) == fold(name)}
    in_iris = {known.iri for known in names if re.split("[/#]", known.iri)[-1].lower() == name.lower()}
    found = in_labels or in_others or in_iris
    if len(found) > 1:
        raise AmbiguousName("thing", name, [shorten(iri) for iri in sorted(found)])
    for iri in found:
        return iri
    raise UnknownName("thing", name, _similar(names, name))


def _names(store: Store) -> Iterator[_Name]:
    for thing, name, language, rank in evaluate_stored(store, "names"):
        if isinstance(thing, NamedNode) and isinstance(name, Literal):
            yield _Name(thing.value, name.value, language.value, int(rank.value))


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
