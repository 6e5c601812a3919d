"""Alternatives in property paths by the recommendation: as unions that keep duplicates, which the engine drops.

Section 18.4 of https://www.w3.org/TR/sparql11-query/ makes ``a|b`` a union. To see whether a result depends on
that, `spread` replaces each path that has an alternative by a variable, and writes for each way from a subject to an
object a statement with a predicate of its own, so that ordinary triple patterns give one solution a way.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, QuerySolutions, Store

from kb.namespaces import PREFIXES
from kb.sparql.scan import Token, tokenize

__all__ = ["WAY", "paths_with_alternatives", "spread"]

#: How the IRIs begin that stand for ways, and the names of the variables of their predicates.
_WAY, WAY = "urn:way:", "way_"
_ANY = NamedNode(f"{_WAY}any")


def paths_with_alternatives(query: str) -> list[tuple[int, int]]:
    """Return where the paths of a query stand that have an alternative: offsets of the first character and behind."""
    tokens = list(tokenize(query))
    found: list[tuple[int, int]] = []
    for place, token in enumerate(tokens):
        if token.is_symbol("|") and not _is_other(tokens, place):
            first, last = _path_around(tokens, place)
            span = tokens[first].start, tokens[last].start + len(tokens[last].text)
            if span not in found:
                found.append(span)
    return found


def spread(query: str, store: Store, number: int) -> str:
    """Return a query whose triple patterns stand for the paths with alternatives, and write what they match.

    :param store: gets a statement for each way
    :param number: of the query, so that several can have their statements in one store
    """
    for place, (start, end) in reversed([*enumerate(paths_with_alternatives(query))]):
        way, variable = f"{_WAY}{number}:{place}:", f"?{WAY}{place}"
        _write(store, query[start:end], way)
        close = _end_of_group(query, end)
        condition = f' FILTER(STRSTARTS(STR({variable}), "{way}")) '
        query = f"{query[:start]}{variable}{query[end:close]}{condition}{query[close:]}"
    return query


def _is_other(tokens: Sequence[Token], place: int) -> bool:
    """Return whether a stroke is half of ``||`` or of a bracket of an annotation."""
    before, stroke, after = tokens[place - 1 : place + 2]
    return (before.text in "{|" and before.start + 1 == stroke.start) or (
        after.text in "}|" and stroke.start + 1 == after.start
    )


def _path_around(tokens: Sequence[Token], place: int) -> tuple[int, int]:
    """Return the places of the first and the last token of the path that a stroke belongs to."""
    first, last = _before(tokens, place - 1), _behind(tokens, place + 1)
    while True:
        if tokens[first - 1].text in {"/", "|"}:
            first = _before(tokens, first - 2)
        elif tokens[last + 1].text in {"/", "|"}:
            last = _behind(tokens, last + 2)
        elif tokens[first - 1].is_symbol("(") and tokens[last + 1].is_symbol(")"):
            first, last = _before(tokens, last + 1), _behind(tokens, first - 1)
        else:
            return first, last


def _before(tokens: Sequence[Token], place: int) -> int:
    """Return where the element of a path begins that ends at a place."""
    while tokens[place].text in {"?", "*", "+"}:
        place -= 1
    if tokens[place].is_symbol(")"):
        depth = 1
        while depth:
            place -= 1
            depth += {")": 1, "(": -1}.get(tokens[place].text, 0)
    while tokens[place - 1].text in {"^", "!"}:
        place -= 1
    return place


def _behind(tokens: Sequence[Token], place: int) -> int:
    """Return where the element of a path ends that begins at a place."""
    while tokens[place].text in {"^", "!"}:
        place += 1
    if tokens[place].is_symbol("("):
        depth = 1
        while depth:
            place += 1
            depth += {"(": 1, ")": -1}.get(tokens[place].text, 0)
    while tokens[place + 1].text in {"?", "*", "+"}:
        place += 1
    return place


def _end_of_group(query: str, offset: int) -> int:
    """Return the offset of the brace that closes the group around an offset."""
    depth = 0
    for token in tokenize(query):
        if token.start >= offset and token.text in "{}" and not _annotates(query, token):
            depth += 1 if token.text == "{" else -1
            if depth < 0:
                return token.start
    raise ValueError(query)


def _annotates(query: str, brace: Token) -> bool:
    return query[brace.start : brace.start + 2] == "{|" or query[brace.start - 1 : brace.start + 1] == "|}"


def _write(store: Store, path: str, way: str) -> None:
    """Write what a path leads to, in each graph: a statement for each solution of each of its alternatives."""
    found = [quad for plain in _without_alternatives(path) for quad in _solutions(store, plain)]
    store.extend(
        Quad(quad.subject, NamedNode(f"{way}{number}"), quad.object, quad.graph_name)
        for number, quad in enumerate(found)
    )


def _solutions(store: Store, path: str) -> Iterator[Quad]:
    """Yield the solutions of a path in each graph, each as a statement with a predicate that means nothing."""
    for pattern in (f"?s {path} ?o", f"GRAPH ?g {{ ?s {path} ?o }}"):
        solutions = store.query(f"SELECT ?g ?s ?o {{ {pattern} }}", prefixes=PREFIXES)
        assert isinstance(solutions, QuerySolutions)
        for graph, s, o in solutions:
            assert isinstance(s, NamedNode | BlankNode)
            assert isinstance(graph, NamedNode | None)
            assert o is not None
            yield Quad(s, _ANY, o, graph or DefaultGraph())


def _without_alternatives(path: str) -> list[str]:
    """Return the paths that a path is the alternative of, in the same order."""
    options, rest = _alternative([token.text for token in tokenize(path)])
    assert not rest, path
    return options


def _alternative(words: list[str]) -> tuple[list[str], list[str]]:
    options, words = _sequence(words)
    while words[:1] == ["|"]:
        more, words = _sequence(words[1:])
        options = [*options, *more]
    return options, words


def _sequence(words: list[str]) -> tuple[list[str], list[str]]:
    options, words = _element(words)
    while words[:1] == ["/"]:
        more, words = _element(words[1:])
        options = [f"{first}/{second}" for first, second in product(options, more)]
    return options, words


def _element(words: list[str]) -> tuple[list[str], list[str]]:
    if words[0] == "^":
        options, words = _element(words[1:])
        return [f"^({option})" for option in options], words
    if words[0] == "!":
        raise ValueError("negated sets are none of our queries' paths")
    if words[0] == "(":
        options, words = _alternative(words[1:])
        assert words[0] == ")"
        words = words[1:]
        if len(options) > 1 and words[:1] and words[0] in "?*+":  # a set, whatever leads there
            options = ["|".join(options)]
        options = [f"({option})" for option in options]
    else:
        options, words = words[:1], words[1:]
    while words and words[0] in "?*+":
        options, words = [f"{option}{words[0]}" for option in options], words[1:]
    return options, words
