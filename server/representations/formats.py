"""The formats that this server offers: of rows, of graphs, and pages.

Query workers write in these formats: what reads HTTP's headers, and takes a while to import, is in
`server.representations.negotiation`.
"""

from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS, Format
from kb.rdf.versions import RDF_1_2, Features

__all__ = [
    "CITATION_FORMATS",
    "EXTENSIONS",
    "FORMAT_NAMES",
    "GRAPH_FORMATS",
    "PAGE",
    "PAGE_FORMAT",
    "ROW_FORMATS",
    "content_type",
    "named",
]

#: Name of the format that a page shows: a table, not a serialisation.
PAGE = "page"
PAGE_FORMAT = Format(name=PAGE, media_types=("text/html",), iri="", extension="html")

#: Rows and booleans, in the order of preference.
ROW_FORMATS = tuple(RESULT_FORMATS.values())

#: Graphs, in the order of preference.
GRAPH_FORMATS = tuple(RDF_FORMATS.values())

#: How to cite something, in the order of preference: BibTeX has no registered type, and citation services use this one.
CITATION_FORMATS = (
    Format(name="bibtex", media_types=("application/x-bibtex",), iri="", extension="bib"),
    Format(name="csl", media_types=("application/vnd.citationstyles.csl+json",), iri="", extension="json"),
)

#: Extension of a data document, for example ``ttl`` -> its format.
EXTENSIONS = {found.extension: found for found in GRAPH_FORMATS}

#: The values of ``?format=`` that are documented.
FORMAT_NAMES = (*dict.fromkeys((*RESULT_FORMATS, *RDF_FORMATS)), "html")

_BIBTEX = CITATION_FORMATS[0].media_type
_VERSIONED = frozenset(found.media_type for found in (*ROW_FORMATS, *GRAPH_FORMATS) if found.versioned)
_ROWS: dict[str, Format] = {name: found for found in (*ROW_FORMATS, PAGE_FORMAT) for name in found.names}
_GRAPHS: dict[str, Format] = {name: found for found in (*GRAPH_FORMATS, PAGE_FORMAT) for name in found.names}


def named(name: str) -> tuple[Format | None, Format | None] | None:
    """Return the formats of rows and of graphs that a name stands for, or None for a name that stands for nothing.

    The name is one of the short ones or a media type, in any case.
    """
    found = _ROWS.get(name.lower()), _GRAPHS.get(name.lower())
    return found if any(found) else None


def content_type(media_type: str, features: Features = 0) -> str:
    """Return the Content-Type of a text that is UTF-8.

    JSON is UTF-8 by definition, and the results formats in XML say so themselves; Turtle, BibTeX and the ``text``
    types gain by the parameter. A text of RDF 1.2 is announced as such where the media type has the parameter, and no
    other text: https://www.w3.org/TR/rdf12-concepts/#section-version-announcement.

    :param features: what of RDF 1.2 is in the text
    """
    version = f"; version={RDF_1_2}" if features and media_type in _VERSIONED else ""
    of_text = media_type.startswith("text/") or media_type == _BIBTEX
    return f"{media_type}{version}; charset=utf-8" if of_text else f"{media_type}{version}"
