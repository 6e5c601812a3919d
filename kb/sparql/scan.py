"""What a SPARQL query says before any engine reads it, from the tokens of its text, in linear time.

The tokens are the terminals of https://www.w3.org/TR/sparql11-query/#sparqlGrammar. The engine that reads the query
afterwards (pyoxigraph) has no tokenizer: its grammar knows no word boundaries and tries another reading where one
fails, so that ``SERVICE:x{``, ``1SERVICE<x>{`` and ``FILTER(?a<?b)SERVICE#>`` are SERVICE clauses to it. What could be
one in any reading is therefore refused here, at the price of a few odd queries that nobody writes.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urljoin

from kb.errors import QueryError, QuerySyntaxError
from kb.namespaces import PREFIXES
from kb.rdf.characters import NAME_MORE, NAME_START

__all__ = ["DatasetClause", "Scanned", "Token", "position", "tokenize"]

_CHAR = f"{NAME_START}_{NAME_MORE}\\-"  # [167] PN_CHARS
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"  # [170]
_ESCAPE = r"\\[tbnrf\"'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"  # [160] ECHAR, and UCHAR of section 19.2

# A repeated group that may fail half-way is atomic, (?>(?:...)*), and not possessive, (?:...)*+: before Python 3.11.5
# the latter keeps what its last, failed round took (https://github.com/python/cpython/issues/106052).
# They are compiled when they are first used: most processes tokenize nothing.
_SPACE = r"(?:[ \t\r\n]++|#[^\r\n]*+)++"
_WORD = f"(?!-)[{_CHAR}]++(?>(?:\\.++[{_CHAR}]++)*)"  # a keyword, or [141] PN_PREFIX before a colon
_LOCAL = f":(?:(?:[{NAME_START}_:0-9]|{_PLX})(?>(?:[{_CHAR}:]|{_PLX}|\\.++(?=[{_CHAR}:%\\\\]))*))?"  # [169]
_LONG = {
    "'": rf"'''(?>(?:'{{0,2}}+(?:[^'\\]|{_ESCAPE}))*)'''",  # [158]
    '"': rf'"""(?>(?:"{{0,2}}+(?:[^"\\]|{_ESCAPE}))*)"""',  # [159]
}
_SHORT = {
    "'": rf"'(?>(?:[^'\\\r\n]|{_ESCAPE})*)'",  # [156]
    '"': rf'"(?>(?:[^"\\\r\n]|{_ESCAPE})*)"',  # [157]
}
_NUMERIC_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)")
_OTHER = {
    "<": ("iri", r'<[^<>"{}|^`\x00-\x20]*+>'),  # [139], its escapes left in
    **dict.fromkeys("?$", ("variable", f"[?$][{NAME_START}_0-9][{NAME_START}_{NAME_MORE}]*+")),  # [108]
    "@": ("language", "@[A-Za-z]++(?>(?:--?[A-Za-z0-9]++)*)"),  # [145]
    "_": ("label", f"_:[{NAME_START}_0-9](?>(?:[{_CHAR}]|\\.++(?=[{_CHAR}]))*)"),  # [142]
}
_NUMBER = r"(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"  # [146] to [148]
_SYMBOLS = frozenset("{}()[];,.+-*/<>=!^|&~?")

_CLOSING = {")": "(", "}": "{", "]": "["}
#: After these symbols an expression goes on with an operand: ``<`` opens an IRI there and compares elsewhere.
_BEFORE_OPERAND = frozenset("(,|/^!=<>&+-*?")
_ABSOLUTE = re.compile("<[A-Za-z][A-Za-z0-9+.-]*+://")
_UCHAR = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")  # section 19.2

_QUERIES = ("select", "ask", "construct", "describe")
_UPDATES = ("insert", "delete", "load", "clear", "create", "drop", "copy", "move", "add", "with")

_compiled = cache(re.compile)


@dataclass(frozen=True, slots=True)
class Token:
    """A terminal of the grammar.

    :param kind: iri, name (a prefixed name), word (a keyword), variable, label, string, language, number or symbol
    :param text: the token as written
    :param start: offset of its first character
    """

    kind: str
    text: str
    start: int

    def is_word(self, *words: str) -> bool:
        """Return whether this is one of the keywords, given in lower case."""
        return self.kind == "word" and self.text.lower() in words

    def is_symbol(self, symbol: str) -> bool:
        """Return whether this is that punctuation character."""
        return self.kind == "symbol" and self.text == symbol


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of a query; spaces and comments are left out. Time is linear in the length of the text.

    :raises QuerySyntaxError: at a character that starts no token
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


class DatasetClause(NamedTuple):
    """The graphs of a query's FROM clauses (https://www.w3.org/TR/sparql11-query/#specifyingDataset).

    :param default: IRIs of the graphs whose merge is the default graph
    :param named: IRIs of the named graphs
    """

    default: tuple[str, ...]
    named: tuple[str, ...]


@dataclass(frozen=True)
class Scanned:
    """A text that should be a query, read only as far as a question about it requires, and only once.

    :param text: as it was written
    """

    text: str

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """All tokens; raises `QuerySyntaxError` at a character that starts none."""
        return tuple(tokenize(self.text))

    @cached_property
    def operation(self) -> str | None:
        """The query form or the first update operation, in lower case; None where the text begins like neither.

        Raises `QuerySyntaxError` where the text before that keyword cannot be read.
        """
        for token in tokenize(self.text):
            if token.is_word(*_QUERIES, *_UPDATES):
                return token.text.lower()
            if token.kind not in ("word", "name", "iri"):
                return None
        return None

    @property
    def is_update(self) -> bool:
        """Whether the text begins like an update; raises as `operation` does."""
        return self.operation in _UPDATES

    @property
    def has_two_readings(self) -> bool:
        """Whether an engine without a tokenizer can see strings and comments elsewhere; raises as `tokens` does."""
        return next(_two_readings(self.tokens), None) is not None

    def refuse_service(self) -> None:
        """Check that no reading of the text has a SERVICE clause; an engine would connect to the host it names.

        :raises QueryError: where there could be one
        :raises QuerySyntaxError: where the word occurs in a text that cannot be tokenized
        """
        if "service" not in self.text.lower():
            return
        for token in (*_service_words(self.tokens), *_two_readings(self.tokens)):
            line, column = position(self.text, token.start)
            raise QueryError(
                f"SERVICE is not available here, and this can be read as such a clause: {token.text} "
                f"(line {line}, column {column})",
                "Remove the clause and load the other endpoint's data instead, or write spaces around operators",
            )

    def resolver(self, base: str) -> Callable[[Token], str]:
        """Return what gives the IRI of a token that is one, or a prefixed name.

        :param base: see `dataset`, as for the prefixes
        """
        prefixes, base = _prologue(self.tokens, base)
        return lambda token: _resolve(token, prefixes, base)

    def dataset(self, base: str) -> DatasetClause | None:
        """Return the graphs of the FROM and FROM NAMED clauses, or None where there are no such clauses.

        :param base: what relative IRIs resolve against, unless the query says BASE; prefixes that it does not declare
            are those of `kb.namespaces`
        :raises QuerySyntaxError: where the word occurs in a text that cannot be tokenized
        """
        if "from" not in self.text.lower():
            return None
        prefixes, base = _prologue(self.tokens, base)
        default: list[str] = []
        named: list[str] = []
        for place, token in enumerate(self.tokens):
            if token.is_word("from"):
                after = self.tokens[place + 1 : place + 3]
                is_named = bool(after) and after[0].is_word("named")
                names = (name for name in after[is_named : is_named + 1] if name.kind in ("iri", "name"))
                (named if is_named else default).extend(_resolve(name, prefixes, base) for name in names)
        return DatasetClause(tuple(default), tuple(named)) if default or named else None


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


def _end(grammar: str, text: str, start: int) -> int:
    match = _compiled(grammar).match(text, start)
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
    """Return whether a prefixed name can be SERVICE glued to what follows: ``SERVICE:x {``, ``e:SERVICE <x> {``."""
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


def _prologue(tokens: Sequence[Token], base: str) -> tuple[Mapping[str, str], str]:
    """Return the prefixes and the base of a query: those it declares, else ours and the given base."""
    prefixes = dict(PREFIXES)
    for place, token in enumerate(tokens):
        if token.is_word("prefix") and place + 2 < len(tokens):
            name, iri = tokens[place + 1 : place + 3]
            prefixes[name.text.removesuffix(":")] = _resolve(iri, prefixes, base)
        elif token.is_word("base") and place + 1 < len(tokens):
            base = _resolve(tokens[place + 1], prefixes, base)
        elif token.is_word(*_QUERIES):
            break
    return prefixes, base


def _resolve(token: Token, prefixes: Mapping[str, str], base: str) -> str:
    if token.kind == "iri":
        iri = _UCHAR.sub(_character, token.text[1:-1])
        return urljoin(base, iri.removesuffix("#")) + "#" * iri.endswith("#")  # urljoin drops an empty fragment
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, f"{prefix}:") + re.sub(r"\\(.)", r"\1", local)


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code <= sys.maxunicode else escape[0]
