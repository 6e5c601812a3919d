"""What the endpoint says of itself in the description of all addresses: its parameters, its form, its answers."""

from server.openapi.documented import (
    FORMAT,
    QUERY_PROBLEMS,
    TEXT,
    Json,
    documented,
    graph_names,
    in_query,
    representations,
)
from server.representations.formats import FORMAT_NAMES, GRAPH_FORMATS, PAGE_FORMAT, ROW_FORMATS
from server.site import Site

__all__ = ["endpoint_documented"]

_ASKED = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 10"


def _graphs(site: Site) -> Json:
    return {"type": "array", "items": graph_names(site)}


def _body(site: Site) -> Json:
    form: Json = {
        "type": "object",
        "required": ["query"],
        "properties": {
            "query": {**TEXT, "examples": [_ASKED]},
            "default-graph-uri": _graphs(site),
            "named-graph-uri": _graphs(site),
            "format": {"enum": list(FORMAT_NAMES)},
        },
    }
    return {
        "application/x-www-form-urlencoded": {"schema": form},
        "application/sparql-query": {"schema": TEXT, "example": _ASKED},
    }


endpoint_documented = documented(
    in_query("query", TEXT, "SPARQL 1.1 Query; without it, the service is described.", in_body=True, example=_ASKED),
    in_query("default-graph-uri", _graphs, "Graphs that make up the default graph, instead of FROM."),
    in_query("named-graph-uri", _graphs, "Named graphs, instead of FROM NAMED."),
    FORMAT,
    name="query",
    content=representations((*ROW_FORMATS, *GRAPH_FORMATS, PAGE_FORMAT)),
    problems=(400, 403, 406, 413, *QUERY_PROBLEMS),
    body=_body,
)
