"""Property paths that repeat, written for Virtuoso, whose ``p*`` and ``p+`` are right in a few places only.

Tried with version 7.2.5: paths without repetition are right. ``p*`` is right where one end is given, but for a cycle,
whose beginning it finds twice; ``p+`` misses that. Neither is right inside of other paths. Here SPARQL 1.1 Query,
section 18.2.2.4 (https://www.w3.org/TR/sparql11-query/#sparqlTranslatePathPatterns) is done in the text: sequences
become joins with new variables, alternatives become UNION. ``p+`` is ``p/p*``, and both have each pair of ends once
(section 9.3), so that they become a ``SELECT DISTINCT``. There an end of ``p*`` must be given: by the term itself, or
by a pattern that holds beside it anyway and is written once more inside.

What stays wrong however it is written is refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from kb.errors import QueryError
from kb.sparql.annotations import Group, Unclear, Walk
from kb.sparql.scan import Scanned, Token

__all__ = ["Path", "expand_paths", "read_path"]

_REPEATED = frozenset("*+?")


@dataclass(frozen=True)
class Path:
    """A property path.

    :param kind: ``iri``, ``!`` (a negated set), ``^``, ``/``, ``|``, ``*``, ``+`` or ``?``
    :param text: of an IRI or a negated set
    :param parts: the paths that it is made of
    """

    kind: str
    text: str = ""
    parts: tuple["Path", ...] = ()

    def __str__(self) -> str:
        """Return the path with parentheses around all its parts."""
        if not self.parts:
            return self.text
        inner = f" {self.kind} ".join(f"({part})" if part.parts else str(part) for part in self.parts)
        return f"^{inner}" if self.kind == "^" else inner + self.kind if self.kind in _REPEATED else inner

    @property
    def repeats(self) -> bool:
        """Whether ``*``, ``+`` or ``?`` is in it."""
        return self.kind in _REPEATED or any(part.repeats for part in self.parts)

    def has(self, kinds: str) -> bool:
        """Return whether a path of one of these kinds is in it."""
        return self.kind in kinds or any(part.has(kinds) for part in self.parts)


@dataclass(frozen=True)
class _Triple:
    """A subject, a path and an object as texts."""

    subject: str
    path: str | Path
    object: str


@dataclass
class _Statement:
    """A statement of which one path at least is to be written anew.

    :param exists: it counts only whether there is a solution
    """

    group: Group
    start: int
    end: int
    triples: list[_Triple]
    exists: bool


def expand_paths(query: Scanned) -> str:
    """Return a query that asks the same without paths that Virtuoso gets wrong.

    :raises QueryError: for a path that it would answer wrongly in any form known here
    :raises QuerySyntaxError: where the text is no query
    """
    tokens = query.tokens
    if not any(
        before.kind in ("iri", "name") or before.text in ")a"
        for before, token in pairwise(tokens)
        if token.text in _REPEATED
    ):
        return query.text
    walk = _Walk(query)
    try:
        for _ in walk.run():
            pass
    except (Unclear, RecursionError):
        raise _refused("in a query that is not understood here") from None
    if walk.statements and any(token.kind == "label" for token in tokens):
        raise _refused("in a query with labels of blank nodes")
    writer = _Writer(query.text, hides=_shows_all(tokens))
    text, end = "", 0
    for statement in sorted(walk.statements, key=lambda statement: statement.start):
        text += query.text[end : statement.start] + writer.write(statement)
        end = statement.end
    return text + query.text[end:]


def read_path(tokens: list[Token]) -> Path:
    """Return the path of tokens that are one.

    :raises Unclear: where they are not
    """
    reader = _Reader(tokens)
    path = reader.alternatives()
    if reader.left:
        raise Unclear
    return path


def _refused(where: str) -> QueryError:
    return QueryError(
        f"This store gives wrong answers to a path with *, + or ? {where}",
        "Write the path in another way, for example as UNION of its alternatives, or ask another store",
    )


def _shows_all(tokens: tuple[Token, ...]) -> bool:
    """Return whether ``*`` stands for variables, new ones too."""
    return any(
        token.is_symbol("*") and before.is_word("select", "distinct", "reduced", "describe")
        for before, token in pairwise(tokens)
    )


class _Reader:
    """Rules 88 to 96 of https://www.w3.org/TR/sparql11-query/#sparqlGrammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self.left = tokens

    def alternatives(self) -> Path:
        return self._chain("|", lambda: self._chain("/", self._inverse))

    def _chain(self, symbol: str, read: Callable[[], Path]) -> Path:
        path = read()
        while self._takes(symbol):
            path = Path(symbol, parts=(path, read()))
        return path

    def _inverse(self) -> Path:
        return Path("^", parts=(self._element(),)) if self._takes("^") else self._element()

    def _element(self) -> Path:
        path = self._primary()
        for kind in _REPEATED:
            if self._takes(kind):
                return Path(kind, parts=(path,))
        return path

    def _primary(self) -> Path:
        if self._takes("("):
            path = self.alternatives()
            if not self._takes(")"):
                raise Unclear
            return path
        if self._takes("!"):
            return Path("!", "!" + self._negated())
        return Path("iri", self._next())

    def _negated(self) -> str:
        text, depth = "", 0
        while True:
            part = self._next()
            text += part
            depth += (part == "(") - (part == ")")
            if not depth and part != "^":
                return text

    def _takes(self, symbol: str) -> bool:
        if self.left and self.left[0].is_symbol(symbol):
            self.left = self.left[1:]
            return True
        return False

    def _next(self) -> str:
        if not self.left:
            raise Unclear
        token, self.left = self.left[0], self.left[1:]
        return token.text


class _Walk(Walk):
    """Finds the statements that have a path which repeats."""

    def __init__(self, query: Scanned) -> None:
        super().__init__(query)
        self.statements: list[_Statement] = []
        self._exists = 0
        self._depth = 0
        self._triples: list[_Triple] = []
        self._path_read: str | Path = ""

    def _expression(self) -> None:
        self._exists += 1
        super()._expression()
        self._exists -= 1

    def _constraint(self) -> None:
        self._exists += 1
        super()._constraint()
        self._exists -= 1

    def _group(self, around: frozenset[tuple[str, str, str]] = frozenset()) -> None:
        outside = self._exists
        if self._marks[self._at] == "select":
            self._exists = 0  # what it counts or limits can depend on how often a solution comes
        super()._group(around)
        self._exists = outside

    def _statement(self, group: Group) -> None:
        begin, self._triples = self._at, []
        super()._statement(group)
        if any(isinstance(triple.path, Path) and triple.path.repeats for triple in self._triples):
            start = self._tokens[begin].start
            self.statements.append(_Statement(group, start, self._end(self._at), self._triples, self._exists > 0))

    def _properties(self, subject: str | None, group: Group, *, annotating: bool = False) -> None:
        self._depth += 1
        super()._properties(subject, group, annotating=annotating)
        self._depth -= 1

    def _node(self, group: Group) -> str | None:
        self._depth += 1  # of what is in its brackets
        node = super()._node(group)
        self._depth -= 1
        return node

    def _verb(self) -> str | None:
        begin = self._at
        verb = super()._verb()
        self._path_read = verb or read_path(list(self._tokens[begin : self._at]))
        if isinstance(self._path_read, Path) and self._path_read.repeats and self._depth > 1:
            raise _refused("inside of brackets")
        return verb

    def _object(self, subject: str | None, verb: str | None, group: Group, *, common: bool) -> None:
        begin, path = self._at, self._path_read
        super()._object(subject, verb, group, common=common)
        if self._depth == 1:
            written = self._query.text[self._tokens[begin].start : self._end(self._at)]
            if subject is None and isinstance(path, Path) and path.repeats:
                raise _refused("from a node in brackets")
            self._triples.append(_Triple(subject or "[]", path, written))
            self._path_read = path


class _Writer:
    """Writes statements.

    :param hides: new variables must not be seen outside of the statement
    """

    def __init__(self, text: str, *, hides: bool) -> None:
        self._name = "path"
        while f"?{self._name}" in text or f"${self._name}" in text:
            self._name += "_"
        self._number = 0
        self._hides = hides
        self._exists = False
        self._group = Group(frozenset())

    def write(self, statement: _Statement) -> str:
        """Return the text that stands for a statement."""
        self._exists, self._group = statement.exists, statement.group
        return " . ".join(self._triple(triple) for triple in statement.triples)

    def _triple(self, triple: _Triple) -> str:
        subject, path, given = triple.subject, triple.path, triple.object
        if isinstance(path, str) or not path.repeats:
            return f"{subject} {path} {given}"
        if given[0] in "[(" and given != "[]":
            raise _refused("to a node in brackets")
        given = self._new() if given == "[]" else given
        if subject == given:
            raise _refused("from a node to itself")
        before = self._number
        text = self._pattern(subject, path, given, None)
        if self._hides and self._number > before:
            ends = [end for end in (subject, given) if _varies(end)]
            text = f"{{ SELECT {' '.join(ends)} {{ {text} }} }}" if ends else text
        return text

    def _pattern(self, start: str, path: Path, end: str, beside: str | None) -> str:
        """Return the pattern of a path.

        :param beside: a pattern that holds beside it and gives one of its ends
        """
        if not path.repeats:
            return f"{start} {path} {end}"
        match path.kind:
            case "^":
                return self._pattern(end, path.parts[0], start, beside)
            case "|":
                return " UNION ".join(f"{{ {self._pattern(start, part, end, beside)} }}" for part in path.parts)
            case "/":
                return self._sequence(start, path, end, beside)
            case "?":
                return f"{start} {path} {end}"
        return self._closure(start, path, end, beside)

    def _sequence(self, start: str, path: Path, end: str, beside: str | None) -> str:
        parts = [*_steps(path)]
        nodes = [start, *(self._new() for _ in parts[1:]), end]
        written = []
        for place, part in enumerate(parts):
            near = beside
            if place and (step := _last_step(parts[place - 1])):
                near = f"{self._new()} {step} {nodes[place]}"
            elif place + 1 < len(parts) and (step := _last_step(parts[place + 1])):
                near = f"{nodes[place + 1]} {step} {self._new()}"
            written.append(self._pattern(nodes[place], part, nodes[place + 1], near))
        return " . ".join(written)

    def _closure(self, start: str, path: Path, end: str, beside: str | None) -> str:
        """Return the pattern of ``p*`` or ``p+``."""
        (inner,) = path.parts
        if inner.repeats:
            raise _refused("in what it repeats")
        if inner.has("|") and (inner.has("^") or (self._exists and path.kind == "+")):
            raise _refused("behind such alternatives")
        ends = list(dict.fromkeys(end for end in (start, end) if _varies(end)))
        if path.kind == "+":
            middle = self._new()
            pattern = f"{start} {inner} {middle} . {middle} ({inner})* {end}"
        else:
            pattern = f"{start} ({inner})* {end}"
            if len(ends) == 2:  # noqa: PLR2004  neither is given
                beside = beside or self._known(ends)
                pattern = f"{beside} . {pattern}" if beside else pattern
                if beside is None:
                    return pattern
        if self._exists:
            return pattern
        if not ends:
            return f"FILTER EXISTS {{ {pattern} }}"
        return f"{{ SELECT DISTINCT {' '.join(ends)} {{ {pattern} }} }}"

    def _known(self, ends: list[str]) -> str | None:
        """Return a pattern of the group that has one of these variables."""
        for triple in self._group.patterns:
            if any(end in (triple[0], triple[2]) for end in ends):
                return " ".join(triple)
        return None

    def _new(self) -> str:
        self._number += 1
        return f"?{self._name}{self._number}"


def _steps(path: Path) -> Iterator[Path]:
    """Yield what a sequence is made of."""
    if path.kind == "/":
        for part in path.parts:
            yield from _steps(part)
    else:
        yield path


def _last_step(path: Path) -> Path | None:
    """Return a path whose ends a path has at least at one side, or None for one that can have no length."""
    if not path.repeats:
        return path
    return path.parts[0] if path.kind == "+" and not path.parts[0].repeats else None


def _varies(node: str) -> bool:
    return node[0] in "?$"
