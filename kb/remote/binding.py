"""Terms bound to variables of a query, written into its text: the protocol has no parameter for them.

The embedded engine takes them as arguments (`kb.sparql.query.evaluate`); a remote store gets a text in which they stand
in the places of the variables.
"""

from collections.abc import Iterator, Mapping

from pyoxigraph import BlankNode

from kb.rdf.terms import Term
from kb.sparql.scan import Scanned, Token

__all__ = ["bound"]

_ENDING_SELECT = ("where", "from")
_ENDING_GROUPS = ("having", "order", "limit", "offset", "values")


def bound(text: str, terms: Mapping[str, Term]) -> str:
    """Return a query with terms for variables that it selects and gives no value itself, by BIND or VALUES.

    A bound variable is a column of the result as before.

    :param terms: variable -> an IRI, a literal or a triple term without blank nodes
    :raises ValueError: for a blank node, which no query can name
    """
    if any(isinstance(term, BlankNode) for term in terms.values()):
        raise ValueError("a blank node has no name in a query")
    tokens = Scanned(text).tokens
    grouped = {token.text[1:] for token, place in _placed(tokens) if place == "groups"}
    parts, end = [], 0
    for token, place in _placed(tokens):
        name = token.text[1:]
        if token.kind != "variable" or name not in terms:
            continue
        written = {
            "columns": token.text if name in grouped else f"({terms[name]} AS {token.text})",
            "inner columns": "",  # it would be a second variable of that name in the scope of the first
            "groups": f"({terms[name]} AS {token.text})",
            "order": token.text,
        }.get(place, str(terms[name]))
        parts += [text[end : token.start], written]
        end = token.start + len(token.text)
    return "".join([*parts, text[end:]])


def _placed(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, str]]:
    """Yield the tokens, each with its place: columns, inner columns, groups, order, or a pattern or an expression."""
    place, braces, brackets = "pattern", 0, 0
    for token in tokens:
        if token.is_word("select"):
            place = "inner columns" if braces else "columns"
        elif token.is_word(*_ENDING_SELECT) or token.is_symbol("{"):
            place = "pattern"
        elif token.is_word("group"):
            place = "groups"
        elif token.is_word(*_ENDING_GROUPS):
            place = "order"
        elif token.is_symbol("}"):
            place = "pattern"
        braces += token.is_symbol("{") - token.is_symbol("}")
        brackets += token.is_symbol("(") - token.is_symbol(")")
        yield token, "order" if place == "order" else place if not brackets else "expression"
