"""The Graph Store HTTP Protocol, its reading half: a graph that the query string names, whole, as a worker writes it.

https://www.w3.org/TR/sparql11-http-rdf-update/#indirect-graph-identification. Writing is refused with 405. Where the
address itself is the graph's, see `server.linked_data.dereference`.
"""

from flask import Blueprint, Response, request

from kb.generations.dumps import DUMPS
from kb.generations.generation import Generation
from kb.rdf.versions import RDF_1_2
from server.addresses import is_iri
from server.evaluation.messages import Answer, QueryTask
from server.openapi.documented import FORMAT, QUERY_PROBLEMS, TEXT, documented, graph_names, in_query, representations
from server.problems import Problem
from server.representations.choose import graph_choice
from server.representations.formats import GRAPH_FORMATS, content_type
from server.site import current_site
from server.sparql.protocol import read_parameters, single
from server.stored_queries.texts import stored_query

__all__ = ["blueprint", "whole_graph"]

blueprint = Blueprint("graph_store", __name__)


@blueprint.get("/graph-store")
@documented(
    in_query("graph", graph_names, "IRI of a named graph."),
    in_query("default", TEXT, "The default graph; the value does not matter.", allowEmptyValue=True),
    FORMAT,
    name="graph",
    content=representations(GRAPH_FORMATS),
    problems=(400, 404, 406, *QUERY_PROBLEMS),
)
def graph_store() -> Response:
    """Return the graph that ``?graph=`` names, or the default graph for ``?default``."""
    parameters = read_parameters(request.query_string)
    iri = single(parameters, "graph")
    default = any(name == "default" for name, _ in parameters)
    if default == (iri is not None):
        detail = "The request names two graphs" if default else "The request names no graph"
        raise Problem("bad-request", detail, "Send either `graph` with the IRI of a named graph, or `default`")
    if iri is not None:
        _require_graph(iri)
    choice = graph_choice(page=False, has_name=iri is not None)
    answer = whole_graph(iri, choice.format.name, choice.version)
    return Response(answer.body, content_type=content_type(choice.media_type, answer.features))


def whole_graph(iri: str | None, format_name: str, version: str = "") -> Answer:
    """Return a whole graph as a query worker writes it: TriG and N-Quads say which graph it is.

    :param iri: of a named graph that the generation has; None for the default graph, with the justifications that a
        build adds to it only where the client asks for RDF 1.2
    :param version: label of the newest version of RDF that the client takes, or ""
    :raises Problem: 422 for a graph with more triples than a result may have; see also `Site.run`
    """
    site = current_site()
    limits, manifest = site.config.limits, site.generation.manifest
    sizes, without = manifest.sizes, iri is None and manifest.reification > 0 and version != RDF_1_2
    size = sizes.default_graph - without * manifest.reification if iri is None else sizes.named_graphs[iri]
    if size > limits.rows:
        detail = f"The graph has {size:,} triples, and a result may hold {limits.rows:,}"
        raise Problem("result-too-large", detail, _remedy(site.generation, iri))
    task = QueryTask(
        query=stored_query("asserted-and-inferred" if without else "graph"),
        base=site.addresses.endpoint(request.host_url),
        row_format=None,
        graph_format=format_name,
        row_limit=limits.rows,
        byte_limit=limits.result_bytes,
        default_graphs=None if iri is None else (iri,),
        named_graphs=None if iri is None else (),
        into=iri,
        graph_version=version,
    )
    return site.run(task, here=True)


def _require_graph(iri: str) -> None:
    if not is_iri(iri):
        raise Problem("bad-request", f"{iri!r} is no absolute IRI", "Write the graph's IRI in full")
    if iri not in current_site().generation.manifest.sizes.named_graphs:
        if current_site().generation.manifest.sizes.named_graphs:
            remedy = "Name one of the graphs in the service description of the SPARQL endpoint"
        else:
            remedy = "Send `default` instead: no graph has a name"
        raise Problem("not-found", f"There is no graph called {iri}", remedy)


def _remedy(generation: Generation, iri: str | None) -> str:
    """Return what helps against a graph that is too large: its dump, that of the whole, or a query."""
    of_graphs = generation.manifest.dumps
    whole = next((name for name in DUMPS if name in generation.dumps), None)
    dump = of_graphs.get(iri, whole) if iri else whole
    query = "uery for a part of the graph with LIMIT and OFFSET"
    return f"Fetch /dump/{dump}, or q{query}" if dump else f"Q{query}"
