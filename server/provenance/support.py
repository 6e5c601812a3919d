"""Which sources support a value, which give another one, and which are silent."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from kb.dates import says_less
from kb.rdf.terms import Statement
from server.presentation.nodes import Node
from server.provenance.evidence import Citation, Evidence, Justification

__all__ = ["Inferred", "Quotable", "Support", "Value", "compared", "most_exact", "support_by"]

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True)
class Inferred:
    """Why a statement holds that is only inferred.

    :param rule: the rule that concludes it, in words, or ``""``
    :param premises: the asserted statements that it follows from, in three nodes each, with what they rest on
    :param address: of the page with the whole proof, or ``""``
    :param statement: what holds, or None
    """

    rule: str = ""
    premises: tuple[tuple[tuple[Node, Node, Node], tuple[Justification, ...]], ...] = ()
    address: str = ""
    statement: Statement | None = None


@dataclass(frozen=True)
class Support:
    """What a value rests on.

    :param alternatives: the evidence for it, each of them enough by itself
    :param choice: by which the editors prefer this value to others that sources give, or discard it, or None
    :param rank: ``preferred`` or ``deprecated``, as they chose, or ``""``
    :param origins: independent origins of it; copies of one release have one
    :param otherwise: sources that give other values and not this one, each with these
    :param silent: sources that give no value
    :param copies: sources that carry a copy of one that states it, and have no origin of their own
    :param differs: the other values contradict this one
    :param documents: the named graphs that state it, where no evidence is given for it
    :param inferred: why it holds, where it is only inferred
    :param defined: the ontology says it, which needs no source
    """

    alternatives: tuple[Justification, ...] = ()
    choice: Citation | None = None
    rank: str = ""
    origins: tuple[Node, ...] = ()
    otherwise: tuple[tuple[Node, tuple[Node, ...]], ...] = ()
    silent: tuple[Node, ...] = ()
    copies: tuple[Node, ...] = ()
    differs: bool = False
    documents: tuple[Node, ...] = ()
    inferred: Inferred | None = None
    defined: bool = False

    def __bool__(self) -> bool:
        """Return whether anything supports the value."""
        return bool(self.alternatives or self.documents or self.inferred or self.defined)

    @property
    def stated(self) -> bool:
        """Whether a text states it, so that nobody had to conclude it."""
        return any(justification.quotes for justification in self.alternatives)

    @property
    def sources(self) -> frozenset[str]:
        """IRIs of the sources that its alternatives speak for."""
        return frozenset(source for justification in self.alternatives for source in justification.sources)

    @property
    def texts(self) -> tuple[Node, ...]:
        """The source documents in whose passages it can be read, its premises where it is inferred."""
        premises = self.inferred.premises if self.inferred else ()
        cited = [*self.alternatives, *(found for _, alternatives in premises for found in alternatives)]
        passages = (passage for found in cited for piece in found.pieces for passage in (piece, *piece.rests_on))
        return tuple(dict.fromkeys(passage.source for passage in passages if passage.source))

    @property
    def of_one_source(self) -> "Support":
        """The same for what a source says of itself, where nobody expects the others to speak."""
        return replace(self, silent=(), copies=())


@dataclass(frozen=True)
class Quotable:
    """A statement that has a page of its own, on which it says how it is cited.

    :param words: the statement
    :param address: of the page
    :param voice: whose words its value is, see `server.presentation.voices`
    """

    words: str
    address: str
    voice: str = ""


@dataclass(frozen=True)
class Value:
    """A value with its support: the object of a statement, or its subject where the page is about the object.

    :param voice: whose words it is, see `server.presentation.voices`
    :param quotable: the statements that give it, as far as they can be cited
    """

    node: Node
    support: Support
    voice: str = ""
    quotable: tuple[Quotable, ...] = ()


def support_by(alternatives: tuple[Justification, ...], evidence: Evidence) -> Support:
    """Return the support of something by its evidence, on which the sources that are not cited are silent."""
    origins = {origin for justification in alternatives for origin in justification.origins}
    named = {source for justification in alternatives for source in justification.sources}
    copying = {copy for copy, original in evidence.copies if original in named and copy not in named}
    return Support(
        alternatives,
        origins=tuple(sorted((evidence.origins[origin] for origin in origins), key=lambda node: node.text)),
        silent=_silent(alternatives, evidence),
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
        for source in support.sources:
            given[source].append(key)
    silent = _silent((found for support in supports.values() for found in support.alternatives), evidence)
    found = dict(supports)
    for key, support in supports.items():
        if support.alternatives:
            others = {source: [nodes[other] for other in keys] for source, keys in given.items() if key not in keys}
            differs = any(
                not (_covers(nodes[key], node, evidence) or _covers(node, nodes[key], evidence))
                for values in others.values()
                for node in values
            )
            otherwise = tuple(
                (source, tuple(others[source.iri]))
                for source in evidence.sources
                if source.iri and source.iri in others
            )
            found[key] = replace(support, otherwise=otherwise, silent=silent, differs=one_valued and differs)
    return found


def most_exact(nodes: Sequence[Node], evidence: Evidence) -> list[Node]:
    """Return the nodes without those that only say less than another one of them: a month of a day, a state's town."""
    return [node for node in nodes if not any(_covers(node, other, evidence) for other in nodes if other != node)]


def _covers(less: Node, more: Node, evidence: Evidence) -> bool:
    """Return whether a value is a less exact form of another one: both can be true.

    A date says less than one that lies within it, `kb.dates.says_less`; a place says less than one that lies within it.
    """
    if less.iri and more.iri:
        return (more.iri, less.iri) in evidence.within
    return says_less(less.date, more.date)


def _silent(alternatives: Iterable[Justification], evidence: Evidence) -> tuple[Node, ...]:
    """Return the sources on which no evidence draws, directly or as a copy; none where no source is cited."""
    named = {source for justification in alternatives for source in justification.drawn_from}
    named |= {copy for copy, original in evidence.copies if original in named}
    return tuple(source for source in evidence.sources if named and source.iri not in named)
