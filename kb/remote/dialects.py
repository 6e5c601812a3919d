"""Queries as an engine understands them: rewrites that its profile names, each of which keeps all solutions.

Only what is known to mean the same is written anew; what a store is known to answer wrongly in any form is refused.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from kb.namespaces import XSD
from kb.remote.paths import expand_paths
from kb.remote.profiles import Profile
from kb.sparql.annotations import in_sparql_1_1, statements_first
from kb.sparql.scan import Scanned, Token

__all__ = ["REWRITES", "own_limit", "rewrite"]

#: Functions and operators of SPARQL 1.1 Query, section 17.4, whose value is a boolean.
_TRUTHS = (
    *("bound", "contains", "exists", "isblank", "isiri", "isliteral", "isnumeric", "isuri", "langmatches", "regex"),
    *("sameterm", "strends", "strstarts"),
)
#: From here on a LIMIT is there to end what nobody reads, and not to choose the first of all.
_LARGE = 1000
_COMPARING = frozenset("=<>&|")
_TRUE, _FALSE = (f'STRDT("{value}", <{XSD.boolean}>)' for value in ("true", "false"))


def rewrite(query: Scanned, profile: Profile) -> str:
    """Return the text that asks an engine the same.

    :raises QueryError: where there is none that it answers rightly
    :raises QuerySyntaxError: where the text is no query
    """
    names = profile.rewrites if profile.triple_terms else ("sparql-1.1", *profile.rewrites)
    for name in names:
        query = Scanned(REWRITES[name](query))
    return query.text


class Limit(NamedTuple):
    """The LIMIT of a query itself, not of a subquery, and where it stands."""

    value: int
    start: int
    end: int
    has_offset: bool


def own_limit(query: Scanned) -> Limit | None:
    """Return the LIMIT of a query, or None."""
    depth, found, has_offset = 0, None, False
    for token, after in pairwise(query.tokens):
        if token.kind == "symbol":
            depth += (token.text == "{") - (token.text == "}")
        elif not depth and token.is_word("limit") and after.text.isdigit():
            found = Limit(int(after.text), token.start, after.start + len(after.text), has_offset=False)
        has_offset = has_offset or (not depth and token.is_word("offset"))
    return found and found._replace(has_offset=has_offset)


def _statements_first(query: Scanned) -> str:
    """Let the engine begin with statements that are annotated: for Oxigraph, whose order of joins depends on it."""
    return statements_first(query) or query.text


def _typed_truths(query: Scanned) -> str:
    """Make truth values of the expressions whose values are selected or bound: for Virtuoso, which makes integers.

    ``(?a < ?b AS ?c)`` becomes ``(IF(?a < ?b, STRDT("true", xsd:boolean), STRDT("false", xsd:boolean)) AS ?c)``, the
    same for what has the type xsd:boolean: IF has an error where its condition has one (section 17.4.1.2). It makes
    integers of literals in the text, too.
    """
    text, end = "", 0
    for start, stop in _truths(query.tokens):
        text += f"{query.text[end:start]}IF({query.text[start:stop]}, {_TRUE}, {_FALSE})"
        end = stop
    return text + query.text[end:]


def _without_top(query: Scanned) -> str:
    """Leave out a large LIMIT of what is sorted: for Virtuoso, which refuses those beyond 10,000.

    With any LIMIT it also sorts what is unbound last. `kb.remote.evaluation` leaves out what is beyond the LIMIT.
    """
    limit = own_limit(query)
    is_sorted = any(token.is_word("order") and after.is_word("by") for token, after in pairwise(query.tokens))
    if limit is None or limit.value < _LARGE or not is_sorted or limit.has_offset:
        return query.text
    return query.text[: limit.start] + query.text[limit.end :]


def _truths(tokens: tuple[Token, ...]) -> Iterator[tuple[int, int]]:
    """Yield where an expression begins and ends that is surely a truth value and gets a name."""
    opened: list[int] = []
    done = 0  # what is inside of an expression that was found is left alone
    for place, token in enumerate(tokens):
        if token.is_symbol("("):
            opened.append(place)
        elif token.is_symbol(")") and opened:
            begin = opened.pop()
            named = place - begin > 3 and tokens[place - 2].is_word("as") and tokens[place - 1].kind == "variable"  # noqa: PLR2004
            expression = tokens[begin + 1 : place - 2]
            if named and begin >= done and _is_truth(expression):
                done = place
                yield expression[0].start, expression[-1].start + len(expression[-1].text)


def _is_truth(expression: tuple[Token, ...]) -> bool:
    depth, outer = 0, []
    for token in expression:
        depth -= token.kind == "symbol" and token.text in ")}"
        if not depth:
            outer.append(token)
        depth += token.kind == "symbol" and token.text in "({"
    if any((token.kind == "symbol" and token.text in _COMPARING) or token.is_word("in") for token in outer):
        return True
    first = outer[0]
    if first.is_symbol("!") or first.is_word("not", "true", "false"):
        return True
    return first.is_word(*_TRUTHS) and len(outer) == 3  # noqa: PLR2004  its name and the brackets


#: Name in a profile -> what it does.
REWRITES: Mapping[str, Callable[[Scanned], str]] = {
    "sparql-1.1": in_sparql_1_1,
    "statements-first": _statements_first,
    "paths": expand_paths,
    "truths": _typed_truths,
    "top": _without_top,
}
