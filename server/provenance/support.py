"""Who says a thing, who says otherwise and who says nothing: the sources behind each value of one property."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from server.presentation.nodes import Node
from server.provenance.evidence import Citation, Evidence

__all__ = [
    "Backing",
    "Inferred",
    "Said",
    "backing_of_facts",
    "backing_of_sources",
    "backings",
    "exact",
    "less_exact",
]

_Key = TypeVar("_Key", bound=Hashable)

_TIMES = ("xsd:date", "xsd:gYear", "xsd:gYearMonth", "xsd:gMonth", "xsd:dateTime")


@dataclass(frozen=True)
class Said:
    """What one source gives instead of a value, or besides it.

    :param source: the source document
    :param values: what it gives
    """

    source: Node
    values: tuple[Node, ...]


@dataclass(frozen=True)
class Inferred:
    """Why a statement holds that no file states.

    :param rule: what follows by, in words, or ``""``
    :param premises: the stated statements that it follows from, each as subject, predicate and object, with citations
    :param address: of the page with the whole proof, or ``""``
    """

    rule: str = ""
    premises: tuple[tuple[tuple[Node, Node, Node], tuple[Citation, ...]], ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Backing:
    """What is behind a statement.

    :param citations: passages and derivations
    :param voices: independent voices that state it; copies of one release are one
    :param otherwise: sources that give other values and not this one
    :param silent: sources that give no value
    :param copies: sources that carry a copy of one that states it, and add no voice
    :param differs: the other values contradict this one
    :param documents: the named graphs that state it, where no passage is cited for it
    :param inferred: why it holds, where a reasoner concluded it and no file states it
    :param defined: the ontology says it, which needs no source
    """

    citations: tuple[Citation, ...] = ()
    voices: tuple[Node, ...] = ()
    otherwise: tuple[Said, ...] = ()
    silent: tuple[Node, ...] = ()
    copies: tuple[Node, ...] = ()
    differs: bool = False
    documents: tuple[Node, ...] = ()
    inferred: Inferred | None = None
    defined: bool = False

    @property
    def tells(self) -> bool:
        """There is something behind the statement."""
        return bool(self.citations or self.documents or self.inferred or self.defined)

    @property
    def derived(self) -> bool:
        """No text states it; the editors concluded it."""
        return bool(self.citations) and all(citation.derived for citation in self.citations)


def backings(
    values: Mapping[_Key, tuple[Node, tuple[Citation, ...]]], evidence: Evidence, *, one_valued: bool
) -> dict[_Key, Backing]:
    """Return the backing of each value of one property of one thing.

    :param values: a value -> its node and citations
    :param one_valued: other values contradict it
    """
    given: dict[str, list[_Key]] = defaultdict(list)
    for key, (_, citations) in values.items():
        for source in {source for citation in citations for source in citation.sources}:
            given[source].append(key)
    silent = _silent((citation for _, citations in values.values() for citation in citations), evidence)
    found = {}
    for key, (node, citations) in values.items():
        others = {
            source: [values[other][0] for other in keys]
            for source, keys in given.items()
            if key not in keys and citations
        }
        compatible = one_valued and all(less_exact(node, other) for nodes in others.values() for other in nodes)
        found[key] = Backing(
            citations,
            _voices(citations, evidence),
            tuple(
                Said(source, tuple(others[source.iri]))
                for source in evidence.sources
                if source.iri is not None and source.iri in others
            ),
            silent if citations else (),
            _copies(citations, evidence),
            differs=one_valued and bool(others) and not compatible,
        )
    return found


def backing_of_facts(citations: tuple[Citation, ...], evidence: Evidence) -> Backing:
    """Return the backing of something that one or several sources report, of which the others say nothing."""
    return Backing(
        citations,
        _voices(citations, evidence),
        silent=_silent(citations, evidence),
        copies=_copies(citations, evidence),
    )


def backing_of_sources(citations: tuple[Citation, ...], evidence: Evidence) -> Backing:
    """Return the backing of what a source says of itself, on which nobody expects the others to speak."""
    return Backing(citations, _voices(citations, evidence))


def less_exact(one: Node, other: Node) -> bool:
    """Tell whether two dates can both be true, as one only says less: ``2025-09`` and ``2025-09-12``."""
    return _covers(one, other) or _covers(other, one)


def exact(nodes: Sequence[Node]) -> list[Node]:
    """Return the nodes without those dates that only say less than another one of them."""
    return [node for node in nodes if not any(_covers(node, other) for other in nodes if other != node)]


def _covers(less: Node, more: Node) -> bool:
    """Tell whether a date says what another one says, less exactly: its month, its year, or a month of any year."""
    if not (less.datatype in _TIMES and more.datatype in _TIMES):
        return False
    return more.text.startswith(less.text) or (less.text.startswith("--") and more.text[4:7] == less.text[1:4])


def _silent(citations: Iterable[Citation], evidence: Evidence) -> tuple[Node, ...]:
    """Return the sources that none of some citations draws from, nor copies a source of, where any source is cited."""
    named = {source for citation in citations for source in citation.drawn_from}
    named |= {copy for copy, original in evidence.copies if original in named}
    return tuple(source for source in evidence.sources if named and source.iri not in named)


def _copies(citations: Iterable[Citation], evidence: Evidence) -> tuple[Node, ...]:
    """Return the sources that carry a copy of a cited one and are not cited themselves."""
    named = {source for citation in citations for source in citation.sources}
    copying = {copy for copy, original in evidence.copies if original in named and copy not in named}
    return tuple(source for source in evidence.sources if source.iri in copying)


def _voices(citations: Iterable[Citation], evidence: Evidence) -> tuple[Node, ...]:
    heard = {voice for citation in citations for voice in citation.voices}
    return tuple(sorted((evidence.voices[voice] for voice in heard), key=lambda node: node.text))
