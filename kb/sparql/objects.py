"""Which statements gave the values of a query's variables: the patterns that each variable is the object of."""

from collections.abc import Mapping
from typing import NamedTuple

from kb.errors import QuerySyntaxError
from kb.namespaces import RDF
from kb.sparql.annotations import Group, Unclear, Walk
from kb.sparql.scan import Scanned, Token

__all__ = ["Objects", "objects"]

#: Column -> subject and predicate of each pattern that it is the object of: IRIs, or columns with a question mark.
Objects = Mapping[str, tuple[tuple[str, str], ...]]

_GRAPH: Objects = {"object": (("?subject", "?predicate"),)}


def objects(query: Scanned, base: str) -> Objects:
    """Return the patterns by which the values in a result are objects of statements.

    A row that has a subject and a predicate of such a pattern has them, in a group that counts, by that statement. Of
    several patterns some need not hold: those of an OPTIONAL or of one side of a UNION. There is none for what is
    computed or aggregated, is at the end of a path, or occurs only in MINUS, EXISTS, an annotation or a triple term.
    Of CONSTRUCT and DESCRIBE each row is a statement.

    :param base: what relative IRIs resolve against, unless the query says BASE
    """
    try:
        if query.operation in ("construct", "describe"):
            return _GRAPH
        return _Patterns(query, base).found() if query.operation == "select" else {}
    except (Unclear, QuerySyntaxError, RecursionError):
        return {}


class _Pattern(NamedTuple):
    subject: str
    predicate: str
    object: str


class _Patterns(Walk):
    """A way through a query that keeps the patterns whose objects are variables."""

    def __init__(self, query: Scanned, base: str) -> None:
        super().__init__(query)
        self._kept: list[_Pattern] = []
        self._resolve = query.resolver(base)

    def found(self) -> Objects:
        """Read the query and return what was kept."""
        for _ in self.run():
            pass
        found: dict[str, dict[tuple[str, str], None]] = {}
        for subject, predicate, name in self._kept:
            found.setdefault(name.removeprefix("?"), {})[subject, predicate] = None
        return {name: tuple(patterns) for name, patterns in found.items()}

    def _expression(self) -> None:
        before = len(self._kept)
        super()._expression()
        del self._kept[before:]

    def _constraint(self) -> None:
        before = len(self._kept)
        super()._constraint()
        del self._kept[before:]

    def _part(self, group: Group) -> None:
        before, mark = len(self._kept), self._marks[self._at]
        super()._part(group)
        if mark == "minus":
            self._expects("{")
            self._group()
            del self._kept[before:]

    def _group(self, around: frozenset[tuple[str, str, str]] = frozenset()) -> None:
        before, begin = len(self._kept), self._at
        super()._group(around)
        if self._marks[begin] == "select" and (shown := self._shown(begin)) is not None:
            inner = self._kept[before:]
            self._kept[before:] = [
                pattern for pattern in inner if all(part in shown for part in pattern if part.startswith("?"))
            ]

    def _shown(self, at: int) -> set[str] | None:
        """Return the variables that a SELECT clause lists, those that are computed aside, or None for all."""
        depth, shown = 0, set[str]()
        while self._marks[at] not in ("where", "{"):
            depth += (self._marks[at] == "(") - (self._marks[at] == ")")
            if depth == 0 and self._marks[at] == "*":
                return None
            if depth == 0 and self._marks[at] == "VARIABLE":
                shown.add(f"?{self._tokens[at].text[1:]}")
            at += 1
        return shown

    def _object(self, subject: str | None, verb: str | None, group: Group, *, common: bool) -> None:
        of, by = _written(subject), _written(verb)
        if self._marks[self._at] == "VARIABLE" and of and by:
            self._kept.append(_Pattern(self._named(of), self._named(by), f"?{self._tokens[self._at].text[1:]}"))
        super()._object(subject, verb, group, common=common)

    def _named(self, token: Token) -> str:
        return token.text if token.kind == "variable" else self._resolve(token)

    def _annotates(self, group: Group) -> list[tuple[str | None, int, int]]:
        before = len(self._kept)
        found = super()._annotates(group)
        del self._kept[before:]
        return found

    def _verb(self) -> str | None:
        token = self._tokens[self._at] if self._marks[self._at] == "VARIABLE" else None
        verb = super()._verb()
        return token.text if token else verb


def _written(text: str | None) -> Token | None:
    """Return the token of a subject or a predicate, or None where it has no name that a row can have."""
    if not text or text[0] in "_\"'":
        return None
    if text[0] in "?$":
        return Token("variable", f"?{text[1:]}", 0)
    if text == "a":
        return Token("iri", f"<{RDF.type}>", 0)
    return Token("iri" if text[0] == "<" else "name", text, 0) if text[0] == "<" or ":" in text else None
