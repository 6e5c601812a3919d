"""What a view says of itself for the description of all addresses, besides its URL rule and its docstring."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from typing import Any, TypeVar

from kb.rdf.formats import Format
from server.addresses import iri_of
from server.representations.formats import FORMAT_NAMES, PAGE_FORMAT
from server.site import Site

__all__ = [
    "FORMAT",
    "IRI",
    "JSON",
    "PAGE",
    "QUERY_PROBLEMS",
    "TEXT",
    "THING_NAME",
    "Description",
    "Json",
    "Parameter",
    "description_of",
    "documented",
    "graph_names",
    "in_path",
    "in_query",
    "names_of_things",
    "representations",
]

Json = dict[str, Any]
#: Returns the values of a path variable, given the word that the address fixes, such as ``id``, or ``""``.
Values = Callable[[Site, str], Iterable[str]]
View = TypeVar("View", bound=Callable[..., Any])

TEXT: Json = {"type": "string"}
IRI: Json = {"type": "string", "format": "iri"}
#: Contents: media type -> media type object.
PAGE: Json = {PAGE_FORMAT.media_type: {"schema": TEXT}}
JSON: Json = {"application/json": {"schema": {"type": "object"}}}
#: Problems that a request to the query workers may end with.
QUERY_PROBLEMS = (
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)

_EXAMPLES = 3
_MOST_NAMES = 200
_ATTRIBUTE = "openapi_description"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a view.

    :param place: ``path`` or ``query``
    :param describe: returns the parameter object (https://spec.openapis.org/oas/v3.1.0.html#parameter-object) for a
        site and the word that the address fixes, such as ``id``, or ``""``
    :param in_body: a POST request has it in its body instead
    """

    name: str
    place: str
    describe: Callable[[Site, str], Json]
    in_body: bool = False


@dataclass(frozen=True)
class Description:
    """What a view says of itself.

    :param name: beginning of the operation's name; ``""`` for that of the function
    :param parameters: those of the query, and those of the path that have a description or examples
    :param content: of the reply 200: media type -> media type object
    :param cacheable: 206 and 304 are replies too
    :param problems: statuses of the problems that it may end with, besides 404 where the path has variables
    :param redirect: the status of the reply instead of 200
    :param body: content of a POST request's body
    :param direct: the web process answers itself, without a worker
    """

    name: str = ""
    parameters: tuple[Parameter, ...] = ()
    content: Json = field(default_factory=PAGE.copy)
    cacheable: bool = True
    problems: tuple[int, ...] = ()
    redirect: int | None = None
    body: Callable[[Site], Json] | None = None
    direct: bool = False


def documented(*parameters: Parameter, **described: Any) -> Callable[[View], View]:  # noqa: ANN401  see `Description`
    """Attach a description to a view; the first sentence of the view's docstring is its summary.

    :param described: members of `Description`
    """

    def attach(view: View) -> View:
        setattr(view, _ATTRIBUTE, Description(parameters=parameters, **described))
        return view

    return attach


def description_of(view: Callable[..., Any]) -> Description:
    """Return what a view says of itself; a view that says nothing is a page."""
    found: Description = getattr(view, _ATTRIBUTE, Description())
    return found


def in_query(
    name: str, schema: Json | Callable[[Site], Json], description: str, *, in_body: bool = False, **more: object
) -> Parameter:
    """Return a parameter of the query string.

    :param schema: JSON Schema, or what makes it for a site
    :param more: other members of the parameter object, such as an example
    """

    def describe(site: Site, _word: str) -> Json:
        found = schema(site) if callable(schema) else schema
        return {"name": name, "in": "query", "description": description, "schema": found, **more}

    return Parameter(name, "query", describe, in_body)


def in_path(name: str, description: str, values: Values = lambda *_: (), *, closed: bool = False) -> Parameter:
    """Return a variable of the path.

    :param values: its values, for examples
    :param closed: there are no other values
    """

    def describe(site: Site, word: str) -> Json:
        found = list(values(site, word) if closed else islice(values(site, word), _EXAMPLES))
        schema = {"enum": found} if closed else {"type": "string", "minLength": 1}
        examples = {"examples": {value: {"value": value} for value in found[:_EXAMPLES]}} if found else {}
        return {"name": name, "in": "path", "description": description, "schema": schema, **examples, "required": True}

    return Parameter(name, "path", describe)


def representations(formats: Sequence[Format]) -> Json:
    """Return the content of a reply in one of several formats."""
    results = {"$ref": "#/components/schemas/Results"}
    return {
        media_type: {"schema": results if media_type == "application/sparql-results+json" else {}}
        for found in formats
        for media_type in found.media_types
    }


def names_of_things(site: Site, kind: str) -> Iterable[str]:
    """Yield the names of the things of a kind: the part of an IRI behind ``/id/``, for example."""
    start = iri_of(kind) + "/"
    for iri in site.labels:
        name = iri.removeprefix(start)
        if iri.startswith(start) and not set(name) & set("#?%/"):
            yield name


def graph_names(site: Site) -> Json:
    """Return the schema of the IRI of a named graph."""
    names = sorted(site.generation.manifest.sizes.named_graphs)
    return {"enum": names} if 0 < len(names) <= _MOST_NAMES else IRI


#: The name of a thing in the path.
THING_NAME = in_path("name", "Name of the thing: the part of its IRI behind its kind.", names_of_things)
FORMAT = in_query("format", {"enum": list(FORMAT_NAMES)}, "Name of a format; it comes before the Accept header.")
