"""RDF terms as pages show them: a text and, where it is safe, a link."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode

from kb.namespaces import CONCEPT, RDF, XSD, expand, shorten
from kb.rdf.terms import Term
from kb.sparql.labels import cut, display
from server.addresses import Addresses, is_web_address
from server.presentation.vocabulary import VOCABULARY

__all__ = ["UNNAMED", "Node", "Nodes"]

#: The text of a blank node.
UNNAMED = "an unnamed thing"

#: Characters of a literal that a page shows, and of an IRI that stands in a link.
_LONGEST_LITERAL = 5000
_LONGEST_LINK = 4000
_LONGEST_IRI = 300

_PLAIN_DATATYPES = (XSD.string, RDF.langString, expand("rdf:dirLangString"))
#: Triple terms in each other whose parts are shown.
_DEEPEST = 4
_DATES = ("xsd:date", "xsd:gYearMonth", "xsd:gMonth", "xsd:gMonthDay", "xsd:dateTime")
# XML Schema 1.1, section 3.3 (https://www.w3.org/TR/xmlschema11-2/): the five of them.
_DATE = re.compile(r"(?:(?P<year>-?\d{4,})-|--)(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d\d))?(?:T(?P<time>\d\d:\d\d).*)?")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_STATUSES = frozenset(("foreseen", "under-way", "done", "failed", "postponed", "cancelled"))


@dataclass(frozen=True)
class Node:
    """A term to show.

    :param text: label of a thing, lexical form of a literal
    :param href: address to link to, or None
    :param iri: the IRI, or None for a literal or a blank node
    :param language: language tag of a literal, or ``""``
    :param direction: base direction of a literal, ``ltr`` or ``rtl``, or ``""``
    :param datatype: CURIE of a literal's datatype, or ``""`` for plain text
    :param external: the link leaves this server
    :param length: characters of a literal of which the text is only the beginning, or 0
    :param says: what a blank node says: a property and its values, each time
    :param rest: address where all that a blank node says can be had, where this is not all, or ""
    :param parts: subject, predicate and object of a triple term
    """

    text: str
    href: str | None = None
    iri: str | None = None
    language: str = ""
    datatype: str = ""
    external: bool = False
    length: int = 0
    says: tuple[tuple["Node", tuple["Node", ...]], ...] = ()
    rest: str = ""
    direction: str = ""
    parts: tuple["Node", ...] = ()

    @property
    def date(self) -> tuple[str, str]:
        """The lexical form and the datatype's IRI, as `kb.dates` takes them; ``""`` is for other ones."""
        return self.text, expand(self.datatype) if self.datatype.startswith("xsd:") else ""

    @property
    def words(self) -> str:
        """The text for readers: a date in words, ``12 September 2025``; anything else unchanged."""
        return _date_in_words(self.text) if self.datatype in _DATES else self.text

    @property
    def mark(self) -> str:
        """Local name of a status, which pages mark with a colour and a sign, or ``""``."""
        name = (self.iri or "").removeprefix(CONCEPT)
        return name if name in _STATUSES else ""


class Nodes:
    """Turns terms into nodes.

    :param labels: IRI -> label
    :param addresses: links of this server
    """

    def __init__(self, labels: Mapping[str, str], addresses: Addresses) -> None:
        self._labels = labels
        self._addresses = addresses

    def of(self, term: Term, depth: int = 0) -> Node:
        """Return the node of a term.

        :param depth: of the triple terms around it
        """
        match term:
            case NamedNode():
                return self.of_iri(term.value)
            case Literal():
                direction = str(term.direction or "")
                return self.of_literal(term.value, term.datatype.value, term.language or "", direction)
            case BlankNode():
                return Node(UNNAMED)
            case _ if depth == _DEEPEST:
                return Node("…")
            case _:
                return self.of_triple([self.of(part, depth + 1) for part in term])

    def of_triple(self, parts: Sequence[Node]) -> Node:
        """Return the node of the triple term with these parts, or with none where they are not shown."""
        words = " ".join(part.words for part in parts)
        return Node(cut(f"⟨{words}⟩", _LONGEST_LITERAL), parts=tuple(parts))

    def of_iri(self, iri: str) -> Node:
        """Return the node of an IRI: linked to its page here, or out into the web, or not at all."""
        text = cut(display(iri, self._labels), _LONGEST_IRI)
        if len(iri) > _LONGEST_LINK:
            return Node(text, iri=iri, external=True)
        href = self._addresses.page(iri)
        if href is None and iri in self._labels and iri not in VOCABULARY:
            href = self._addresses.resource(iri)
        if href is not None:
            return Node(text, href, iri)
        web = is_web_address(iri)
        return Node(
            cut(_short_address(iri), _LONGEST_IRI) if web and text == iri else text,
            iri if web else None,
            iri,
            external=True,
        )

    def of_literal(self, text: str, datatype: str, language: str, direction: str = "") -> Node:
        """Return the node of a literal, or of the beginning of a very long one."""
        datatype = "" if datatype in _PLAIN_DATATYPES else shorten(datatype)
        length = len(text) if len(text) > _LONGEST_LITERAL else 0
        shown = cut(text, _LONGEST_LITERAL)
        return Node(shown, language=language, datatype=datatype, length=length, direction=direction)


def _short_address(iri: str) -> str:
    """Return the last part of a web address and the site: ``Q833 on wikidata.org``."""
    parts = urlsplit(iri)
    last = parts.fragment or parts.path.rstrip("/").rpartition("/")[2]
    return f"{last} on {(parts.hostname or parts.netloc).removeprefix('www.')}" if last else iri


def _date_in_words(lexical: str) -> str:
    """Return ``12 September 2025`` for ``2025-09-12``; text that is no date stays the same."""
    found = _DATE.fullmatch(lexical)
    if not found:
        return lexical
    day = f"{int(found['day'])} " if found["day"] else ""
    year = f" {found['year']}" if found["year"] else ", year not stated"
    time = f", {found['time']}" if found["time"] else ""
    return f"{day}{_MONTHS[int(found['month']) - 1]}{year}{time}"
