"""The description of each address: OpenAPI's ``paths``."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Any

from kb.namespaces import AMMTC
from server.addresses import KINDS as ADDRESSED
from server.addresses import iri_of
from server.openapi.schemas import problems
from server.page_models.kinds import KINDS
from server.representations.formats import FORMAT_NAMES, GRAPH_OFFERS, PAGE_OFFER, ROW_OFFERS
from server.representations.negotiation import Offer
from server.site import Site
from server.sparql.workbench import MOST_NAMES

__all__ = ["paths"]

_Json = dict[str, Any]

_MOST_NAMES = 200
_EXAMPLES = 3
_NOT_FOUND, _NOT_ACCEPTABLE, _BAD_REQUEST = HTTPStatus.NOT_FOUND, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.BAD_REQUEST
_OF_QUERIES = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_OF_BODIES = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
_TEXT: _Json = {"type": "string"}
_IRI: _Json = {"type": "string", "format": "iri"}
_STATIC = ("text/css", "image/svg+xml", "text/javascript")
_SUGGESTIONS: _Json = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["text", "kind", "address"],
        "properties": dict.fromkeys(("text", "also", "kind", "address"), _TEXT),
    },
}
_PAGE: _Json = {PAGE_OFFER.media_types[0]: {"schema": _TEXT}}


def paths(site: Site) -> _Json:
    """Return the paths of a server: address -> method -> operation."""
    described = {**_of_queries(site), **_of_graphs(site), **_of_things(site), **_of_dumps(site), **_of_pages(site)}
    return {**described, **_of_the_server()}


def _of_queries(site: Site) -> _Json:
    asked = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 10"
    graphs = {"type": "array", "items": _graph_names(site)}
    dataset = [
        _in_query("default-graph-uri", graphs, "Graphs that make up the default graph, instead of FROM."),
        _in_query("named-graph-uri", graphs, "Named graphs, instead of FROM NAMED."),
        _FORMAT,
    ]
    answers = {
        **_ok("The result", _content((*ROW_OFFERS, *GRAPH_OFFERS, PAGE_OFFER))),
        **problems(_BAD_REQUEST, HTTPStatus.FORBIDDEN, _NOT_ACCEPTABLE),
        **problems(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, *_OF_QUERIES),
    }
    query = {**_in_query("query", _TEXT, "SPARQL 1.1 Query; without it, the service is described."), "example": asked}
    form: _Json = {
        "type": "object",
        "required": ["query"],
        "properties": {
            "query": {**_TEXT, "examples": [asked]},
            "default-graph-uri": graphs,
            "named-graph-uri": graphs,
            "format": {"enum": list(FORMAT_NAMES)},
        },
    }
    body = {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {"schema": form},
            "application/sparql-query": {"schema": _TEXT, "example": asked},
        },
    }
    unchanged = {"304": {"description": "The client has it already"}}
    get = _operation("query", "Answer a query, or describe the service", {**answers, **unchanged}, [query, *dataset])
    post = _operation("queryByPost", "Answer a query", {**answers, **problems(*_OF_BODIES)}, dataset)
    return {"/sparql": {"get": get, "post": {**post, "requestBody": body}}, **_of_the_workbench()}


def _of_the_workbench() -> _Json:
    """Return the paths under which the page for queries gets what it needs besides answers."""
    found: _Json = {"application/json": {"schema": {"type": "object"}}}
    listed: _Json = {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
    asked = {"type": "object", "properties": {"iri": {"type": "array", "items": _TEXT, "maxItems": MOST_NAMES}}}
    answers = {**_ok("A member for each IRI", found), **problems(_BAD_REQUEST, *_OF_BODIES)}
    names = _operation("names", "Tell what to show for IRIs: text, link, and what a place lies in", answers, ())
    body = {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": asked}}}
    script = _ok("The script", {"text/javascript": {"schema": _TEXT}}, 304)
    return {
        "/static/workbench/workbench.js": _get("workbench", "Return the script of the page for queries", script),
        "/sparql/terms.json": _get(
            "terms", "List prefixes and terms, for an editor to complete", _ok("Them", found, 304)
        ),
        "/sparql/examples.json": _get("examples", "List the ready questions with queries", _ok("Them", listed, 304)),
        "/sparql/names": {"post": {**names, "requestBody": body}},
    }


def _of_graphs(site: Site) -> _Json:
    parameters = [
        _in_query("graph", _graph_names(site), "IRI of a named graph."),
        {**_in_query("default", _TEXT, "The default graph; the value does not matter."), "allowEmptyValue": True},
        _FORMAT,
    ]
    answers = _ok("All triples of the graph", _content(GRAPH_OFFERS), 304)
    answers |= problems(_BAD_REQUEST, _NOT_FOUND, _NOT_ACCEPTABLE, *_OF_QUERIES)
    description = _ok("VoID and DCAT", _content((*GRAPH_OFFERS, PAGE_OFFER)), 304)
    description |= problems(_BAD_REQUEST, _NOT_ACCEPTABLE)
    return {
        "/graph-store": _get("graph", "Return one graph: SPARQL 1.1 Graph Store HTTP Protocol", answers, parameters),
        "/.well-known/void": _get("dataset", "Describe the dataset", description, [_FORMAT]),
        "/void": _get("datasetShort", "Lead to the description of the dataset", _redirect(308)),
    }


def _of_things(site: Site) -> _Json:
    described: _Json = {}
    see_other = {**_redirect(303), **problems(_BAD_REQUEST, _NOT_FOUND, _NOT_ACCEPTABLE)}
    document = {**_ok("What is known of it", _content(GRAPH_OFFERS), 304), **problems(_NOT_FOUND, *_OF_QUERIES)}
    page = {**_ok("The page", _PAGE, 304), **problems(_NOT_FOUND)}
    for kind in (*ADDRESSED, "ontology"):
        named = _path("name", f"Name of the thing: the part of its IRI behind /{kind}/.", _names(site, kind))
        file = _path("file", "Name and extension of the format.", [f"{name}.ttl" for name in _names(site, kind)])
        described[f"/{kind}/{{name}}"] = _get(
            f"{kind}Thing", "Lead to the page or the data of a thing", see_other, [named, _FORMAT]
        )
        described[f"/data/{kind}/{{file}}"] = _get(f"{kind}Data", "Return the data of a thing", document, [file])
        described[f"/page/{kind}/{{name}}"] = _get(f"{kind}Page", "Show a thing", page, [named])
    ontology = _path("file", "`ontology` and the extension of the format.", ["ontology.ttl"])
    described["/ontology"] = _get("ontology", "Lead to the page or the data of the ontology", see_other, [_FORMAT])
    described["/data/{file}"] = _get("ontologyFile", "Return the ontology", document, [ontology])
    described["/page/ontology"] = _get("ontologyTerms", "Show the ontology and its terms", page)
    return described


def _of_dumps(site: Site) -> _Json:
    names = sorted(site.generation.dumps)
    named = _path("name", "Name of the file.", names[:_EXAMPLES], enum=names)
    types: _Json = {media_type: {"schema": {}} for media_type in ("application/gzip", "text/turtle")}
    missing = problems(_NOT_FOUND, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    answers = {**_ok("The file", types, 304), "206": {"description": "A part of the file", "content": types}}
    return {
        "/dump/": _get("dumps", "List the dumps", _ok("The page", _PAGE, 304)),
        "/dump/{name}": _get("dump", "Return a dump", {**answers, **missing}, [named]),
    }


def _of_pages(site: Site) -> _Json:
    page, names = _ok("The page", _PAGE, 304), list(site.questions)
    words = _in_query("q", _TEXT, "Words of names, in any case and without diacritics.")
    named = _path("name", "Name of the question.", names[:_EXAMPLES], enum=names)
    beginning = _in_query("q", _TEXT, "The beginning of a name, in any case and without diacritics.")
    suggestions = _ok("Names with their kinds and addresses", {"application/json": {"schema": _SUGGESTIONS}}, 304)
    return {
        **_of_views(site),
        "/suggest": _get("suggest", "Suggest what the beginning of a name may mean", suggestions, [beginning]),
        "/": _get("home", "Say what this is", page),
        "/search": _get("search", "Find things and questions by their names", page, [words]),
        "/question/{name}": _get(
            "question", "Answer a ready question", {**page, **problems(_NOT_FOUND, *_OF_QUERIES)}, [named]
        ),
        "/static/{filename}": _get(
            "static",
            "Return a file that the pages need",
            {
                **_ok("The file", {media_type: {"schema": _TEXT} for media_type in _STATIC}, 304),
                **problems(_NOT_FOUND),
            },
            [_path("filename", "Name of the file.", ["style.css", "icon.svg", "suggest.js"])],
        ),
    }


def _of_views(site: Site) -> _Json:
    page = _ok("The page", _PAGE, 304)
    found, missing = {**page, **problems(_NOT_FOUND)}, problems(_NOT_FOUND)
    kinds = [kind.name for kind in KINDS if kind.listed]
    number = {"type": "integer", "minimum": 1}
    described: _Json = {
        "/browse": _get("browse", "Show the kinds of things", page),
        "/browse/{name}": _get(
            "browseKind",
            "List the things of a kind",
            found,
            [
                _path("name", "Name of the kind.", kinds[:_EXAMPLES], enum=kinds),
                _in_query("page", number, "Which page."),
            ],
        ),
        "/timeline": _get("timeline", "Show events and acts along time", page),
        "/network": _get("network", "Show who met and chaired with whom", page),
        "/expected": _get("expected", "Show what is expected and not reported as done", page),
        "/compare": _get("comparisons", "Show how the answers of the sources stand to each other", page),
        "/term/{name}": _get(
            "term",
            "Show a term of the ontology and its use",
            found,
            [_path("name", "Local name of the term.", _terms(site))],
        ),
        "/resource": _get(
            "resource",
            "Show a thing whose IRI is another site's",
            {**page, **missing},
            [_in_query("iri", _IRI, "IRI of the thing.")],
        ),
        "/explain": _get(
            "explain",
            "Show why a statement holds, step by step",
            {**page, **missing},
            [
                _in_query("subject", _IRI, "IRI of the subject."),
                _in_query("property", _IRI, "IRI of the property."),
                _in_query("value", _TEXT, "IRI of the value, or a literal as N-Triples writes it."),
            ],
        ),
        "/statements": _get(
            "statements",
            "List the values of one property of a thing",
            {**page, **missing},
            [
                _in_query("thing", _IRI, "IRI of the thing."),
                _in_query("property", _IRI, "IRI of the property."),
                _in_query("with", {"enum": ["subject", "object"]}, "What the thing is in the statements."),
                _in_query("after", _TEXT, "The last value of the page before."),
            ],
        ),
    }
    for kind in ("id", "concept", "source"):
        named = _path("name", f"Name of the thing: the part of its IRI behind /{kind}/.", _names(site, kind))
        described[f"/compare/{kind}/{{name}}"] = _get(
            f"{kind}Compared", "Show what each source says of a thing, side by side", found, [named]
        )
    return described


def _of_the_server() -> _Json:
    health = {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
    return {
        "/health": _get("health", "Tell that the server answers, and from what", _ok("It does", health)),
        "/metrics": _get("metrics", "Tell what is measured, to Prometheus", _ok("The metrics", {"text/plain": {}})),
        "/openapi.json": _get("openapi", "Describe all addresses", _ok("OpenAPI 3.1", {"application/json": {}}, 304)),
        "/robots.txt": _get("robots", "Say what robots may read", _ok("The file", {"text/plain": {"schema": _TEXT}})),
    }


def _get(name: str, summary: str, answers: _Json, parameters: Sequence[_Json] = ()) -> _Json:
    return {"get": _operation(name, summary, answers, parameters)}


def _operation(name: str, summary: str, answers: _Json, parameters: Sequence[_Json]) -> _Json:
    return {"operationId": name, "summary": summary, "parameters": list(parameters), "responses": answers}


def _ok(description: str, content: _Json, *others: int) -> _Json:
    """Return the answer 200, and 304 where the client may have it already."""
    unchanged = {str(status): {"description": "The client has it already"} for status in others}
    return {"200": {"description": description, "content": content}, **unchanged}


def _redirect(status: int) -> _Json:
    location = {
        "description": "Where it is.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    }
    return {str(status): {"description": "It is there", "headers": {"Location": location}}}


def _content(offers: Iterable[Offer]) -> _Json:
    """Return the media types under which offers are sent, with the schema of those that have one."""
    results = {"$ref": "#/components/schemas/Results"}
    return {
        media_type: {"schema": results if media_type == "application/sparql-results+json" else {}}
        for offer in offers
        for media_type in offer.media_types
    }


def _in_query(name: str, schema: _Json, description: str) -> _Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _path(name: str, description: str, examples: Sequence[str], enum: Sequence[str] = ()) -> _Json:
    schema: _Json = {"enum": list(enum)} if enum else {"type": "string", "minLength": 1}
    shown = {"examples": {example: {"value": example} for example in examples}} if examples else {}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema, **shown}


def _names(site: Site, kind: str) -> list[str]:
    """Return the names of some things of a kind."""
    start = iri_of(kind) + "/"
    return list(islice((iri.removeprefix(start) for iri in site.labels if _is_name(iri, start)), _EXAMPLES))


def _terms(site: Site) -> list[str]:
    """Return the local names of some terms of the ontology."""
    start = str(AMMTC)
    return list(islice((iri.removeprefix(start) for iri in site.labels if iri.startswith(start)), _EXAMPLES))


def _is_name(iri: str, start: str) -> bool:
    return iri.startswith(start) and not set(iri) & set("#?%") and "/" not in iri.removeprefix(start)


def _graph_names(site: Site) -> _Json:
    names = sorted(site.generation.manifest.sizes.named_graphs)
    return {"enum": names} if 0 < len(names) <= _MOST_NAMES else _IRI


_FORMAT = _in_query("format", {"enum": list(FORMAT_NAMES)}, "Name of a format; it comes before the Accept header.")
