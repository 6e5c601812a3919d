"""The representations that this server offers: of query results, of graphs and of pages."""

from collections.abc import Mapping, Sequence

from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS
from server.representations.negotiation import Offer

__all__ = [
    "EXTENSIONS",
    "FORMAT_NAMES",
    "GRAPH_OFFERS",
    "PAGE",
    "PAGE_OFFER",
    "ROW_OFFERS",
    "by_extension",
    "content_type",
    "media_types",
    "named",
]

#: Name of the format that a page shows: a table, not a serialisation.
PAGE = "page"

PAGE_OFFER = Offer(PAGE, ("text/html",), must_be_named=True)

_XML = ("application/xml", "text/xml")
#: Media types under which clients ask for a format besides its own. N3 contains Turtle.
_OTHERS: Mapping[str, tuple[str, ...]] = {
    "json": ("application/json",),
    "xml": _XML,
    "turtle": ("application/x-turtle", "text/n3", "text/rdf+n3"),
    "ntriples": ("text/plain",),
    "rdfxml": _XML,
    "jsonld": ("application/json",),
    "trig": ("application/x-trig",),
    "nquads": ("text/x-nquads",),
}

#: Rows and booleans, in the order of preference.
ROW_OFFERS = tuple(
    Offer(name, (RESULT_FORMATS[name].media_type, *_OTHERS.get(name, ()))) for name in ("json", "xml", "csv", "tsv")
)

#: Graphs, in the order of preference.
GRAPH_OFFERS = tuple(
    Offer(name, (RDF_FORMATS[name].media_type, *_OTHERS.get(name, ())))
    for name in ("turtle", "ntriples", "rdfxml", "jsonld", "trig", "nquads")
)

#: Extension of a data document -> name of its format.
EXTENSIONS = {RDF_FORMATS[offer.name].extension: offer.name for offer in GRAPH_OFFERS}

#: What people and clients write behind ``?format=`` -> the format of rows, that of graphs.
_NAMES: Mapping[str, tuple[str | None, str | None]] = {
    "json": ("json", "jsonld"),
    "xml": ("xml", "rdfxml"),
    "csv": ("csv", None),
    "tsv": ("tsv", None),
    "html": (PAGE, PAGE),
    "turtle": (None, "turtle"),
    "ttl": (None, "turtle"),
    "n3": (None, "turtle"),
    "ntriples": (None, "ntriples"),
    "n-triples": (None, "ntriples"),
    "nt": (None, "ntriples"),
    "rdfxml": (None, "rdfxml"),
    "rdf": (None, "rdfxml"),
    "rdf+xml": (None, "rdfxml"),
    "jsonld": (None, "jsonld"),
    "json-ld": (None, "jsonld"),
    "trig": (None, "trig"),
    "nquads": (None, "nquads"),
    "n-quads": (None, "nquads"),
    "nq": (None, "nquads"),
}

#: The names behind ``?format=`` that people are told about.
FORMAT_NAMES = tuple(dict.fromkeys((*(offer.name for offer in (*ROW_OFFERS, *GRAPH_OFFERS)), "html")))


def named(name: str) -> tuple[Offer | None, Offer | None] | None:
    """Return the offers of rows and of graphs that a name stands for, or None for a name that stands for nothing.

    The name is one of the short ones or a media type.
    """
    rows, graph = _NAMES.get(name.lower(), (None, None))
    found = _find(ROW_OFFERS, rows or name), _find(GRAPH_OFFERS, graph or name)
    return found if any(found) else None


def by_extension(extension: str) -> Offer | None:
    """Return the offer of a data document's extension, for example ``ttl``."""
    return _find(GRAPH_OFFERS, EXTENSIONS.get(extension, ""))


def content_type(media_type: str) -> str:
    """Return the Content-Type of a text that is UTF-8.

    JSON is UTF-8 by definition, and the results formats in XML say so themselves; Turtle and the ``text`` types gain
    by the parameter.
    """
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def media_types(offers: Sequence[Offer]) -> list[str]:
    """Return the media types of offers, for the answer that none of them is acceptable."""
    return [offer.media_types[0] for offer in offers]


def _find(offers: Sequence[Offer], name: str) -> Offer | None:
    return next(
        (offer for offer in (*offers, PAGE_OFFER) if name == offer.name or name.lower() == offer.media_types[0]), None
    )
