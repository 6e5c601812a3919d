"""XML that every reader takes: the names of elements and the characters of RDF/XML and of SPARQL results."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import IO, cast
from xml.parsers import expat

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple
from pyoxigraph import serialize as write_rdf

from kb.errors import TermNotInFormat
from kb.namespaces import PREFIXES
from kb.rdf.characters import NAME_MORE, NAME_START

__all__ = ["as_xml", "write_rdfxml"]

_RDF = PREFIXES["rdf"]
_TYPE = NamedNode(f"{_RDF}type")

#: coreSyntaxTerms, oldTerms, rdf:Description and rdf:li, which name no properties, and no classes that are elements
#: (https://www.w3.org/TR/rdf-syntax-grammar/#section-Namespace).
_RESERVED = {
    f"{_RDF}{name}"
    for name in (
        *("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype"),
        *("annotation", "annotationNodeID", "version"),  # of RDF 1.2
        *("aboutEach", "aboutEachPrefix", "bagID", "Description", "li"),
    )
}
#: No element may be in this namespace (https://www.w3.org/TR/xml-names/#xmlReserved).
_XMLNS = "http://www.w3.org/2000/xmlns/"

#: Stands in the engine's text for the namespaces and names that the engine would not write well.
_PLACEHOLDER, _PLACEHOLDER_PREFIX = "x-placeholder:", "placeholder"

#: IRIs that end in a name which the engine finds, and all readers take.
_PLAIN = re.compile(r"([!-~]*[!-,/:-@[-^`{-~])[A-Z_a-z][\w.\-]*", re.ASCII)
_MORE = f"{NAME_MORE}_.\\-"
#: Names at the end of an IRI, best first: as XML 1.0 has them in its fifth edition, without the characters beyond the
#: basic plane that readers of earlier editions refuse, in ASCII. expat has the last word.
_ENDINGS = [
    re.compile(f"[{start}_][{start}{_MORE}]*\\Z")
    for start in (NAME_START, NAME_START.replace("\U00010000-\U000effff", ""), "A-Za-z")
]

#: What is below the space, without tab, line feed and carriage return.
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_FOREIGN = re.compile(b"[%b]|\xef\xbf[\xbe\xbf]" % re.escape(_CONTROLS))
_BAD_NODE_ID = re.compile(rb' rdf:nodeID="(?![A-Z_a-z][\w.\-]*")')
_NODE_ID = re.compile(rb'(<[^<>]* rdf:nodeID=")([^"]*)')
_RENAMED = re.compile(rf"(</?){_PLACEHOLDER_PREFIX}:n(\d+)".encode())
_SHOWN_BYTES = 30


def as_xml(output: IO[bytes], others: tuple[str, ...]) -> IO[bytes]:
    """Return a stream for what the engine writes as XML, which passes on what readers take.

    A carriage return becomes a reference, as readers make a raw one a line feed
    (https://www.w3.org/TR/xml/#sec-line-ends). Its ``write`` raises `TermNotInFormat` for a character that XML 1.0 does
    not have (https://www.w3.org/TR/xml/#charsets); what came before it is written by then.

    :param others: names of formats that can hold such a character
    """
    return cast("IO[bytes]", _Characters(output, others))


def write_rdfxml(
    statements: Iterable[Triple] | Iterable[Quad], prefixes: Mapping[str, str], others: tuple[str, ...]
) -> bytes:
    """Return statements in RDF/XML, in the order in which they come.

    The engine writes it. A class that can name no element becomes the value of rdf:type; what RDF/XML cannot hold is
    an error (https://www.w3.org/TR/rdf-syntax-grammar/#section-Serialising). The prefixes in use are declared, in the
    order of the map.

    :param others: names of formats that can hold what RDF/XML cannot
    :raises TermNotInFormat: for a predicate that ends in no name of XML, and for a character that XML does not have
    """
    names, buffer = _Names(prefixes, others), io.BytesIO()
    namespaces = {**prefixes, _PLACEHOLDER_PREFIX: _PLACEHOLDER}
    write_rdf(names.nameable(statements), as_xml(buffer, others), RdfFormat.RDF_XML, prefixes=namespaces)
    text = buffer.getvalue()
    end = text.find(b">", text.find(b"<rdf:RDF"))
    head, body = text[: text.find(b"<rdf:RDF")], text[end:]
    if _BAD_NODE_ID.search(body):
        body = _number_blank_nodes(body)
    if names.renamed:
        body = _RENAMED.sub(lambda match: match[1] + names.renamed[int(match[2])].encode(), body)
    whole = b"".join((head, b"<rdf:RDF", *names.declarations(body), body))
    if b' rdf:parseType="Triple"' in body and not _is_well_formed(whole):
        problem = "A triple term has a predicate or a class that ends in no name of XML, so that RDF/XML cannot hold it"
        raise TermNotInFormat(problem, others)
    return whole


class _Characters:
    """The stream that `as_xml` returns."""

    def __init__(self, output: IO[bytes], others: tuple[str, ...]) -> None:
        self._output = output
        self._others = others
        self._kept = b""  # the beginning of a character, at the end of what was written last

    def write(self, data: bytes) -> int:
        """Pass on a part of the text."""
        if any(map(data.__contains__, _CONTROLS)) or b"\xef" in data or self._kept:
            self._check(self._kept + data)
            self._kept = data[-2:] if b"\xef" in data[-2:] else b""
        self._output.write(data.replace(b"\r", b"&#13;") if b"\r" in data else data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: the output is in memory."""

    def _check(self, text: bytes) -> None:
        if match := _FOREIGN.search(text):
            before = text[: match.start()].rpartition(b">")[2][-_SHOWN_BYTES:].decode(errors="ignore")
            after = text[match.end() :].partition(b"<")[0][:_SHOWN_BYTES].decode(errors="ignore")
            code = ord(match[0].decode())
            problem = f"XML has no character U+{code:04X}, as in the literal {_shown(before, chr(code), after)}"
            raise TermNotInFormat(problem, self._others)


class _Names:
    """The names of elements in one document.

    :ivar renamed: names for those that the engine would not write well, by the number of their placeholder
    """

    def __init__(self, prefixes: Mapping[str, str], others: tuple[str, ...]) -> None:
        self.renamed: list[str] = []
        self._prefixes = dict(prefixes) if "rdf" in prefixes else {"rdf": _RDF, **prefixes}
        self._others = others
        self._by_namespace = {namespace: prefix for prefix, namespace in self._prefixes.items()}
        self._used = {_RDF}
        self._type_as_property: NamedNode | None = None

    def nameable(self, statements: Iterable[Triple] | Iterable[Quad]) -> Iterator[Triple]:
        """Yield statements, with placeholders for the predicates that the engine would not write well.

        :raises TermNotInFormat: for a predicate that ends in no name of XML
        """
        predicates: dict[NamedNode, NamedNode | None] = {}
        classes: dict[object, NamedNode | None] = {}
        for statement in statements:
            predicate = statement.predicate
            try:
                placeholder = predicates[predicate]
            except KeyError:
                placeholder = predicates[predicate] = self._placeholder(predicate.value)
            if predicate == _TYPE:
                class_ = statement.object
                if class_ not in classes:
                    classes[class_] = self._placeholder_of_type(class_)
                placeholder = classes[class_]
            triple = statement.triple if isinstance(statement, Quad) else statement
            yield Triple(triple.subject, placeholder, triple.object) if placeholder else triple

    def declarations(self, body: bytes) -> Iterator[bytes]:
        """Yield the declarations of the namespaces in use, those that the engine always declares included."""
        for prefix, namespace in self._prefixes.items():
            if namespace in self._used:
                yield f' xmlns:{prefix}="{_attribute(namespace)}"'.encode()
        if b' its:dir="' in body and "its" not in self._prefixes:
            yield b' xmlns:its="http://www.w3.org/2005/11/its"'

    def _placeholder(self, iri: str) -> NamedNode | None:
        """Return what the engine is to write in place of a predicate, or None where it writes that one well."""
        if (plain := self._plain_namespace(iri)) is not None:
            self._used.add(plain)
            return None
        is_reserved = iri in _RESERVED or iri.startswith(_XMLNS)
        found = None if is_reserved else _split(iri)
        if found is None:
            cause = "has a meaning of its own there" if is_reserved else "ends in no name of XML"
            raise TermNotInFormat(f"RDF/XML cannot hold the predicate <{iri}>, which {cause}", self._others)
        return self._rename(*found)

    def _placeholder_of_type(self, class_: object) -> NamedNode | None:
        """Return what the engine is to write in place of rdf:type where it would make an element of the class."""
        if not isinstance(class_, NamedNode):
            return None
        if (plain := self._plain_namespace(class_.value)) is not None:
            self._used.add(plain)
            return None
        if self._type_as_property is None:
            self._type_as_property = self._rename(_RDF, "type")
        return self._type_as_property

    def _plain_namespace(self, iri: str) -> str | None:
        match = _PLAIN.fullmatch(iri)
        if match is None or iri in _RESERVED or match[1] in (_XMLNS, _PLACEHOLDER):
            return None
        return match[1]

    def _rename(self, namespace: str, local: str) -> NamedNode:
        prefix = self._by_namespace.get(namespace)
        if prefix is None:
            number = len(self.renamed)
            prefix = self._by_namespace[namespace] = f"ns{number}"
            self._prefixes[prefix] = namespace
        self._used.add(namespace)
        self.renamed.append(f"{prefix}:{local}")
        return NamedNode(f"{_PLACEHOLDER}n{len(self.renamed) - 1}")


def _split(iri: str) -> tuple[str, str] | None:
    """Return the namespace and the name of an element that together are an IRI, or None where it ends in no name."""
    for ending in _ENDINGS:
        match = ending.search(iri)
        if match and match.start() and _is_well_formed(f"<{match[0]}/>".encode()):
            return iri[: match.start()], match[0]
    return None


def _is_well_formed(text: bytes) -> bool:
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(text, True)
    except expat.ExpatError:
        return False
    return True


def _number_blank_nodes(body: bytes) -> bytes:
    """Return a document with numbered blank nodes: RDF/XML takes only names of XML as their identifiers."""
    numbers: dict[bytes, bytes] = {}
    return _NODE_ID.sub(lambda match: match[1] + numbers.setdefault(match[2], b"b%d" % len(numbers)), body)


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;")


def _shown(before: str, character: str, after: str) -> str:
    """Return a part of a literal as Turtle writes it."""
    text = f"{unescape(before)}{character}{unescape(after)}"
    escaped = "".join(f"\\u{ord(c):04X}" if c < " " or c in "\ufffe\uffff" else c for c in text)
    return f'"{escaped}"'
