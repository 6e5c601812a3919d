"""A linear-time tokenizer for SPARQL, and what can be said about a query before any engine sees it.

The tokens are the terminals of https://www.w3.org/TR/sparql11-query/#sparqlGrammar. The engine that reads the query
afterwards (pyoxigraph) has no tokenizer: its grammar knows no word boundaries and tries another reading where one
fails, so that ``SERVICE:x{``, ``1SERVICE<x>{`` and ``FILTER(?a<?b)SERVICE#>`` are SERVICE clauses to it. What could be
one in any reading is therefore refused here, at the price of a few odd queries that no one writes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kb.errors import QueryError, QuerySyntaxError

__all__ = ["Token", "form_of", "position", "query_form", "refuse_service", "tokenize"]

_LETTER = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)  # [164] PN_CHARS_BASE
_MORE = "0-9\u00b7\u0300-\u036f\u203f-\u2040"  # what [166] VARNAME and [167] PN_CHARS allow after the first letter
_CHAR = f"{_LETTER}_{_MORE}\\-"  # [167] PN_CHARS
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"  # [170]
_ESCAPE = r"\\[tbnrf\"'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"  # [160] ECHAR, and UCHAR of section 19.2

# A repeated group that may fail half-way is atomic, (?>(?:...)*), and not possessive, (?:...)*+: before Python 3.11.5
# the latter keeps what its last, failed round took (https://github.com/python/cpython/issues/106052).
_SPACE = re.compile(r"(?:[ \t\r\n]++|#[^\r\n]*+)++")
_WORD = re.compile(f"(?!-)[{_CHAR}]++(?>(?:\\.++[{_CHAR}]++)*)")  # a keyword, or [141] PN_PREFIX before a colon
_LOCAL = re.compile(f":(?:(?:[{_LETTER}_:0-9]|{_PLX})(?>(?:[{_CHAR}:]|{_PLX}|\\.++(?=[{_CHAR}:%\\\\]))*))?")  # [169]
_LONG = {
    "'": re.compile(rf"'''(?>(?:'{{0,2}}+(?:[^'\\]|{_ESCAPE}))*)'''"),  # [158]
    '"': re.compile(rf'"""(?>(?:"{{0,2}}+(?:[^"\\]|{_ESCAPE}))*)"""'),  # [159]
}
_SHORT = {
    "'": re.compile(rf"'(?>(?:[^'\\\r\n]|{_ESCAPE})*)'"),  # [156]
    '"': re.compile(rf'"(?>(?:[^"\\\r\n]|{_ESCAPE})*)"'),  # [157]
}
_NUMERIC_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)")
_OTHER = {
    "<": ("iri", re.compile(r'<[^<>"{}|^`\x00-\x20]*+>')),  # [139], its escapes left in
    "?": ("variable", re.compile(f"\\?[{_LETTER}_0-9][{_LETTER}_{_MORE}]*+")),  # [143]
    "$": ("variable", re.compile(f"\\$[{_LETTER}_0-9][{_LETTER}_{_MORE}]*+")),  # [144]
    "@": ("language", re.compile("@[A-Za-z]++(?>(?:--?[A-Za-z0-9]++)*)")),  # [145]
    "_": ("label", re.compile(f"_:[{_LETTER}_0-9](?>(?:[{_CHAR}]|\\.++(?=[{_CHAR}]))*)")),  # [142]
}
_NUMBER = re.compile(r"(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")  # [146] to [148]
_SYMBOLS = frozenset("{}()[];,.+-*/<>=!^|&~?")

_CLOSING = {")": "(", "}": "{", "]": "["}
#: After these symbols an expression goes on with an operand: ``<`` opens an IRI there and compares elsewhere.
_BEFORE_OPERAND = frozenset("(,|/^!=<>&+-*?")
_ABSOLUTE = re.compile("<[A-Za-z][A-Za-z0-9+.-]*+://")
_UPDATES = ("insert", "delete", "load", "clear", "create", "drop", "copy", "move", "add", "with")
_FORMS = ("select", "ask", "construct", "describe")


@dataclass(frozen=True, slots=True)
class Token:
    """A terminal of the grammar.

    :param kind: iri, name (a prefixed name), word (a keyword), variable, label, string, language, number or symbol
    :param text: the token as it is written
    :param start: offset of its first character
    """

    kind: str
    text: str
    start: int

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of the keywords, given in lower case."""
        return self.kind == "word" and self.text.lower() in words

    def is_symbol(self, symbol: str) -> bool:
        """Tell whether this is that punctuation character."""
        return self.kind == "symbol" and self.text == symbol


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of a query; spaces and comments are left out. Time is linear in the length of the text.

    :raises QuerySyntaxError: at a character with which no token starts
    """
    start = _end(_SPACE, text, 0)
    while start < len(text):
        token = _token(text, start)
        yield token
        start = _end(_SPACE, text, start + len(token.text))


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def query_form(text: str) -> str | None:
    """Return ``select``, ``ask``, ``construct`` or ``describe``; ``update`` for an update; None for anything else.

    :raises QuerySyntaxError: where the text before that keyword cannot be read
    """
    return form_of(tokenize(text))


def form_of(tokens: Iterable[Token]) -> str | None:
    """Return the form of the query that the tokens make; see `query_form`."""
    for token in tokens:
        if token.is_word(*_FORMS):
            return token.text.lower()
        if token.is_word(*_UPDATES):
            return "update"
        if token.kind == "symbol":
            return None
    return None


def refuse_service(text: str) -> None:
    """Check that no reading of the text has a SERVICE clause; an engine would connect to the host it names.

    :raises QueryError: where there could be one
    :raises QuerySyntaxError: where the word occurs in a text that has no tokens
    """
    if "service" not in text.lower():
        return
    tokens = list(tokenize(text))
    for token in (*_service_words(tokens), *_two_readings(tokens)):
        line, column = position(text, token.start)
        raise QueryError(
            f"SERVICE is not available here, and this can be read as such a clause: {token.text} "
            f"(line {line}, column {column})",
            "Remove the clause and load the other endpoint's data instead, or write spaces around operators",
        )


def _token(text: str, start: int) -> Token:
    first = text[start]
    if first in _LONG:
        return _string(text, start)
    if first in ".0123456789" and (end := _end(_NUMBER, text, start)) > start:
        return Token("number", text[start:end], start)
    if first in _OTHER:
        kind, grammar = _OTHER[first]
        if (end := _end(grammar, text, start)) > start:
            return Token(kind, text[start:end], start)
    return _name(text, start)


def _name(text: str, start: int) -> Token:
    """Read a prefixed name, a keyword or a symbol."""
    prefix_end = _end(_WORD, text, start)
    end = _end(_LOCAL, text, prefix_end)
    if end > prefix_end:
        return Token("name", text[start:end], start)
    if end > start:
        return Token("word", text[start:end], start)
    if text[start] in _SYMBOLS:
        return Token("symbol", text[start], start)
    raise _unreadable(text, start)


def _string(text: str, start: int) -> Token:
    quote = text[start]
    grammar = _LONG[quote] if text.startswith(quote * 3, start) else _SHORT[quote]
    end = _end(grammar, text, start)
    if end == start or not all(_is_character(escape) for escape in _NUMERIC_ESCAPE.finditer(text, start, end)):
        raise _unreadable(text, start)
    return Token("string", text[start:end], start)


def _is_character(escape: re.Match[str]) -> bool:
    code = int(escape[1] or escape[2] or "0", base=16)
    return code <= 0x10FFFF and not 0xD800 <= code < 0xE000  # noqa: PLR2004  the bounds of Unicode's scalar values


def _end(grammar: re.Pattern[str], text: str, start: int) -> int:
    match = grammar.match(text, start)
    return match.end() if match else start


def _unreadable(text: str, offset: int) -> QuerySyntaxError:
    line, column = position(text, offset)
    return QuerySyntaxError(f"nothing in SPARQL starts like {text[offset : offset + 20]!r}", line, column)


def _service_words(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens that are, or end or begin with, the keyword SERVICE for an engine without word boundaries."""
    for index, token in enumerate(tokens):
        name = token.text.lower()
        if "service" not in name:
            continue
        must_be_a_name = index > 0 and tokens[index - 1].is_word("graph", "from", "named", "describe")
        glued = token.kind == "name" and not must_be_a_name and _glued_clause(name, tokens[index + 1 : index + 4])
        if token.kind == "word" or glued:
            yield token


def _glued_clause(name: str, after: Sequence[Token]) -> bool:
    """Tell whether a prefixed name can be SERVICE glued to what follows: ``SERVICE:x {``, ``e:SERVICE <x> {``."""
    kinds = ["{" if token.is_symbol("{") else token.kind for token in after if not token.is_word("silent")]
    if kinds[:1] == ["{"]:
        return ":" in name.partition("service")[2]
    ends = name.endswith(("service", "servicesilent"))
    return ends and kinds[:1] in (["iri"], ["name"], ["variable"]) and kinds[1:2] == ["{"]


def _two_readings(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the IRIs that are a comparison in another reading, one that begins a comment or a string inside.

    Only in an expression, therefore in brackets, and only after an operand does ``<`` compare; ``<http://…`` cannot.
    """
    open_brackets = [""]
    for before, token in pairwise(tokens):
        _track(open_brackets, before)
        compares = open_brackets[-1] == "(" and not (before.kind == "symbol" and before.text in _BEFORE_OPERAND)
        hides = "#" in token.text or "'" in token.text
        if token.kind == "iri" and compares and hides and not _ABSOLUTE.match(token.text):
            yield token


def _track(open_brackets: list[str], token: Token) -> None:
    if token.kind == "symbol" and token.text in "([{":
        open_brackets.append(token.text)
    elif token.kind == "symbol" and open_brackets[-1] == _CLOSING.get(token.text):
        open_brackets.pop()
