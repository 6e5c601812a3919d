"""Which sources support a value, which give another one, and which are silent."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from server.presentation.nodes import Node
from server.provenance.evidence import Citation, Evidence

__all__ = ["Inferred", "Support", "Value", "compared", "most_exact", "support_by"]

_Key = TypeVar("_Key", bound=Hashable)

_DATES = ("xsd:date", "xsd:gYear", "xsd:gYearMonth", "xsd:gMonth", "xsd:dateTime")


@dataclass(frozen=True)
class Inferred:
    """Why a statement holds that is only inferred.

    :param rule: the rule that concludes it, in words, or ``""``
    :param premises: the asserted statements that it follows from: subject, predicate and object, with citations
    :param address: of the page with the whole proof, or ``""``
    """

    rule: str = ""
    premises: tuple[tuple[tuple[Node, Node, Node], tuple[Citation, ...]], ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Support:
    """What a value rests on.

    :param citations: passages and derivations
    :param voices: independent voices that state it; copies of one release are one
    :param otherwise: sources that give other values and not this one, each with these
    :param silent: sources that give no value
    :param copies: sources that carry a copy of one that states it, and add no voice
    :param differs: the other values contradict this one
    :param documents: the named graphs that state it, where no passage is cited for it
    :param inferred: why it holds, where it is only inferred
    :param defined: the ontology says it, which needs no source
    """

    citations: tuple[Citation, ...] = ()
    voices: tuple[Node, ...] = ()
    otherwise: tuple[tuple[Node, tuple[Node, ...]], ...] = ()
    silent: tuple[Node, ...] = ()
    copies: tuple[Node, ...] = ()
    differs: bool = False
    documents: tuple[Node, ...] = ()
    inferred: Inferred | None = None
    defined: bool = False

    def __bool__(self) -> bool:
        """Return whether anything supports the value."""
        return bool(self.citations or self.documents or self.inferred or self.defined)

    @property
    def derived(self) -> bool:
        """Whether no text states it: the editors concluded it."""
        return bool(self.citations) and all(citation.derived for citation in self.citations)

    @property
    def of_one_source(self) -> "Support":
        """The same for what a source says of itself, where nobody expects the others to speak."""
        return replace(self, silent=(), copies=())


@dataclass(frozen=True)
class Value:
    """A value with its support: the object of a statement, or its subject where the page is about the object."""

    node: Node
    support: Support


def support_by(citations: tuple[Citation, ...], evidence: Evidence) -> Support:
    """Return the support of something that is cited, on which the sources that are not cited are silent."""
    heard = {voice for citation in citations for voice in citation.voices}
    named = {source for citation in citations for source in citation.sources}
    copying = {copy for copy, original in evidence.copies if original in named and copy not in named}
    return Support(
        citations,
        voices=tuple(sorted((evidence.voices[voice] for voice in heard), key=lambda node: node.text)),
        silent=_silent(citations, evidence),
        copies=tuple(source for source in evidence.sources if source.iri in copying),
    )


def compared(
    nodes: Mapping[_Key, Node], supports: Mapping[_Key, Support], evidence: Evidence, *, one_valued: bool
) -> dict[_Key, Support]:
    """Return the supports of the values of one property of one thing, each with what other sources give instead.

    :param nodes: a value -> its node
    :param supports: a value -> its own support
    :param one_valued: only one value can be true, so that others contradict it
    """
    given: dict[str, list[_Key]] = defaultdict(list)
    for key, support in supports.items():
        for source in {source for citation in support.citations for source in citation.sources}:
            given[source].append(key)
    silent = _silent((citation for support in supports.values() for citation in support.citations), evidence)
    found = dict(supports)
    for key, support in supports.items():
        if support.citations:
            others = {source: [nodes[other] for other in keys] for source, keys in given.items() if key not in keys}
            differs = any(not _compatible(nodes[key], node) for values in others.values() for node in values)
            otherwise = tuple(
                (source, tuple(others[source.iri]))
                for source in evidence.sources
                if source.iri and source.iri in others
            )
            found[key] = replace(support, otherwise=otherwise, silent=silent, differs=one_valued and differs)
    return found


def most_exact(nodes: Sequence[Node]) -> list[Node]:
    """Return the nodes without those dates that only say less than another one of them."""
    return [node for node in nodes if not any(_covers(node, other) for other in nodes if other != node)]


def _compatible(one: Node, other: Node) -> bool:
    """Return whether two dates can both be true, because one only says less: ``2025-09`` and ``2025-09-12``."""
    return _covers(one, other) or _covers(other, one)


def _covers(less: Node, more: Node) -> bool:
    """Return whether a date says what another one says, less exactly: its month, its year, or a month of any year."""
    if not (less.datatype in _DATES and more.datatype in _DATES):
        return False
    return more.text.startswith(less.text) or (less.text.startswith("--") and more.text[4:7] == less.text[1:4])


def _silent(citations: Iterable[Citation], evidence: Evidence) -> tuple[Node, ...]:
    """Return the sources that no citation draws on, directly or as a copy; none where no source is cited."""
    named = {source for citation in citations for source in citation.drawn_from}
    named |= {copy for copy, original in evidence.copies if original in named}
    return tuple(source for source in evidence.sources if named and source.iri not in named)
