"""Random RDF/XML documents that state the same kinds of triples in all the ways that XML and RDF/XML have for it."""

import random

__all__ = ["document"]

_ENCODINGS = ("UTF-8", "utf-8-sig", "ISO-8859-1", "windows-1252", "UTF-16", "US-ASCII")
_LINE_ENDS = ("\n", "\n", "\r\n", "\r")
_LANGUAGES = ("", "en", "de", "zh-hant")
_BASES = ("", "sub/", "../up/x", "?q", "#frag", "http://base.example/a/b", "http://base.example", "//other.example/c")
_REFERENCES = ("", "#f", "rel", "../x", "http://example.org/n1", "/abs", "&ex;n2", "?a=1&amp;b=2")
_TEXTS = (
    "plain",
    "two\nlines",
    " padded ",
    "caf\u00e9 \u00df",
    "a &amp; b &lt; c",
    "&#13;&#10;&#9;",
    "&greeting;",
    "",
    "x\ty",
    "]]&gt;",
)
_PREFIXES = ("ex", "ex", "other")
_XML = (
    "<b>x</b>",
    '<b xmlns="http://www.w3.org/1999/xhtml">x<br/></b>',
    "text <ex:i other:z='1' a=\"&quot;2\"/> <!-- note --> tail",
    "<ex:a><?pi data?><ex:b xmlns:ex='http://inner.example/'/></ex:a>",
    "<![CDATA[<raw> & ]]>&amp;&#13;",
    "<a xmlns='http://d.example/'><b xmlns=''/></a>",
    "",
)

_HEAD = """<!DOCTYPE rdf:RDF [
  <!ENTITY ex 'http://example.org/'>
  <!ENTITY % unused "nothing">
  <!ENTITY greeting "hello &#38; <!-- c -->good day">
  <!ATTLIST ex:Thing ex:kind CDATA "default">
]>
"""


def document(seed: int) -> bytes:
    """Return the document of that number."""
    return _Writer(random.Random(seed)).document()


class _Writer:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._ids = 0

    def document(self) -> bytes:
        pick = self._chance.choice
        encoding = pick(_ENCODINGS)
        named = {"utf-8-sig": "UTF-8"}.get(encoding, encoding)
        root = (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:ex="http://example.org/"'
            f' xmlns:other="http://other.example/#"{self._scope()}>'
        )
        nodes = "\n".join(self._noise() + self._node(2) for _ in range(self._chance.randint(1, 3)))
        text = f'<?xml version="1.0" encoding="{named}"?>\n{_HEAD}{root}\n{nodes}\n</rdf:RDF>\n'
        return text.replace("\n", pick(_LINE_ENDS)).encode(encoding, "xmlcharrefreplace")

    def _maybe(self, text: str, probability: float = 0.3) -> str:
        return text if self._chance.random() < probability else ""

    def _noise(self) -> str:
        return self._chance.choice(("", "", "<!-- between -->", "<?between elements?>", "\n  "))

    def _scope(self) -> str:
        """Return attributes that elements inside inherit."""
        pick = self._chance.choice
        return self._maybe(f' xml:lang="{pick(_LANGUAGES)}"') + self._maybe(f' xml:base="{pick(_BASES)}"', 0.2)

    def _rdf(self) -> str:
        return self._chance.choice(("rdf:", "rdf:", ""))

    def _identity(self) -> str:
        kind = self._chance.randrange(5)
        if kind == 0:
            self._ids += 1
            return f' {self._rdf()}ID="id{self._ids}"'
        if kind == 1:
            return f' rdf:nodeID="b{self._chance.randrange(3)}"'
        return f' {self._rdf()}about="{self._chance.choice(_REFERENCES)}"' if kind < 4 else ""

    def _values(self) -> str:
        text = self._chance.choice(_TEXTS).replace("<", "&lt;").replace("&greeting;", "&ex;")
        found = self._maybe(f" {self._chance.choice(_PREFIXES)}:attribute='{text}'", 0.2)
        return found + self._maybe(' rdf:value="v"', 0.1) + self._maybe(f' {self._rdf()}type="&ex;T"', 0.1)

    def _node(self, depth: int) -> str:
        name = self._chance.choice(("rdf:Description", "ex:Thing", "other:Thing", "rdf:Bag"))
        properties = "".join(self._noise() + self._property(depth) for _ in range(self._chance.randint(0, 3)))
        return f"<{name}{self._identity()}{self._values()}{self._scope()}>{properties}{self._noise()}</{name}>"

    def _property(self, depth: int) -> str:
        name = self._chance.choice(("ex:p", "other:q", "rdf:li", "rdf:_7", "rdf:type"))
        scope = self._scope()
        if self._chance.random() < 0.1:
            self._ids += 1
            scope += f' {self._rdf()}ID="id{self._ids}"'
        makers = [self._literal, self._empty, self._xml]
        makers += [self._object, self._resource, self._collection] if depth else []
        return self._chance.choice(makers)(name, scope, depth)

    def _literal(self, name: str, scope: str, _: int) -> str:
        datatype = self._maybe(' rdf:datatype="&ex;type"', 0.2)
        return f"<{name}{scope}{datatype}>{self._text()}</{name}>"

    def _text(self) -> str:
        text = self._chance.choice(_TEXTS)
        if "&" not in text and self._chance.random() < 0.3:
            text = f"<![CDATA[{text}]]>"
        return self._chance.choice(("", "<!-- c -->", "<?pi?>")) + text + self._chance.choice(("", "<!-- c -->", "x"))

    def _empty(self, name: str, scope: str, _: int) -> str:
        which = self._chance.randrange(4)
        target = f' {self._rdf()}resource="{self._chance.choice(_REFERENCES)}"', f' rdf:nodeID="b{which}"', "", ""
        return f"<{name}{scope}{target[which]}{self._values()}/>"

    def _xml(self, name: str, scope: str, _: int) -> str:
        kind = self._chance.choice(("Literal", "daml:collection", "Statements"))
        return f'<{name} {self._rdf()}parseType="{kind}"{scope}>{self._chance.choice(_XML)}</{name}>'

    def _object(self, name: str, scope: str, depth: int) -> str:
        return f"<{name}{scope}>{self._noise()}{self._node(depth - 1)}{self._noise()}</{name}>"

    def _resource(self, name: str, scope: str, depth: int) -> str:
        inside = "".join(self._property(depth - 1) for _ in range(self._chance.randint(0, 2)))
        return f'<{name} {self._rdf()}parseType="Resource"{scope}>{inside}{self._noise()}</{name}>'

    def _collection(self, name: str, scope: str, depth: int) -> str:
        inside = "".join(self._noise() + self._node(depth - 1) for _ in range(self._chance.randint(0, 2)))
        return f'<{name} {self._rdf()}parseType="Collection"{scope}>{inside}</{name}>'
