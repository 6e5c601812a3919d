"""The evidence of a generation, read once: passages, derivations, choices, works of reference, and their origins."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pyoxigraph import Literal

from kb.namespaces import CONCEPT
from kb.rdf.terms import Term
from server.presentation.nodes import Node, Nodes
from server.stored_queries.lookups import LookUp, Row, text_of

__all__ = ["Citation", "Evidence", "Justification", "Publication", "read_evidence"]

_LONGEST_SHORT_NAME = 16


@dataclass(frozen=True)
class Citation:
    """A piece of evidence, as pages cite it.

    :param node: the piece: a passage, a derivation, an editorial choice, an identification, a work of reference
    :param basis: ``stated``, ``derived``, ``reference`` or ``editorial``; ``""`` for what the data say nothing about
    :param source: the source document of a passage, or None
    :param short: short name of that source
    :param paragraph: number of a passage in its source, or ``""``
    :param strength: how strongly a derivation or an identification holds, in a word, or ``""``
    :param reason: why it holds, or ``""``
    :param rests_on: the passages that it rests on, all of them together
    :param origins: IRIs of the origins of a passage
    :param identifies: the things that an identification is about
    :param name: the name under which a source speaks of them, or ``""``
    :param named_in: the sources that speak of them under it
    """

    node: Node
    basis: str = ""
    source: Node | None = None
    short: str = ""
    paragraph: str = ""
    strength: str = ""
    reason: str = ""
    rests_on: tuple["Citation", ...] = ()
    origins: frozenset[str] = frozenset()
    identifies: tuple[Node, ...] = ()
    name: str = ""
    named_in: tuple[Node, ...] = ()

    @property
    def drawn_from(self) -> frozenset[str]:
        """IRIs of all sources that it draws on: a passage's own, or those of the passages that it rests on."""
        sources = (passage.source for passage in (self, *self.rests_on))
        return frozenset(source.iri for source in sources if source and source.iri)

    @property
    def order(self) -> tuple[bool, str, int, str]:
        """Sorting key: passages by source and number, then all else."""
        number = int(self.paragraph) if self.paragraph.isdecimal() else 0
        source = (self.source.iri or "") if self.source else ""
        return (self.source is None, source, number, self.node.iri or self.node.text)


@dataclass(frozen=True)
class Justification:
    """What is enough by itself for a statement.

    :param pieces: the evidence in it, all of it needed together, in the order of reading
    """

    pieces: tuple[Citation, ...]

    @property
    def identifications(self) -> tuple[Citation, ...]:
        """The identifications that are needed besides other evidence, or alone."""
        return tuple(piece for piece in self.pieces if piece.identifies)

    @property
    def grounds(self) -> tuple[Citation, ...]:
        """The pieces besides identifications, which say what a name means, or these where there are no others."""
        return tuple(piece for piece in self.pieces if not piece.identifies) or self.pieces

    @property
    def quotes(self) -> bool:
        """Whether its grounds are passages: a text says it, of what its name is identified as where that is needed."""
        return all(piece.basis == "stated" for piece in self.grounds)

    @property
    def of_editors(self) -> bool:
        """Whether no source speaks in it: it is a choice of the editors, or what they take two names to mean."""
        return all(piece.basis == "editorial" for piece in self.pieces)

    @property
    def basis(self) -> str:
        """The basis that all pieces have, derived for several: see `Citation.basis`."""
        bases = {piece.basis for piece in self.pieces if piece.basis}
        return "derived" if len(bases) > 1 else next(iter(bases), "")

    @property
    def drawn_from(self) -> frozenset[str]:
        """IRIs of all sources that its grounds draw on."""
        return frozenset(source for piece in self.grounds for source in piece.drawn_from)

    @property
    def sources(self) -> frozenset[str]:
        """IRI of the source that it speaks for: the only one that it draws on, or none where there are several."""
        return self.drawn_from if len(self.drawn_from) == 1 else frozenset()

    @property
    def origins(self) -> frozenset[str]:
        """IRIs of the origins of its passages, and of those that a derivation from one source rests on."""
        passages = [cited for piece in self.grounds for cited in (piece, *(piece.rests_on if self.sources else ()))]
        return frozenset(origin for cited in passages for origin in cited.origins)

    @property
    def order(self) -> tuple[tuple[bool, str, int, str], ...]:
        """Sorting key: those that begin with a passage first."""
        return tuple(piece.order for piece in self.pieces)


@dataclass(frozen=True)
class Publication:
    """Where and when a source document appeared.

    :param date: when, as it says itself, or None
    :param address: where the public can read it, or None
    """

    date: Node | None = None
    address: Node | None = None

    @property
    def site(self) -> str:
        """Name of the host of the address, or ``""``."""
        return (urlsplit(self.address.href or "").hostname or "").removeprefix("www.") if self.address else ""


@dataclass(frozen=True)
class Evidence:
    """All evidence of a generation.

    :param sources: the source documents, by their IRIs
    :param short_names: IRI of a source -> its short name
    :param published: IRI of a source -> where and when it appeared
    :param origins: IRI of an origin -> the origin
    :param copies: IRIs of a source that carries a copy, and of the source that it copies
    :param one_valued: IRIs of the properties that have one true value, so that different values contradict each other
    :param within: IRIs of a place, and of a place in which it lies
    """

    sources: tuple[Node, ...]
    short_names: Mapping[str, str]
    published: Mapping[str, Publication]
    origins: Mapping[str, Node]
    copies: frozenset[tuple[str, str]]
    one_valued: frozenset[str]
    within: frozenset[tuple[str, str]]
    _citations: Mapping[Term, Citation] = field(repr=False)
    _nodes: Nodes = field(repr=False)

    def passage(self, term: Term) -> Citation | None:
        """Return a passage of a source, or None for anything else."""
        found = self._citations.get(term)
        return found if found and found.source else None

    def knows(self, term: Term) -> bool:
        """Return whether a term is a piece of evidence."""
        return term in self._citations

    def is_of_sources(self, term: Term) -> bool:
        """Return whether a term is more than a decision of the editors."""
        found = self._citations.get(term)
        return found is None or found.basis != "editorial"

    def citations(self, evidence: Iterable[Term]) -> tuple[Citation, ...]:
        """Return the citations of some evidence, each once, in the order of reading."""
        found = (self._citations.get(term) or Citation(self._nodes.of(term)) for term in dict.fromkeys(evidence))
        return tuple(sorted(found, key=lambda citation: citation.order))

    def alternatives(self, groups: Iterable[Iterable[Term]]) -> tuple[Justification, ...]:
        """Return the justifications that some groups of evidence are, each once, in the order of reading."""
        found = dict.fromkeys(Justification(self.citations(group)) for group in groups)
        return tuple(sorted(found, key=lambda justification: justification.order))


def read_evidence(look_up: LookUp, nodes: Nodes) -> Evidence:
    """Read the sources, the passages and all other evidence of a generation: six queries."""
    sources = {row["source"]: row for row in look_up.rows("sources")}
    short = {_iri(source): _short_name(row, nodes) for source, row in sources.items()}
    rows = look_up.rows("passages")
    passages = _passages(rows, nodes, short)
    return Evidence(
        tuple(sorted(map(nodes.of, sources), key=lambda node: node.iri or "")),
        short,
        {
            _iri(source): Publication(_node(row, "date", nodes), _node(row, "address", nodes))
            for source, row in sources.items()
        },
        {_iri(row["origin"]): nodes.of(row["origin"]) for row in rows if "origin" in row},
        frozenset((_iri(row["copy"]), _iri(row["original"])) for row in look_up.rows("copies")),
        frozenset(_iri(row["property"]) for row in look_up.rows("one-valued")),
        frozenset((_iri(row["place"]), _iri(row["around"])) for row in look_up.rows("places-within")),
        passages | _editors(look_up.rows("evidence-besides-passages"), nodes, passages),
        nodes,
    )


def _passages(rows: Iterable[Row], nodes: Nodes, short: Mapping[str, str]) -> dict[Term, Citation]:
    origins: dict[Term, set[str]] = defaultdict(set)
    found: dict[Term, Row] = {}
    for row in rows:
        found.setdefault(row["passage"], row)
        if "origin" in row:
            origins[row["passage"]].add(_iri(row["origin"]))
    return {
        passage: Citation(
            nodes.of(passage),
            "stated",
            nodes.of(row["source"]),
            short.get(_iri(row["source"]), nodes.of(row["source"]).text),
            text_of(row["paragraph"]) if "paragraph" in row else "",
            origins=frozenset(origins[passage]),
        )
        for passage, row in found.items()
    }


def _editors(rows: Iterable[Row], nodes: Nodes, passages: Mapping[Term, Citation]) -> dict[Term, Citation]:
    """Return the evidence that is no passage."""
    bases: dict[Term, str] = {}
    said: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        bases[row["evidence"]] = _iri(row["basis"]).removeprefix(CONCEPT)
        if "property" in row:
            said[row["evidence"]][_iri(row["property"]).rpartition("#")[2]].append(row["value"])
    return {term: _of_editors(nodes.of(term), basis, said[term], nodes, passages) for term, basis in bases.items()}


def _of_editors(
    node: Node, basis: str, said: Mapping[str, list[Term]], nodes: Nodes, passages: Mapping[Term, Citation]
) -> Citation:
    def text(name: str) -> str:
        return next((nodes.of(value).text for value in said.get(name, ())), "")

    def things(name: str) -> tuple[Node, ...]:
        return tuple(sorted(map(nodes.of, said.get(name, ())), key=lambda node: node.text))

    rests_on = sorted((passages[term] for term in said.get("restsOn", ()) if term in passages), key=lambda c: c.order)
    identified = things("concerns") if "source" in said else ()  # a choice between sources is about none
    return Citation(
        node,
        basis,
        strength=text("strength"),
        reason=text("reason"),
        rests_on=tuple(rests_on),
        identifies=identified,
        name=text("underName"),
        named_in=things("source"),
    )


def _short_name(row: Row, nodes: Nodes) -> str:
    """Return what stands for a source in a superscript: its byline, its publisher or its agency."""
    named = [nodes.of(row[name]).text for name in ("other", "byline", "publisher", "agency") if name in row]
    return next((name for name in named if len(name) <= _LONGEST_SHORT_NAME), nodes.of(row["source"]).text)


def _node(row: Row, name: str, nodes: Nodes) -> Node | None:
    return nodes.of(row[name]) if name in row else None


def _iri(term: Term) -> str:
    return "" if isinstance(term, Literal) else text_of(term)
