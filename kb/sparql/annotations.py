"""Annotated triples of a query written once more in front, so that the engine begins with the statements themselves.

The engine (pyoxigraph) orders joins by the size that the form of a pattern lets it guess; of equal guesses the first
one wins. ``?x ex:p ?y {| … |}`` (https://www.w3.org/TR/sparql12-query/#reifying-triples-annotations) is two patterns,
``?x ex:p ?y`` and ``?r rdf:reifies <<( ?x ex:p ?y )>>``; it guesses the same for both, has the second one first, and
so scans the reifiers of all statements. A copy, ``?x ex:p ?y . ?x ex:p ?y {| … |}``, gives the right order.

A copy changes no solution: its pattern is in the same group anyway. Where a group only mentions a triple, as
``<<( ?x ex:p ?y )>>`` or ``<< ?x ex:p ?y >>``, it gets a copy if the group has that pattern elsewhere, or if it is
the group of an OPTIONAL and the group around has it before: what is optional there is then kept only with solutions
in which that triple is in the graph, and it binds the variables itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from kb.errors import QuerySyntaxError
from kb.sparql.scan import Scanned, Token

__all__ = ["with_copies"]

_MARKS = ("{|", "~", "<<")
_FORMS = ("select", "ask", "construct", "describe")
_TERMS = ("variable", "label", "iri", "name", "number")
_AFTER_VERBS = frozenset("/|")
_REPEATED = frozenset("?*+")

#: The engine returns a triple once for each default graph that has it: there a copy would multiply the solutions.
_SEVERAL = 2

#: The texts of a subject that is a variable or the label of a blank node, a predicate that is an IRI, and an object
#: that is one term. With another subject or predicate the engine takes a pattern first, or last, whatever is written.
_Triple = tuple[str, str, str]


def with_copies(query: Scanned) -> str | None:
    """Return the text with its annotated triples written in front of their statements too, with the same solutions.

    Time is linear in the length of the text, and next to nothing where it annotates no triple.

    :returns: None where there is nothing to write, or where not all of the text is understood
    """
    if not any(mark in query.text for mark in _MARKS):
        return None
    try:
        if query.operation not in _FORMS or query.has_two_readings:
            return None
        copies = sorted(_Walk(query.tokens).run(), key=itemgetter(0))
    except (_Unclear, QuerySyntaxError, RecursionError):
        return None
    if not copies:
        return None
    parts, end = [], 0
    for start, triple in copies:
        parts += [query.text[end:start], " ".join(triple), " . "]
        end = start
    return "".join([*parts, query.text[end:]])


class _Unclear(Exception):
    """The tokens are not those of a query, or of one that this module knows."""


@dataclass
class _Group:
    """A group graph pattern.

    :param around: patterns that hold wherever this group counts
    :param patterns: triple patterns of the group itself -> where the first statement with it begins
    :param mentioned: where a statement begins, and a triple that it annotates or mentions, in the order of the text
    :param statement: where the statement begins that is being read
    """

    around: frozenset[_Triple]
    patterns: dict[_Triple, int] = field(default_factory=dict)
    mentioned: list[tuple[int, _Triple]] = field(default_factory=list)
    statement: int = 0

    def held(self) -> frozenset[_Triple]:
        """Return the patterns that hold for what the group has up to here, those that are written as copies too."""
        return frozenset(self.patterns) | self.around.intersection(triple for _, triple in self.mentioned)

    def copies(self) -> list[tuple[int, _Triple]]:
        """Return where a pattern is to be written, and which one."""
        first: dict[_Triple, int] = {}
        for start, triple in self.mentioned:
            if triple in self.around or triple in self.patterns:
                first.setdefault(triple, start)
        return [(start, triple) for triple, start in first.items() if self.patterns.get(triple, start) >= start]


class _Walk:
    """One way through the tokens of a query."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._graphs = 0
        self._constants = 0
        self._copies: list[tuple[int, _Triple]] = []

    def run(self) -> list[tuple[int, _Triple]]:
        """Read the query and return where there are to be copies, and of which patterns."""
        while self._at < len(self._tokens):
            if self._takes_word("construct"):
                self._template()
            elif self._takes_word("from") and not self._sees_word("named"):
                self._graphs += 1
            else:
                self._clause()
        return self._copies if self._graphs < _SEVERAL else []

    # Clauses

    def _clause(self) -> None:
        """Read a piece of what stands outside of groups: before, between and after the brackets."""
        if self._takes_word("values"):
            self._values()
            return
        token = self._next()
        if token.is_symbol("("):
            self._expression()
        elif token.is_symbol("{"):
            self._group()
        elif token.is_symbol("}"):
            raise _Unclear

    def _template(self) -> None:
        """Pass the template of a CONSTRUCT query; without one, the WHERE clause is the template."""
        self._expects("{")
        depth = 1
        while depth:
            token = self._next()
            depth += token.is_symbol("{") - token.is_symbol("}")

    def _values(self) -> None:
        while not self._takes("{"):
            self._next()
        while not self._takes("}"):
            if self._next().is_symbol("{"):
                raise _Unclear

    def _expression(self) -> None:
        """Read to the closing parenthesis; an EXISTS in there has a group."""
        depth = 1
        while depth:
            token = self._next()
            if token.is_symbol("{"):
                self._group()
            elif token.is_symbol("}"):
                raise _Unclear
            depth += token.is_symbol("(") - token.is_symbol(")")

    def _constraint(self) -> None:
        """Read what FILTER has: an expression in parentheses, a call, or EXISTS with its group."""
        while (token := self._next()).kind in ("word", "name", "iri"):
            pass
        if token.is_symbol("("):
            self._expression()
        elif token.is_symbol("{"):
            self._group()
        else:
            raise _Unclear

    # Groups

    def _group(self, around: frozenset[_Triple] = frozenset()) -> None:
        """Read to the closing brace."""
        if self._sees_word("select"):
            while not self._takes("}"):
                self._clause()
            return
        group = _Group(around)
        while not self._takes("}"):
            self._part(group)
        self._copies += group.copies()

    def _part(self, group: _Group) -> None:
        if self._takes("{"):
            self._group()
        elif self._takes_word("optional"):
            self._expects("{")
            self._group(group.held())
        elif self._takes_word("graph"):
            self._next()
            self._expects("{")
            self._group()
        elif self._takes_word("filter"):
            self._constraint()
        elif self._takes_word("bind"):
            self._expects("(")
            self._expression()
        elif self._takes_word("values"):
            self._values()
        elif not (self._takes(".") or self._takes_word("union", "minus")):
            self._statement(group)

    # Triples

    def _statement(self, group: _Group) -> None:
        group.statement = self._peek().start
        subject = self._node(group)
        if self._sees_verb():
            self._properties(subject, group)

    def _properties(self, subject: str | None, group: _Group) -> None:
        while True:
            verb = self._verb()
            self._object(subject, verb, group)
            while self._takes(","):
                self._object(subject, verb, group)
            if not self._takes(";"):
                return
            while self._takes(";"):
                pass
            if not self._sees_verb():
                return

    def _object(self, subject: str | None, verb: str | None, group: _Group) -> None:
        node = self._node(group)
        triple = _triple(subject, verb, node)
        if triple:
            group.patterns.setdefault(triple, group.statement)
        place, before = len(group.mentioned), self._constants
        if self._annotates(group) and triple and (_varies(triple[2]) or self._constants > before):
            group.mentioned.insert(place, (group.statement, triple))  # before those in its annotations
        self._constants += node is not None and not _varies(node)

    def _annotates(self, group: _Group) -> bool:
        """Read the reifiers and annotation blocks after an object; return whether there are any."""
        begin, reifier = self._at, None
        while True:
            if self._takes("~"):
                reifier = self._reifier()
            elif self._takes("{", "|"):  # of the reifier before it, else of a new one
                self._properties(reifier, group)
                self._expects("|", "}")
                reifier = None
            else:
                return self._at > begin

    def _reifier(self) -> str | None:
        token = self._peek()
        if token.kind in ("variable", "label", "iri", "name"):
            self._at += 1
            return token.text
        if self._takes("["):
            self._expects("]")
        return None

    def _node(self, group: _Group) -> str | None:
        """Read a subject or an object, and return its text where it is a term that has no terms in it."""
        token = self._next()
        if token.kind in _TERMS or token.is_word("true", "false"):
            return token.text
        if token.kind == "string":
            return self._literal(token.text)
        if token.is_symbol("<"):
            self._expects("<")
            self._mention(group)
        elif token.is_symbol("["):
            if not self._takes("]"):
                self._properties(None, group)
                self._expects("]")
        elif token.is_symbol("("):
            while not self._takes(")"):
                self._node(group)
        elif token.text in ("+", "-") and self._sees("number"):
            self._at += 1
        else:
            raise _Unclear
        return None

    def _literal(self, text: str) -> str:
        if self._takes("^", "^"):
            return f"{text}^^{self._iri()}"
        return text + self._next().text if self._sees("language") else text

    def _mention(self, group: _Group) -> None:
        """Read a triple term or a reified triple to its end, ``)>>`` or ``>>``."""
        is_term = self._takes("(")
        triple = _triple(self._node(group), self._verb(), self._node(group))
        if is_term:
            self._expects(")")
        elif self._takes("~"):
            self._reifier()
        self._expects(">", ">")
        if triple and triple[0][0] != "_" and triple[2][0] in "?$":  # a label may belong to another statement
            group.mentioned.append((group.statement, triple))

    # Verbs

    def _sees_verb(self) -> bool:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        if token is None:
            raise _Unclear
        return token.kind in ("variable", "iri", "name") or token.is_word("a") or token.text in ("^", "!", "(")

    def _verb(self) -> str | None:
        """Read a variable or a path, and return the text of a path that is an IRI."""
        begin = self._at
        if self._sees("variable"):
            self._at += 1
            return None
        self._path()
        return self._tokens[begin].text if self._at == begin + 1 else None

    def _path(self) -> None:
        self._step()
        while self._peek().text in _AFTER_VERBS:
            self._at += 1
            self._step()

    def _step(self) -> None:
        self._takes("^")
        if self._takes("!"):
            self._takes("^")
        if self._takes("("):
            if not self._takes(")"):
                self._path()
                self._expects(")")
        elif not self._takes_word("a"):
            self._iri()
        while self._peek().text in _REPEATED:
            self._at += 1

    def _iri(self) -> str:
        token = self._next()
        if token.kind not in ("iri", "name"):
            raise _Unclear
        return token.text

    # Tokens

    def _peek(self) -> Token:
        if self._at == len(self._tokens):
            raise _Unclear
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _sees(self, kind: str) -> bool:
        return self._peek().kind == kind

    def _sees_word(self, *words: str) -> bool:
        return self._peek().is_word(*words)

    def _takes_word(self, *words: str) -> bool:
        found = self._sees_word(*words)
        self._at += found
        return found

    def _takes(self, *symbols: str) -> bool:
        """Read these symbols if they come next with nothing between them; ``{`` alone is none of ``{|``."""
        tokens = self._tokens[self._at : self._at + len(symbols)]
        start = tokens[0].start if tokens else 0
        found = [(token.kind, token.text, token.start - start) for token in tokens]
        if found != [("symbol", symbol, place) for place, symbol in enumerate(symbols)]:
            return False
        self._at += len(symbols)
        return True

    def _expects(self, *symbols: str) -> None:
        if not self._takes(*symbols):
            raise _Unclear


def _triple(subject: str | None, verb: str | None, node: str | None) -> _Triple | None:
    return (subject, verb, node) if subject and verb and node and _varies(subject) else None


def _varies(term: str) -> bool:
    """Return whether a term stands for others: a variable, or the label of a blank node."""
    return term[0] in "?$_"
