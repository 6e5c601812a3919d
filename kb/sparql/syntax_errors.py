"""Readable syntax errors from those of pyoxigraph, which list character classes and point behind the mistake."""

import re
from collections.abc import Sequence

from kb.errors import QueryError, QuerySyntaxError
from kb.sparql.scan import Scanned, Token, position

__all__ = ["PADDING", "explain"]

#: Appended to a text to learn where it is wrong: the engine's parser reads as many characters as a keyword has before
#: it compares them, and reports the end of the text where there are fewer.
PADDING = " " * 32

_MESSAGE = re.compile(r"error at (?P<line>\d+):(?P<column>\d+): expected (?:one of )?(?P<expected>.*)", re.DOTALL)
_KEYWORD = re.compile(r"(?<![\w'\"])[A-Z][A-Z_]*[A-Z](?![\w'\"])")
_SENTENCE = re.compile(r"(?<![\w'\"])[A-Za-z]+(?: [A-Za-z][\w']*)+")
_SENTENCES = {"Prefix not found": "the prefix is not declared", "IRI parsing failed": "this is no absolute IRI"}
_SHOWN = 40


def explain(query: Scanned, message: str) -> QueryError:
    """Return the error for a text that the engine rejects.

    :param message: the engine's, for the text followed by `PADDING`
    """
    try:
        tokens = query.tokens
    except QuerySyntaxError as error:
        return error
    if query.is_update:
        return QueryError("This is an update, not a query", "Write a query: nothing can be changed here")
    match = _MESSAGE.search(message)
    return _located(query.text, tokens, match) if match else QuerySyntaxError(message)


def _located(text: str, tokens: Sequence[Token], match: re.Match[str]) -> QuerySyntaxError:
    before = text.split("\n")[: int(match["line"]) - 1]
    reported = sum(len(line) + 1 for line in before) + int(match["column"]) - 1
    sentence = _SENTENCE.search(match["expected"])
    keywords = _KEYWORD.findall(match["expected"])
    offset = reported - 1 if sentence else reported - min(map(len, keywords), default=0)
    token = next((token for token in tokens if token.start + len(token.text) > offset), None)
    line, column = position(text, token.start if token else len(text.rstrip()))
    written = repr(token.text[:_SHOWN]) if token else "the end of the query"
    if sentence:
        return QuerySyntaxError(f"{_SENTENCES.get(sentence[0], sentence[0])} (at {written})", line, column)
    return QuerySyntaxError(f"{written} is not expected here", line, column)
