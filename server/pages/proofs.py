"""Why a statement holds: its whole proof, down to what the sources and the ontology state."""

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from kb.rdf.terms import parse_term
from server.addresses import is_iri
from server.openapi.documented import IRI, TEXT, documented, in_query
from server.page_models.proofs import proof_tree
from server.pages.rendering import render, simple_metadata
from server.problems import Problem
from server.site import current_site

__all__ = ["blueprint", "term_of"]

blueprint = Blueprint("proofs", __name__)


@blueprint.get("/explain")
@documented(
    in_query("subject", IRI, "IRI of the subject."),
    in_query("property", IRI, "IRI of the property."),
    in_query("value", TEXT, "IRI of the value, or a literal as N-Triples writes it."),
    in_query("proof", {"type": "integer", "minimum": 1}, "Which of its proofs, from the shortest; the first of them."),
    problems=(404,),
)
def explain() -> Response:
    """Show the proof of a statement that the graph holds, step by step."""
    provenance = current_site().provenance
    given = [request.args.get(name, "") for name in ("subject", "property", "value")]
    match [term_of(text) for text in given]:
        case [NamedNode() as subject, NamedNode() as prop, NamedNode() | Literal() as value]:
            proof = provenance.proof((subject, prop, value), request.args.get("proof", 1, int))
        case _:
            proof = None
    if proof is None:
        marked = "Follow the link behind a value that is marked as inferred"
        remedy = marked if current_site().proofs else "Send a query: nothing was inferred here"
        raise Problem("not-found", f"There is no proof of {' '.join(given)}", remedy)
    tree = proof_tree(proof, provenance)
    said = " ".join(part.words for part in tree.parts)
    page = simple_metadata(f"Why: {said}", f"Why the graph holds that {said}, step by step.", "/explain")
    return render("explain.html", proof=tree, page_metadata=page)


def term_of(text: str) -> NamedNode | Literal | None:
    """Return the term of a bare IRI, or of a literal as N-Triples writes it."""
    if is_iri(text):
        return NamedNode(text)
    literal = parse_term(text) if text.startswith('"') else None
    return literal if isinstance(literal, Literal) else None
