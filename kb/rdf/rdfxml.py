"""RDF/XML as people have it, rewritten while it is read into RDF/XML that the engine reads rightly.

The engine (pyoxigraph) has a small XML parser of its own: it knows neither encodings nor line ends, takes a document
that is cut off for a whole one, refuses comments inside text, empty languages and relative bases, and misreads XML
literals and unknown parse types. So expat, a full XML parser, reads the document, and what it reports is written again:
in UTF-8, without document type, comments and white space between elements, with entities expanded, bases resolved,
languages only where there is a literal, and XML literals as text.

Nothing that a document names is fetched. What its entities and defaults stand for is bounded: by expat, and here.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, NoReturn
from xml.parsers import expat

import pyoxigraph
from pyoxigraph import RdfFormat

from kb.errors import RdfSyntaxError
from kb.rdf.xml_canonical import SEPARATOR, CanonicalXml, qualified
from kb.rdf.xml_text import xml_text

__all__ = ["RewrittenXml"]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML = "http://www.w3.org/XML/1998/namespace"
_ITS = "http://www.w3.org/2005/11/its"
_OWL = "http://www.w3.org/2002/07/owl#"

#: Namespaces of root elements that belong to other kinds of documents.
_OTHERS = {
    "http://www.w3.org/2005/sparql-results#": "the result of a SPARQL query",
    "http://www.w3.org/2004/03/trix/trix-1/": "TriX",
    "http://www.w3.org/2005/Atom": "an Atom feed",
    "http://www.w3.org/2000/svg": "a picture (SVG)",
}

#: Attributes of RDF that may stand without a namespace (https://www.w3.org/TR/rdf-syntax-grammar/, 6.1.4).
_UNQUALIFIED = frozenset({"ID", "about", "resource", "parseType", "type"})
#: Names in the RDF namespace that are no property attributes (7.2.2 to 7.2.7); rdf:type has an IRI as its value.
_SYNTAX = frozenset(
    (
        *("RDF", "Description", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li", "type"),
        *("aboutEach", "aboutEachPrefix", "bagID"),
        *("version", "annotation", "annotationNodeID"),  # of RDF 1.2
    )
)
#: With one of these a property element's value is no literal.
_NO_LITERAL = frozenset({"parseType", "resource", "nodeID"})
#: What elements may have (7.2.8, 7.2.11, 7.2.15 to 7.2.21), and of what they may have one alone.
_OF_ROOT = frozenset({"version"})
_OF_NODES = frozenset({"ID", "about", "nodeID", "type", "version"})
_OF_PROPERTIES = frozenset(
    ("ID", "resource", "nodeID", "datatype", "parseType", "type", "version", "annotation", "annotationNodeID")
)
_BESIDE_PARSE_TYPE = frozenset({"parseType", "ID", "version", "annotation", "annotationNodeID"})
_IDENTITIES = frozenset({"ID", "about", "nodeID"})
_OBJECTS = frozenset({"resource", "nodeID", "datatype"})
#: Attributes that go to the node where a property element with property attributes is written as two elements.
_OF_NODE = {"resource": "about", "nodeID": "nodeID", "type": "type"}

_CODES = expat.errors.codes
#: Code of expat's error -> what to do.
_REMEDIES = {
    _CODES[expat.errors.XML_ERROR_INVALID_TOKEN]: "Correct the file there; & is written &amp; in XML, and < is &lt;",
    _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: (
        "Declare the entity in the DOCTYPE of the file itself, as no other file is fetched, or write what it stands for"
    ),
    _CODES[expat.errors.XML_ERROR_MISPLACED_XML_PI]: "Remove what stands before <?xml",
    _CODES[expat.errors.XML_ERROR_NO_ELEMENTS]: "Fetch or save the file again: its end is missing",
}

#: A name and a value.
_PAIR = 2
#: Attributes that mean nothing for elements inside -> how they are written, and whether text inside is a literal.
_USUAL = {
    of_properties: {
        f"{_RDF}{SEPARATOR}{local}{SEPARATOR}rdf": (f"rdf:{local}", local in ("ID", "datatype")) for local in names
    }
    for of_properties, names in ((True, ("ID", "nodeID", "resource", "datatype")), (False, ("ID", "nodeID", "about")))
}

#: The bound on what comes out, like expat's own on entities: so many times what went in, beyond the first 8 MiB.
_FACTOR = 100
_FREE = 8 << 20
#: Elements inside each other: the time that the engine takes for them grows with their square.
_DEEPEST = 10_000

_SPACE = " \t\r\n"
_SPECIAL = re.compile('[&<>"\t\n\r]')
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_NO_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


class _Name(NamedTuple):
    """The name of an element or attribute; `written` is how the document has it, with its prefix."""

    namespace: str
    local: str
    written: str


class _Context(NamedTuple):
    """What an element hands down to its children.

    :param properties: whether they are property elements, otherwise node elements
    :param base: IRI that relative IRIs resolve against
    :param language: of literals; empty for none
    :param direction: attribute that states the base direction of literals (RDF 1.2), a space before it; empty for none
    """

    properties: bool
    base: str
    language: str
    direction: str

    def of_literal(self, tag: str = "") -> str:
        """Return the attributes that an element with a literal gets, besides those in its start tag."""
        direction = "" if self.direction in tag else self.direction
        return self.language and f' xml:lang="{_escaped(self.language)}"{direction}'


class _Attributes(NamedTuple):
    """The attributes of an element, by what becomes of them.

    :param syntax: local name in the RDF namespace -> name to be written, value
    :param values: property attributes: names and values
    :param others: what is written as it is, a space before each
    """

    syntax: dict[str, tuple[str, str]]
    values: list[tuple[str, str]]
    others: list[str]

    def written(self) -> str:
        """Return all, a space before each."""
        written = self.others + [f' {name}="{_escaped(value)}"' for name, value in self.syntax.values()]
        if self.values:
            written += [f' {name}="{_escaped(value)}"' for name, value in self.values]
        return "".join(written)


class RewrittenXml:
    """An RDF/XML document as a binary file of the RDF/XML that stands for it.

    :param path: its name, for error messages
    :param base: its address
    :param by_element: whether each `read` returns no more than one element, so that `line` is where an error is
    """

    def __init__(self, file: IO[bytes], path: Path, base: str, *, by_element: bool = False) -> None:
        self._path = path
        self._by_element = by_element
        self._names: dict[str, _Name] = {}
        self._stack = [_Context(properties=False, base=base, language="", direction="")]
        self._namespaces = _Namespaces()
        #: A start tag without its end, until more than text follows; its line; whether text in it is a literal, typed.
        self._open, self._open_line, self._open_is_literal, self._open_is_typed = "", 1, False, False
        self._text: list[str] = []
        self._literal = CanonicalXml(self._count)
        self._output: list[str] = []
        self._lines: list[int] = []
        self._is_ontology = False
        self._size, self._allowed = 0, _FREE
        self._parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        self._parser.namespace_prefixes = True
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.StartNamespaceDeclHandler = self._namespaces.bind
        self._parser.EndNamespaceDeclHandler = self._namespaces.unbind
        self._parser.ExternalEntityRefHandler = self._refuse_external
        self._listen()
        self._pieces = self._rewrite(xml_text(file, path))
        self._ready = memoryview(b"")
        #: Line of the document at which begins what was read last, counted from 1.
        self.line = 1

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at least one unless the document is at its end.

        :raises RdfSyntaxError: with the line, when it is not well-formed XML, or stands for far more than it is long
        """
        if not self._ready:
            self.line, piece = next(self._pieces, (self.line, b""))
            self._ready = memoryview(piece)
        end = len(self._ready) if size < 0 else size
        taken, self._ready = self._ready[:end], self._ready[end:]
        return bytes(taken)

    def _rewrite(self, texts: Iterator[str]) -> Iterator[tuple[int, bytes]]:
        """Yield the output, never nothing, with the lines at which it begins."""
        for text in texts:
            self._allowed += _FACTOR * len(text)
            self._parse(text, last=False)
            yield from self._taken()
        self._parse("", last=True)
        yield from self._taken()

    def _parse(self, text: str, *, last: bool) -> None:
        try:
            self._parser.Parse(text, last)
        except expat.ExpatError as error:
            what, remedy = expat.ErrorString(error.code), _REMEDIES.get(error.code, "Correct the file there")
            raise RdfSyntaxError(self._path, what, error.lineno, remedy) from error

    def _taken(self) -> Iterator[tuple[int, bytes]]:
        output, self._output = self._output, []
        lines, self._lines = self._lines, []
        if self._by_element:
            yield from zip(lines, map(str.encode, output), strict=True)
        elif output:
            yield self.line, "".join(output).encode()

    def _emit(self, text: str, line: int = 0) -> None:
        """Write text of an element that begins at a line, by default where expat is."""
        self._count(len(text))
        self._output.append(text)
        if self._by_element:
            self._lines.append(line or self._parser.CurrentLineNumber)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > self._allowed:
            detail = f"stands for more than {_FACTOR} times its own length, by its entities, defaults or namespaces"
            self._fail(detail, "Read files that are not made to do harm")

    # What expat reports

    def _listen(self) -> None:
        """Let expat report the elements of RDF/XML."""
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.CommentHandler = None
        self._parser.ProcessingInstructionHandler = None

    def _start(self, full: str, attributes: list[str]) -> None:
        name = self._names.get(full) or self._name(full)
        is_root = len(self._stack) == 1
        if is_root:
            self._check_root(name)
        if self._open or self._text:
            self._end_start_tag()
        outer = self._stack[-1]
        if len(attributes) <= _PAIR and not self._namespaces.declared and not is_root:
            usual = _USUAL[outer.properties].get(attributes[0]) if attributes else ("", True)
            if usual:
                self._start_usual(name, attributes, outer, *usual)
                return
        found, inner = self._sorted(attributes, outer)
        is_node = not outer.properties and not (is_root and name.namespace == _RDF and name.local == "RDF")
        self._check_attributes(name, found, _OF_NODES if is_node else _OF_PROPERTIES if outer.properties else _OF_ROOT)
        parse_type = found.syntax["parseType"][1] if outer.properties and "parseType" in found.syntax else None
        if (found.values and inner.language) or (outer.properties and "type" in found.syntax):
            self._emit(self._expanded(name, found, outer, inner))
        else:
            if parse_type not in (None, "Resource", "Collection", "Triple"):  # the last one is RDF 1.2
                self._begin_literal(found)
            self._open = f"<{name.written}{found.written()}"
            self._open_is_literal = outer.properties and not found.values and _NO_LITERAL.isdisjoint(found.syntax)
            self._open_is_typed = "datatype" in found.syntax
            if self._by_element:
                self._open_line = self._parser.CurrentLineNumber
        properties = is_node or parse_type == "Resource"
        self._descend(inner if inner.properties is properties else _Context(properties, *inner[1:]))

    def _start_usual(self, name: _Name, attributes: list[str], outer: _Context, written: str, is_literal: bool) -> None:
        """Write a start tag with one attribute of `_USUAL` or none, in half the time: nine of ten are such."""
        self._open = f'<{name.written} {written}="{_escaped(attributes[1])}"' if written else f"<{name.written}"
        self._open_is_literal = outer.properties and is_literal
        self._open_is_typed = written == "rdf:datatype"
        if self._by_element:
            self._open_line = self._parser.CurrentLineNumber
        self._descend(_Context(not outer.properties, outer.base, outer.language, outer.direction))

    def _descend(self, context: _Context) -> None:
        self._stack.append(context)
        if len(self._stack) > _DEEPEST:
            self._fail(f"has more than {_DEEPEST:,} elements inside each other")

    def _end(self, full: str) -> None:
        context = self._stack.pop()
        name = self._names[full].written
        if not self._open:
            self._emit_text()
            self._emit(f"</{name}>")
            return
        tag, self._open = self._open, ""
        text = "".join(self._text)
        self._text.clear()
        if not self._open_is_literal:
            text = text.strip(_SPACE)
        elif context.language:
            tag += context.of_literal(tag)
        self._emit(f"{tag}>{_escaped(text)}</{name}>" if text else f"{tag}/>", self._open_line)

    def _end_start_tag(self) -> None:
        """Write the start tag before an element inside, and the text before that."""
        if self._open:
            if self._open_is_typed:
                self._fail("has an element inside one with rdf:datatype, which is for text alone")
            self._emit(f"{self._open}>", self._open_line)
            self._open = ""
        if self._text:
            self._emit_text()

    def _emit_text(self) -> None:
        """Write the text beside elements: white space means nothing there, and the engine refuses the rest."""
        text = "".join(self._text).strip(_SPACE)
        self._text.clear()
        if text:
            self._emit(_escaped(text))

    def _begin_literal(self, found: _Attributes) -> None:
        """Read an element's content as an XML literal (7.2.17; 7.2.20 for unknown parse types)."""
        written, _ = found.syntax.pop("parseType")
        prefix = written.partition(":")[0]
        found.syntax["datatype"] = (f"{prefix}:datatype", f"{_RDF}XMLLiteral")
        self._literal = literal = CanonicalXml(self._count)
        self._parser.StartElementHandler = literal.start
        self._parser.EndElementHandler = self._end_in_literal
        self._parser.CharacterDataHandler = literal.characters
        self._parser.CommentHandler = literal.comment
        self._parser.ProcessingInstructionHandler = literal.instruction

    def _end_in_literal(self, full: str) -> None:
        if self._literal.depth:
            self._literal.end(full)
            return
        self._text.append(self._literal.text)
        self._namespaces.taken()  # what elements of the literal declare is in its text
        self._listen()
        self._end(full)

    # Elements and attributes

    def _name(self, full: str) -> _Name:
        namespace, local, prefix = qualified(full)
        self._names[full] = name = _Name(namespace, local, f"{prefix}:{local}" if prefix else local)
        return name

    def _sorted(self, attributes: list[str], outer: _Context) -> tuple[_Attributes, _Context]:
        """Return an element's attributes, and the base and language inside it."""
        found = _Attributes({}, [], self._namespaces.taken())
        if not attributes:
            return found, outer
        base, language, direction = outer.base, outer.language, outer.direction
        for key, value in zip(attributes[::2], attributes[1::2], strict=True):
            namespace, local, written = self._names.get(key) or self._name(key)
            if namespace == _RDF and local in _SYNTAX:
                self._put(found, local, written, value)
            elif namespace == _XML:
                language = value if local == "lang" else language
                base = self._resolved(value, base) if local == "base" else base
            elif namespace == _ITS:
                found.others.append(f' {written}="{_escaped(value)}"')
                direction = found.others[-1] if local == "dir" else direction
            elif namespace:
                found.values.append((written, value))
            elif local in _UNQUALIFIED:
                self._put(found, local, f"{self._namespaces.rdf_prefix(found.others)}:{local}", value)
            elif not local.lower().startswith("xml"):  # reserved names mean nothing (6.1.4)
                self._refuse_attribute(local, value)
        if base is not outer.base:
            found.others.append(f' xml:base="{_escaped(base)}"')
        inner = (outer.properties, base, language, direction)
        return found, outer if inner == outer else _Context(*inner)

    def _put(self, found: _Attributes, local: str, written: str, value: str) -> None:
        if local in found.syntax:
            self._fail(f"has the attribute rdf:{local} twice, with and without a namespace")
        found.syntax[local] = (written, value)

    def _expanded(self, name: _Name, found: _Attributes, outer: _Context, inner: _Context) -> str:
        """Return a start tag with the property attributes written as elements.

        So xml:lang is only where a literal is: other elements hand it down, and the engine knows no empty one. It does
        not see rdf:type on a property element without other property attributes.
        """
        values = "".join(f"<{key}{inner.of_literal()}>{_escaped(value)}</{key}>" for key, value in found.values)
        found.values.clear()
        if not outer.properties:
            return f"<{name.written}{found.written()}>{values}"
        rdf = self._namespaces.rdf_prefix(found.others)
        of_node = {key: found.syntax.pop(key)[1] for key in _OF_NODE if key in found.syntax}
        inside = "".join(f' {rdf}:{_OF_NODE[key]}="{_escaped(value)}"' for key, value in of_node.items())
        return f"<{name.written}{found.written()}><{rdf}:Description{inside}>{values}</{rdf}:Description>"

    def _resolved(self, reference: str, base: str) -> str:
        """Return the base that xml:base states (https://www.w3.org/TR/xmlbase/), without a fragment."""
        try:
            if _NO_IRI.search(reference):
                self._fail(f'has xml:base="{_cut(reference)}", which is no IRI')
            (quad,) = pyoxigraph.parse(f"<x:> <x:> <{reference}>.", RdfFormat.TURTLE, base_iri=base)
        except SyntaxError:
            self._fail(f'has xml:base="{_cut(reference)}", which is no IRI')
        return str(quad.object)[1:-1].partition("#")[0]

    # What is refused

    def _check_root(self, name: _Name) -> None:
        other = "a web page" if name.local.lower() == "html" else _OTHERS.get(name.namespace)
        if other:
            self._fail(f"is {other}, not RDF/XML", "Get the data in RDF/XML or Turtle")
        if not name.namespace:
            self._fail(f"is XML, but no RDF/XML: it begins with <{_cut(name.written)}>", "Get the data in RDF/XML")
        self._is_ontology = name.namespace == _OWL and name.local == "Ontology"

    def _check_attributes(self, name: _Name, found: _Attributes, allowed: frozenset[str]) -> None:
        """Refuse attributes that an element cannot have, or not together: the engine passes over one of them."""
        keys = found.syntax.keys()
        one_alone = _OBJECTS if allowed is _OF_PROPERTIES else _IDENTITIES
        wrong = sorted(keys - allowed)
        if found.values and (allowed is _OF_ROOT or not keys.isdisjoint({"parseType", "datatype"})):
            wrong.append("property attributes")
        if "parseType" in keys:
            wrong += sorted(keys - _BESIDE_PARSE_TYPE)
        elif "datatype" in keys:
            wrong += keys & {"type"}
        if len(keys & one_alone) > 1:
            wrong += sorted(keys & one_alone)
        if wrong:
            said = ", ".join(local if " " in local else f"rdf:{local}" for local in dict.fromkeys(wrong))
            self._fail(f"has <{name.written}> with {said}, which cannot stand there")

    def _refuse_attribute(self, local: str, value: str) -> NoReturn:
        if self._is_ontology:
            self._fail("is OWL/XML, not RDF/XML", "Save it as RDF/XML or Turtle, in Protégé by File > Save as")
        detail = f'has an attribute without a namespace that means nothing in RDF/XML: {local}="{_cut(value)}"'
        self._fail(detail, f"Write it with a prefix, or rdf:{local} if that is meant")

    def _refuse_external(self, *identifiers: str | None) -> NoReturn:
        detail = f"has an entity whose text is in another file, {identifiers[2]}, which is never fetched"
        self._fail(detail, "Put the text into the file in its place")

    def _fail(self, detail: str, remedy: str = "Correct the file there") -> NoReturn:
        raise RdfSyntaxError(self._path, detail, self._parser.CurrentLineNumber, remedy)


class _Namespaces:
    """The prefixes in scope."""

    def __init__(self) -> None:
        #: Prefixes that the element which begins next declares, with what they stand for.
        self.declared: list[tuple[str, str]] = []
        #: Prefix -> what it stands for in the open elements, the innermost last; and the prefixes that stand for RDF's.
        self._bound: dict[str, list[str]] = {}
        self._rdf: dict[str, None] = {}
        self._free = 0

    def bind(self, prefix: str | None, uri: str | None) -> None:
        """Take a declaration, which expat reports before its element."""
        if prefix != "xml":
            self.declared.append((prefix or "", uri or ""))
            self._bound.setdefault(prefix or "", []).append(uri or "")
            self._note(prefix or "")

    def unbind(self, prefix: str | None) -> None:
        """End a declaration, which expat reports after its element."""
        if prefix != "xml":
            self._bound[prefix or ""].pop()
            self._note(prefix or "")

    def taken(self) -> list[str]:
        """Return the attributes by which an element declares prefixes, a space before each; once."""
        declared, self.declared = self.declared, []
        return [f' xmlns{prefix and ":"}{prefix}="{_escaped(uri)}"' for prefix, uri in declared]

    def rdf_prefix(self, others: list[str]) -> str:
        """Return a prefix of RDF's namespace; where there is none, one is declared among an element's attributes."""
        for prefix in self._rdf:
            return prefix
        while self._bound.get(f"rdf{self._free}"):
            self._free += 1
        prefix = f"rdf{self._free}"
        declaration = f' xmlns:{prefix}="{_RDF}"'
        if declaration not in others:
            others.append(declaration)
        return prefix

    def _note(self, prefix: str) -> None:
        if prefix and self._bound[prefix] and self._bound[prefix][-1] == _RDF:
            self._rdf[prefix] = None
        else:
            self._rdf.pop(prefix, None)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


def _cut(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}…"  # noqa: PLR2004  characters enough to find it
