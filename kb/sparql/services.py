"""SERVICE clauses (SPARQL 1.1 Federated Query), found in the text of a query, and their results put in their places.

https://www.w3.org/TR/sparql11-federated-query/. Such a clause is evaluated by itself and joined with the rest (section
2.4), and so is inline data: ``VALUES`` with the results of a clause, in its place, gives the solutions that it gives.
The text that is left has no clause for which an engine would connect to anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, QuerySolutions, Triple

from kb.errors import QueryError, QuerySyntaxError
from kb.namespaces import PREFIXES
from kb.rdf.terms import Term
from kb.sparql.scan import Scanned, Token, position

__all__ = ["NOTHING", "ServiceClause", "inline_data", "service_clauses", "with_inline_data"]

#: What stands for a clause with SILENT whose endpoint has failed: one solution without a value (section 2.3.1).
NOTHING = "VALUES () { () }"


@dataclass(frozen=True)
class ServiceClause:
    """One clause that stands in no other one.

    :param endpoint: IRI of the endpoint
    :param silent: a failure of the endpoint is no error
    :param query: what to ask it
    :param variables: names of those that occur in it
    :param start: offset of its first character
    :param end: offset after its last one
    """

    endpoint: str
    silent: bool
    query: str
    variables: frozenset[str]
    start: int
    end: int


def service_clauses(query: Scanned, base: str) -> tuple[ServiceClause, ...]:
    """Return the SERVICE clauses of a query, in their order.

    :param base: what relative IRIs resolve against, unless the query says BASE
    :raises QueryError: when a clause names its endpoint by a variable, or has a clause in it
    :raises QuerySyntaxError: when the word occurs in a text that cannot be read
    """
    if "service" not in query.text.lower() or query.is_update:
        return ()
    return tuple(_clauses(query, base))


def inline_data(solutions: QuerySolutions, most: int) -> str | None:
    """Return solutions as inline data, or None where there are more than ``most``.

    :raises QueryError: for a blank node, which has no name outside of the result
    """
    names = [f"?{variable.value}" for variable in solutions.variables]
    rows: list[str] = []
    for row in solutions:
        if len(rows) == most:
            return None
        rows.append(f"({' '.join(map(_written, row))})")
    return f"VALUES ({' '.join(names)}) {{ {' '.join(rows)} }}"


def with_inline_data(query: Scanned, clauses: Sequence[ServiceClause], data: Sequence[str]) -> str:
    """Return the text of a query with inline data in the places of its clauses; its lines keep their numbers."""
    parts, end = [], 0
    for clause, values in zip(clauses, data, strict=True):
        lines = "\n" * query.text.count("\n", clause.start, clause.end)
        parts += [query.text[end : clause.start], " ", values, lines, " "]
        end = clause.end
    return "".join([*parts, query.text[end:]])


def _clauses(query: Scanned, base: str) -> Iterator[ServiceClause]:
    resolve, prologue = query.resolver(base), _prologue(query, base)
    tokens = list(query.tokens)
    while tokens:
        word = tokens.pop(0)
        if not word.is_word("service"):
            continue
        silent = bool(tokens) and tokens[0].is_word("silent")
        del tokens[:silent]
        if not tokens or tokens[0].kind not in ("iri", "name"):
            raise _refused(query, word, "names no endpoint by its IRI", "Write the IRI of the endpoint")
        endpoint = resolve(tokens.pop(0))
        group = _group(query, word, tokens)
        start, end = group[0].start, group[-1].start + 1
        del tokens[: len(group)]
        asked = f"{prologue}SELECT * WHERE {query.text[start:end]}"
        variables = frozenset(token.text[1:] for token in group if token.kind == "variable")
        yield ServiceClause(endpoint, silent, asked, variables, word.start, end)


def _group(query: Scanned, word: Token, tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens from the brace at the beginning to the one that closes it."""
    depth = 0
    for number, token in enumerate(tokens):
        depth += token.is_symbol("{") - token.is_symbol("}")
        if token.is_word("service"):
            raise _refused(query, token, "is in another one", "Ask the other endpoint in a clause of its own")
        if depth == 0:
            if number == 0:
                break
            return tokens[: number + 1]
    line, column = position(query.text, word.start)
    raise QuerySyntaxError("this SERVICE has no group in braces after its endpoint", line, column)


def _prologue(query: Scanned, base: str) -> str:
    """Return the declarations of a query, and those of the prefixes that it uses and does not declare."""
    tokens = query.tokens
    first = next((token.start for token in tokens if token.is_word("select", "ask", "construct", "describe")), 0)
    used = [name for name in PREFIXES if f"{name}:" in query.text]
    ours = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in used)
    return f"BASE <{base}>\n{ours}{query.text[:first]}"


def _written(term: Term | None) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, BlankNode) or (isinstance(term, Triple) and "_:" in str(term)):
        raise QueryError(
            "A SERVICE clause has a blank node in its result, which has no name here",
            "Select what identifies it instead, in a subquery of that clause: `{ SELECT ?name { … } }`",
        )
    return str(term)


def _refused(query: Scanned, token: Token, problem: str, remedy: str) -> QueryError:
    line, column = position(query.text, token.start)
    return QueryError(f"This SERVICE clause {problem} (line {line}, column {column})", remedy)
