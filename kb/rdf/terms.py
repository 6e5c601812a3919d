"""The terms of RDF as pyoxigraph has them."""

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

__all__ = ["Statement", "Term"]

#: A term; pyoxigraph takes a triple for one too, where RDF 1.2 has triple terms.
Term = NamedNode | BlankNode | Literal | Triple

#: Subject, predicate and object; also of what RDF cannot state, such as a blank node as predicate.
Statement = tuple[Term, Term, Term]
