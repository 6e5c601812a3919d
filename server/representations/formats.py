"""The representations that this server offers: of query results, of graphs and of pages.

Query workers write in these formats: what reads HTTP's headers, and takes a while to import, is in
`server.representations.negotiation`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS, Format

__all__ = [
    "EXTENSIONS",
    "FORMAT_NAMES",
    "GRAPH_OFFERS",
    "PAGE",
    "PAGE_OFFER",
    "ROW_OFFERS",
    "Offer",
    "content_type",
    "media_types",
    "named",
]


@dataclass(frozen=True)
class Offer:
    """A representation that the server can make.

    :param name: the server's own name for it, for example ``json``
    :param media_types: its media type, then others under which clients ask for it
    :param must_be_named: only an Accept header that spells the media type out gets it
    :param attachment: browsers save it instead of showing it
    """

    name: str
    media_types: tuple[str, ...]
    must_be_named: bool = False
    attachment: bool = False


#: Name of the format that a page shows: a table, not a serialisation.
PAGE = "page"

PAGE_OFFER = Offer(PAGE, ("text/html",), must_be_named=True)


def _offer(format_: Format) -> Offer:
    return Offer(format_.name, format_.media_types, attachment=format_.attachment)


_ROWS = {name: _offer(found) for found in RESULT_FORMATS.values() for name in found.names}
_GRAPHS = {name: _offer(found) for found in RDF_FORMATS.values() for name in found.names}
_PAGES = dict.fromkeys((PAGE, "html", PAGE_OFFER.media_types[0]), PAGE_OFFER)

#: Rows and booleans, in the order of preference.
ROW_OFFERS = tuple(_ROWS[name] for name in RESULT_FORMATS)

#: Graphs, in the order of preference.
GRAPH_OFFERS = tuple(_GRAPHS[name] for name in RDF_FORMATS)

#: Extension of a data document, for example ``ttl`` -> its offer.
EXTENSIONS = {found.extension: _GRAPHS[found.name] for found in RDF_FORMATS.values()}

#: The names behind ``?format=`` that people are told about.
FORMAT_NAMES = (*dict.fromkeys((*RESULT_FORMATS, *RDF_FORMATS)), "html")


def named(name: str) -> tuple[Offer | None, Offer | None] | None:
    """Return the offers of rows and of graphs that a name stands for, or None for a name that stands for nothing.

    The name is one of the short ones or a media type, in any case.
    """
    name = name.lower()
    found = {**_ROWS, **_PAGES}.get(name), {**_GRAPHS, **_PAGES}.get(name)
    return found if any(found) else None


def content_type(media_type: str) -> str:
    """Return the Content-Type of a text that is UTF-8.

    JSON is UTF-8 by definition, and the results formats in XML say so themselves; Turtle and the ``text`` types gain
    by the parameter.
    """
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def media_types(offers: Sequence[Offer]) -> list[str]:
    """Return the media types of offers, for the answer that none of them is acceptable."""
    return [offer.media_types[0] for offer in offers]
