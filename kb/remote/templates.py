"""CONSTRUCT queries of which a store gives the rows: their triples are made here.

For stores that leave out rows of a CONSTRUCT query without a word, while they say so of a SELECT query.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, QuerySolutions, QueryTriples, Store, Triple

from kb.errors import QuerySyntaxError
from kb.rdf.terms import Term
from kb.sparql.scan import Scanned

__all__ = ["Template"]

_NODE = "urn:x-node:"


@dataclass(frozen=True)
class Template:
    """A CONSTRUCT query taken apart.

    :param prologue: what the query declares
    :param text: of the template, in its braces
    :param variables: in it, with their ``?``
    :param question: the SELECT query for their values, one row for each solution
    """

    prologue: str
    text: str
    variables: tuple[str, ...]
    question: str

    @classmethod
    def read(cls, query: Scanned) -> "Template":
        """Take a query apart.

        :raises QuerySyntaxError: where it is no CONSTRUCT query
        """
        tokens = query.tokens
        begin = next((place for place, token in enumerate(tokens) if token.is_word("construct")), len(tokens))
        first = next((place for place in range(begin, len(tokens)) if tokens[place].is_symbol("{")), len(tokens))
        last = next((place for place in range(first, len(tokens)) if tokens[place].is_symbol("}")), len(tokens))
        if last == len(tokens):
            raise QuerySyntaxError("a CONSTRUCT query has a template in braces")
        text = query.text[tokens[first].start : tokens[last].start + 1]
        variables = dict.fromkeys(f"?{t.text[1:]}" for t in tokens[first:last] if t.kind == "variable")
        is_short = tokens[begin + 1].is_word("where")  # section 16.2.4: the pattern is the template
        rest = query.text[tokens[begin + 1].start if is_short else tokens[last].start + 1 :]
        selected = " ".join(variables) or "(1 AS ?one)"
        prologue = query.text[: tokens[begin].start]
        return cls(prologue, text, tuple(variables), f"{prologue}SELECT {selected} {rest}")

    def fill(self, rows: QuerySolutions, prologue: str) -> Iterator[Triple]:
        """Yield the triples of all rows (https://www.w3.org/TR/sparql11-query/#construct).

        :param prologue: declarations that the template needs, besides those of the query
        """
        names = _Names()
        values = " ".join(f"({' '.join(map(names.write, row))})" for row in rows)
        data = f"VALUES ({' '.join(self.variables or ('?one',))}) {{ {values} }}"
        made = Store().query(f"{prologue}{self.prologue}CONSTRUCT {self.text} WHERE {{ {data} }}")
        assert isinstance(made, QueryTriples)  # noqa: S101  for the type checker
        for triple in made:
            yield Triple(*map(names.read, triple))  # type: ignore[arg-type]  # a node stays a node


class _Names:
    """Blank nodes of rows as IRIs, which a query can name: one of the same label in the template is another node."""

    def write(self, term: Term | None) -> str:
        """Return a term as a query has it."""
        if isinstance(term, BlankNode):
            return f"<{_NODE}{term.value}>"
        return "UNDEF" if term is None else str(term)

    def read(self, term: Term) -> Term:
        """Return the term that was written."""
        if isinstance(term, NamedNode) and term.value.startswith(_NODE):
            return BlankNode(term.value.removeprefix(_NODE))
        return term
