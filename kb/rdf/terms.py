"""RDF terms and statements as pyoxigraph has them, and terms read from text."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kb.errors import InvalidTerm

__all__ = [
    "Rdf11Statement",
    "Rdf11Term",
    "Statement",
    "Subject",
    "Term",
    "invalid_term",
    "parse_term",
    "parse_terms",
    "to_statement",
    "written",
]

Subject: TypeAlias = NamedNode | BlankNode
Rdf11Term: TypeAlias = NamedNode | BlankNode | Literal
#: A term. For pyoxigraph a triple is one too, the triple term of RDF 1.2.
Term: TypeAlias = Rdf11Term | Triple
#: Subject, predicate and object; also of what RDF cannot state, such as a blank node as predicate.
Statement: TypeAlias = tuple[Term, Term, Term]
#: Subject, predicate and object of a triple of RDF 1.1.
Rdf11Statement: TypeAlias = tuple[Subject, NamedNode, Rdf11Term]


def parse_terms(texts: Iterable[str]) -> list[Rdf11Term]:
    """Return terms that are written in N-Triples (https://www.w3.org/TR/n-triples/).

    :raises SyntaxError: when one of the texts is not a term
    """
    document = "".join(f"<t:> <t:> {text} .\n" for text in texts)
    terms = [quad.object for quad in parse(document, RdfFormat.N_TRIPLES)]
    return [term for term in terms if not isinstance(term, Triple)]


def parse_term(text: str, prefixes: Mapping[str, str] | None = None) -> Rdf11Term | None:
    """Return a term that is written in Turtle, or None where the text is none, or more than one.

    :param prefixes: prefix -> namespace IRI
    """
    declarations = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in (prefixes or {}).items())
    try:
        (quad,) = parse(f"{declarations}<t:> <t:> {text} .", RdfFormat.TURTLE)
    except (SyntaxError, ValueError):
        return None
    return None if isinstance(quad.object, Triple) else quad.object


def to_statement(s: Term, p: Term, o: Term) -> Rdf11Statement:
    """Return the statement of three terms.

    :raises InvalidTerm: when RDF 1.1 has no such statement: a literal as subject, or a predicate that is no IRI
    """
    if not isinstance(s, Subject) or not isinstance(p, NamedNode) or isinstance(o, Triple):
        raise invalid_term((s, p, o))
    return s, p, o


def invalid_term(term: object, reason: str = "") -> InvalidTerm:
    """Return the error for a term or a statement that RDF 1.1 does not have."""
    because = f": {reason}" if reason else ""
    text = f"{written(term)} is no term or statement of RDF 1.1{because}"
    return InvalidTerm(text, term)


def written(term: object) -> str:
    """Return a term, or a statement of three, as Turtle writes it without prefixes; triple terms as in RDF 1.2."""
    if isinstance(term, Triple):
        return f"<<( {term} )>>"  # the engine writes its parts, however deep
    if isinstance(term, tuple):
        return " ".join(map(written, term))
    return str(term) if isinstance(term, NamedNode | BlankNode | Literal) else repr(term)
