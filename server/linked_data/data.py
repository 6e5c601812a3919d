"""Data documents: what is said about one thing, a whole graph, an earlier version, the shapes, in each RDF format."""

import io
from collections.abc import Iterator

from flask import Blueprint, Response
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kb.generations.export import without_triple_terms
from kb.generations.reifiers import is_justification
from kb.namespaces import OWL
from kb.rdf.formats import GraphFormat, serialize_rdf
from kb.rdf.versions import Features
from server.addresses import iri_of, path_of
from server.linked_data.dereference import alternates, unknown
from server.linked_data.descriptions import describe_with_evidence, is_known
from server.linked_data.graph_store import whole_graph
from server.openapi.documented import QUERY_PROBLEMS, documented, in_path, names_of_things, representations
from server.representations.formats import EXTENSIONS, GRAPH_FORMATS, content_type
from server.site import Site, current_site

__all__ = ["blueprint"]

blueprint = Blueprint("data", __name__, url_prefix="/data")


def _files(site: Site, kind: str) -> Iterator[str]:
    return (f"{name}.ttl" for name in (names_of_things(site, kind) if kind else ("ontology",)))


@blueprint.get("/<any(id, concept, source, graph, statement, ontology):kind>/<path:file>")
@blueprint.get("/<string:file>")
@documented(
    in_path("file", "Name and extension of the format.", _files),
    content=representations(GRAPH_FORMATS),
    problems=(406, *QUERY_PROBLEMS),
)
def data(file: str, kind: str = "") -> Response:
    """Return a data document: ``/data/id/ammtc-19.ttl``, ``/data/ontology.jsonld`` and so on."""
    site = current_site()
    name, _, extension = file.rpartition(".")
    iri = iri_of(kind, name) if kind else iri_of(name)
    path, format_ = path_of(iri), EXTENSIONS.get(extension)
    if format_ is None or path is None or (not kind and name != "ontology"):
        raise unknown(iri)
    headers = {"Link": alternates(path, besides=format_.name)}
    body, features = _body(site, iri, format_)
    return Response(body, content_type=content_type(format_.media_type, features), headers=headers)


def _body(site: Site, iri: str, format_: GraphFormat) -> tuple[bytes, Features]:
    """Return an earlier version, the shapes, a whole graph, or else what is known of a thing; and what of RDF 1.2."""
    if iri in site.texts:
        return _text(site.texts[iri], iri, format_), 0
    if not is_known(site.store, iri):
        raise unknown(iri)
    graph = iri if iri in site.generation.manifest.sizes.named_graphs else site.once(_current_versions).get(iri)
    if not graph:
        return _description(site.store, iri, format_)
    answer = whole_graph(graph, format_.name)
    return answer.body, answer.features


def _current_versions(site: Site) -> dict[str, str]:
    """Return the graphs that say of which version they are: version IRI -> graph."""
    stated = site.store.quads_for_pattern(None, NamedNode(OWL.versionIRI), None, None)
    pairs = ((quad.object, quad.subject) for quad in stated)
    named = site.generation.manifest.sizes.named_graphs
    return {
        o.value: s.value for o, s in pairs if isinstance(o, NamedNode) and isinstance(s, NamedNode) and s.value in named
    }


def _text(text: bytes, iri: str, format_: GraphFormat) -> bytes:
    """Return a text that is not in the store, the file itself where it is in the wanted format.

    :param text: Turtle
    """
    if format_.engine == RdfFormat.TURTLE:
        return text
    output = io.BytesIO()
    triples = (quad.triple for quad in parse(text, format=RdfFormat.TURTLE))
    if format_.keeps_graphs:
        serialize_rdf((Quad(t.subject, t.predicate, t.object, NamedNode(iri)) for t in triples), format_, output)
    else:
        serialize_rdf(triples, format_, output)
    return output.getvalue()


def _description(store: Store, iri: str, format_: GraphFormat) -> tuple[bytes, Features]:
    """Return what is known of a thing; TriG and N-Quads tell which graph makes each statement."""
    quads = describe_with_evidence(store, iri)
    if is_justification(NamedNode(iri)):
        quads = list(without_triple_terms(quads, format_.name))
    output = io.BytesIO()
    if format_.keeps_graphs:
        features = serialize_rdf(sorted(quads, key=lambda quad: str(quad.graph_name)), format_, output)
    else:
        features = serialize_rdf(dict.fromkeys(quad.triple for quad in quads), format_, output)
    return output.getvalue(), features
