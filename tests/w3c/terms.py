"""RDF terms as rdflib nodes, those of RDF 1.2 too, and a reader of terms in N-Triples that is not the engine's.

rdflib has neither triple terms nor base directions: a `TripleTerm` is a node here, and the direction of a literal
stands behind its language tag, ``ar--rtl``.
"""

import re
from collections.abc import Iterator

import pyoxigraph
from pyoxigraph import BaseDirection, BlankNode, NamedNode
from rdflib import XSD, BNode, Literal, URIRef
from rdflib.term import Node

__all__ = ["TripleTerm", "from_pyoxigraph", "literal", "read_terms", "simple_terms", "to_pyoxigraph"]

#: Terms of N-Triples 1.2 (https://www.w3.org/TR/rdf12-n-triples/#sec-grammar), and numbers and booleans as in Turtle.
_TOKEN = re.compile(
    r"""[\x20\t]*(?:
    (?P<open><<\() | (?P<close>\)>>)
    | <(?P<iri>(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*)>
    | _:(?P<blank>[^\s<>"()]*[^\s<>"().])
    | "(?P<text>(?:[^"\\\n\r]|\\[tbnrf"'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*)"
      (?:@(?P<language>[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*(?:--(?:ltr|rtl))?)|\^\^<(?P<datatype>[^<>"{}|^`\\\x00-\x20]*)>)?
    | (?P<double>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+)
    | (?P<decimal>[+-]?[0-9]*\.[0-9]+) | (?P<integer>[+-]?[0-9]+)
    | (?P<boolean>true|false)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class TripleTerm(Node):
    """A triple term (https://www.w3.org/TR/rdf12-concepts/#section-triple-terms).

    :ivar parts: its subject, predicate and object
    """

    __slots__ = ("parts",)

    def __init__(self, *parts: Node) -> None:
        subject, predicate, _ = parts
        assert isinstance(subject, URIRef | BNode), subject
        assert isinstance(predicate, URIRef), predicate
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TripleTerm) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def n3(self, namespace_manager: object = None) -> str:  # noqa: ARG002  rdflib's
        return f"<<( {' '.join(part.n3() for part in self.parts)} )>>"

    __repr__ = n3


def literal(text: str, language: str | None, datatype: str | None) -> Literal:
    """Return a literal as it is written.

    :param language: its tag, with the base direction behind it
    """
    tag, _, direction = (language or "").partition("--")
    made = Literal(text, tag or None, None if language else datatype, normalize=False)
    if direction:
        made._language = language  # noqa: SLF001  no language tag for rdflib
    return made


def simple_terms(term: Node) -> Iterator[Node]:
    """Yield the terms that a term is made of."""
    if isinstance(term, TripleTerm):
        for part in term.parts:
            yield from simple_terms(part)
    else:
        yield term


def read_terms(text: str) -> tuple[Node, ...]:
    """Return the terms that a line holds, up to anything else."""
    terms, _ = _read(text, 0)
    return tuple(terms)


def _read(text: str, position: int) -> tuple[list[Node], int]:
    """Return terms up to the end of the triple term that holds them, and where that is."""
    terms: list[Node] = []
    while match := _TOKEN.match(text, position):
        position = match.end()
        match match.lastgroup:
            case "open":
                parts, position = _read(text, position)
                terms.append(TripleTerm(*parts))
            case "close":
                break
            case _:
                terms.append(_term(match))
    return terms, position


def _term(match: re.Match[str]) -> Node:
    if (iri := match["iri"]) is not None:
        return URIRef(_unescaped(iri))
    if (blank := match["blank"]) is not None:
        return BNode(blank)
    if (text := match["text"]) is not None:
        return literal(_unescaped(text), match["language"], match["datatype"])
    kind = match.lastgroup or ""
    return literal(match[kind], None, XSD[kind])


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        short, long, letter = match.groups()
        return _ESCAPED.get(letter, letter) if letter else chr(int(short or long, 16))

    return _ESCAPE.sub(character, text)


def to_pyoxigraph(term: Node) -> NamedNode | BlankNode | pyoxigraph.Literal | pyoxigraph.Triple:
    """Return the engine's term."""
    if isinstance(term, TripleTerm):
        return pyoxigraph.Triple(*map(to_pyoxigraph, term.parts))
    if isinstance(term, Literal):
        datatype = NamedNode(term.datatype) if term.datatype else None
        tag, _, direction = (term.language or "").partition("--")
        base = BaseDirection(direction) if direction else None
        return pyoxigraph.Literal(str(term), datatype=datatype, language=tag or None, direction=base)
    return BlankNode(str(term)) if isinstance(term, BNode) else NamedNode(str(term))


def from_pyoxigraph(term: NamedNode | BlankNode | pyoxigraph.Literal | pyoxigraph.Triple) -> Node:
    """Return the node of a term that the engine has read."""
    match term:
        case pyoxigraph.Triple():
            return TripleTerm(*map(from_pyoxigraph, term))
        case pyoxigraph.Literal(language=str(language), direction=direction):
            return literal(term.value, f"{language}--{direction}" if direction else language, None)
        case pyoxigraph.Literal():
            return literal(term.value, None, term.datatype.value)
        case BlankNode():
            return BNode(term.value)
        case _:
            return URIRef(term.value)
