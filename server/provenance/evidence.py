"""The evidence of a generation, read once: passages and derivations, their sources, and the voices in them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal

from kb.rdf.terms import Term
from server.presentation.nodes import Node, Nodes
from server.stored_queries.lookups import LookUp, Row, text_of

__all__ = ["Citation", "Evidence", "read_evidence"]

_LONGEST_SHORT_NAME = 16


@dataclass(frozen=True)
class Citation:
    """A passage, a derivation or a work of reference, as pages cite it.

    :param node: the passage, the derivation, or the work of reference
    :param source: the source document of a passage, or None
    :param short: short name of that source
    :param number: number of a passage's paragraph in its source, or ``""``
    :param derived: it is a derivation: no text states the fact, it follows from several passages
    :param reason: why it follows, or ``""``
    :param rests_on: the passages that a derivation rests on
    :param voices: IRIs of the voices that speak in the passage
    """

    node: Node
    source: Node | None = None
    short: str = ""
    number: str = ""
    derived: bool = False
    reason: str = ""
    rests_on: tuple["Citation", ...] = ()
    voices: frozenset[str] = frozenset()

    @property
    def sources(self) -> frozenset[str]:
        """IRIs of the sources that it speaks for: a passage's own, or the only one that a derivation draws on."""
        found = self.drawn_from
        return found if len(found) == 1 else frozenset()

    @property
    def drawn_from(self) -> frozenset[str]:
        """IRIs of all sources that it draws on: a passage's own, or those of a derivation's passages."""
        sources = (passage.source for passage in (self, *self.rests_on))
        return frozenset(source.iri for source in sources if source and source.iri)

    @property
    def order(self) -> tuple[bool, str, int, str]:
        """Sorting key: passages by source and number, then derivations."""
        number = int(self.number) if self.number.isdecimal() else 0
        return (self.derived, self.source.iri or "" if self.source else "", number, self.node.iri or self.node.text)


@dataclass(frozen=True)
class Evidence:
    """All evidence of a generation.

    :param sources: the source documents, by their IRIs
    :param short_names: IRI of a source -> its short name
    :param voices: IRI of a voice -> the voice
    :param copies: IRIs of a source that carries a copy, and of the source that it copies
    :param one_valued: IRIs of the properties that have one true value, so that different values contradict each other
    """

    sources: tuple[Node, ...]
    short_names: Mapping[str, str]
    voices: Mapping[str, Node]
    copies: frozenset[tuple[str, str]]
    one_valued: frozenset[str]
    _citations: Mapping[Term, Citation] = field(repr=False)
    _nodes: Nodes = field(repr=False)

    def passage(self, term: Term) -> Citation | None:
        """Return a passage of a source, or None for anything else."""
        found = self._citations.get(term)
        return found if found and found.source else None

    def citations(self, evidence: Iterable[Term]) -> tuple[Citation, ...]:
        """Return the citations of some evidence, each once, in the order of reading."""
        found = (self._citations.get(term) or Citation(self._nodes.of(term)) for term in dict.fromkeys(evidence))
        return tuple(sorted(found, key=lambda citation: citation.order))


def read_evidence(look_up: LookUp, nodes: Nodes) -> Evidence:
    """Read the sources, passages and derivations of a generation: five queries."""
    sources = {row["source"]: row for row in look_up.rows("sources")}
    short = {_iri(source): _short_name(row, nodes) for source, row in sources.items()}
    rows = look_up.rows("passages")
    voices = {_iri(row["voice"]): nodes.of(row["voice"]) for row in rows if "voice" in row}
    passages = _passages(rows, nodes, short)
    copies = frozenset((_iri(row["copy"]), _iri(row["original"])) for row in look_up.rows("copies"))
    one_valued = frozenset(_iri(row["property"]) for row in look_up.rows("one-valued"))
    citations = passages | _derivations(look_up, nodes, passages)
    in_order = tuple(sorted(map(nodes.of, sources), key=lambda node: node.iri or ""))
    return Evidence(in_order, short, voices, copies, one_valued, citations, nodes)


def _passages(rows: Iterable[Row], nodes: Nodes, short: Mapping[str, str]) -> dict[Term, Citation]:
    sources: dict[Term, Node] = {}
    heard: dict[Term, set[str]] = defaultdict(set)
    found: dict[Term, Row] = {}
    for row in rows:
        sources.setdefault(row["source"], nodes.of(row["source"]))
        found.setdefault(row["passage"], row)
        if "voice" in row:
            heard[row["passage"]].add(_iri(row["voice"]))
    return {
        passage: Citation(
            nodes.of(passage),
            sources[row["source"]],
            short.get(_iri(row["source"]), sources[row["source"]].text),
            text_of(row["number"]) if "number" in row else "",
            voices=frozenset(heard[passage]),
        )
        for passage, row in found.items()
    }


def _derivations(look_up: LookUp, nodes: Nodes, passages: Mapping[Term, Citation]) -> dict[Term, Citation]:
    reasons: dict[Term, str] = {}
    rests_on: dict[Term, list[Citation]] = defaultdict(list)
    for row in look_up.rows("derivations"):
        reasons[row["derivation"]] = text_of(row["reason"]) if "reason" in row else ""
        if "passage" in row and row["passage"] in passages:
            rests_on[row["derivation"]].append(passages[row["passage"]])
    return {
        derivation: Citation(
            nodes.of(derivation),
            derived=True,
            reason=reason,
            rests_on=tuple(sorted(rests_on[derivation], key=lambda citation: citation.order)),
        )
        for derivation, reason in reasons.items()
    }


def _short_name(row: Row, nodes: Nodes) -> str:
    """Return what stands for a source in a superscript: its byline, its publisher or its agency."""
    named = [nodes.of(row[name]).text for name in ("other", "byline", "publisher", "agency") if name in row]
    return next((name for name in named if len(name) <= _LONGEST_SHORT_NAME), nodes.of(row["source"]).text)


def _iri(term: Term) -> str:
    return "" if isinstance(term, Literal) else text_of(term)
