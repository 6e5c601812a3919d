"""Pages that take long, those that others read meanwhile, and a graph with one very large thing."""

import itertools
from collections.abc import Iterator
from urllib.parse import quote

from support.servers import Reply, ServerProcess

from kb.namespaces import OWL, RDF

__all__ = ["DEAR", "READ", "read", "statements"]

_READER = "127.0.6.1"

_numbers = itertools.count()

#: What is served -> pages that take long.
DEAR = {
    "shipped": ("/page/id/ammtc-19", "/page/ontology", "/timeline"),
    "large": (
        f"/statements?thing={quote(OWL.Class)}&property={quote(RDF.type)}&with=object",
        "/statements?thing=http://example.org/large&property=http://example.org/value",
        "/resource?iri=http://example.org/large",
        f"/resource?iri={quote(OWL.Class)}",
        "/search?q=thing+number",
        "/suggest?q=th",
        "/.well-known/void",
    ),
}
#: What is served -> pages that a reader asks for.
READ = {
    "shipped": ("/", "/page/id/asean", "/browse"),
    "large": ("/", "/resource?iri=http://example.org/t5", "/browse"),
}


def statements(unit: int) -> Iterator[str]:
    """Yield lines of N-Triples: ten statements a unit, and one thing with as many of them as there are units."""
    home, label = "http://example.org/", "http://www.w3.org/2000/01/rdf-schema#label"
    for number in range(unit):
        yield f"<{home}c{number}> <{RDF.type}> <{OWL.Class}> .\n"
        yield f"<{home}large> <{home}value> <{home}t{number}> .\n"
    for number in range(2 * unit):
        thing = f"<{home}t{number}>"
        yield f"{thing} <{RDF.type}> <{home}c{number % 1000}> .\n"
        yield f'{thing} <{label}> "Thing number {number}" .\n'
        yield f'{thing} <{home}p{number % 50}> "{number}" .\n'
        yield f"{thing} <{home}next> <{home}t{(number * 7) % (2 * unit)}> .\n"


def read(server: ServerProcess, path: str) -> Reply:
    """Return a page that was not asked for before."""
    address = f"{path}{'&' if '?' in path else '?'}reader={next(_numbers)}"
    return server.request("GET", address, {"Accept": "text/html"}, source=_READER)
