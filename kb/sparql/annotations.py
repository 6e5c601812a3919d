"""Annotated triples of a query written so that the engine begins with the statements, not with all their reifiers.

The engine (pyoxigraph) orders joins by the size that the form of a pattern lets it guess; of equal guesses the first
one wins. ``?x ex:p ?y {| … |}`` (https://www.w3.org/TR/sparql12-query/#reifying-triples-annotations) is two patterns,
``?x ex:p ?y`` and ``?r rdf:reifies <<( ?x ex:p ?y )>>``; it guesses the same for both, has the second one first, and
so scans the reifiers of all statements. A copy, ``?x ex:p ?y . ?x ex:p ?y {| … |}``, gives the right order.

A copy changes no solution: its pattern is in the same group anyway. Where a group only mentions a triple, as
``<<( ?x ex:p ?y )>>`` or ``<< ?x ex:p ?y >>``, it gets a copy if the group has that pattern elsewhere, or if it is
the group of an OPTIONAL and the group around has it before: what is optional there is then kept only with solutions
in which that triple is in the graph, and it binds the variables itself.

``{| ammtc:basis concept:stated |}`` is a pattern with two constants, which the engine takes for the smallest, while a
large part of all reifiers match it. Where the triple is one that gets a copy and its object is not given, such a
constant becomes a variable with ``FILTER(sameTerm(…))`` in front.

Other clients and engines that know SPARQL 1.1 only ask the same by the properties of rdf:Statement, which each
justification has too: `in_sparql_1_1`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter

from kb.errors import QueryError, QuerySyntaxError
from kb.namespaces import AMMTC, RDF
from kb.sparql.scan import Scanned, Token

__all__ = ["Group", "Unclear", "Walk", "in_sparql_1_1", "statements_first"]

_MARKS = ("{|", "~", "<<")
_FORMS = ("select", "ask", "construct", "describe")
_IRIS = ("IRI", "NAME")
_TERMS = frozenset({*_IRIS, "VARIABLE", "LABEL", "NUMBER", "true", "false"})
_VERBS = frozenset({*_IRIS, "VARIABLE", "a", "^", "!", "("})
_PARTS = frozenset({".", "{", "union", "minus", "optional", "filter", "bind", "values", "graph"})

#: What many reifiers have the same value of. Another meaning of the prefix would do no harm.
_COMMON = frozenset({"a", "ammtc:basis", "ammtc:strength", f"<{AMMTC.basis}>", f"<{AMMTC.strength}>"})

#: The engine returns a triple once for each default graph that has it: there a copy would multiply the solutions.
_SEVERAL = 2

#: The texts of a subject that is a variable or the label of a blank node, a predicate that is an IRI, and an object
#: that is one term. With another subject or predicate the engine takes a pattern first, or last, whatever is written.
_Triple = tuple[str, str, str]

#: Where what is replaced begins and ends, and what is written there.
_Edit = tuple[int, int, str]

#: A reifier, none where it has no name, and where its annotation begins and ends among the tokens, its bars left out.
_Annotation = tuple[str | None, int, int]


def statements_first(query: Scanned) -> str | None:
    """Return a text with the same solutions that makes the engine begin with the statements that are annotated.

    Time is linear in the length of the text, and next to nothing where it annotates no triple.

    :returns: None where there is nothing to write, or where not all of the text is understood
    """
    if not any(mark in query.text for mark in _MARKS):
        return None
    try:
        if query.operation not in _FORMS or query.has_two_readings:
            return None
        edits = sorted(Walk(query).run(), key=itemgetter(0))
    except (Unclear, QuerySyntaxError, RecursionError):
        return None
    if not edits:
        return None
    return _edited(query.text, edits)


def in_sparql_1_1(query: Scanned) -> str:
    """Return a query without annotations that asks what was built here, or its dump, the same.

    ``S P O ~ R {| X |}`` becomes ``S P O . R rdf:subject S ; rdf:predicate P ; rdf:object O ; X``, where R is ``[]``
    if it has no name. Both have the same solutions where each reifier of a triple has these three properties.

    :raises QueryError: where a triple is annotated that this cannot name, or one is in an annotation or in a template
    :raises QuerySyntaxError: where the text is no query
    """
    try:
        walk = Walk(query)
        for _ in walk.run():
            pass
        text = _edited(query.text, sorted(walk.expanded, key=itemgetter(0)))
        marks = [_mark(token) for token in Scanned(text).tokens]
    except (Unclear, RecursionError):
        marks = ["~"]
    if "~" in marks or any(pair in (("{", "|"), ("<", "<")) for pair in pairwise(marks)):
        problem = "This query has annotations or triple terms that SPARQL 1.1 cannot say in their place"
        raise QueryError(problem, "Annotate triples of names and variables, outside of other annotations")
    declared = "rdf:" in (token.text for token in query.tokens if token.kind == "name")
    return text if declared or not walk.expanded else f"PREFIX rdf: <{RDF}>\n{text}"


class Unclear(Exception):
    """The tokens are not those of a query, or of one that this module knows."""


@dataclass
class Group:
    """A group graph pattern.

    :param around: patterns that hold wherever this group counts
    :param patterns: triple patterns of the group itself -> where the first statement with it begins
    :param mentioned: where a statement begins, and a triple that it annotates or mentions, in the order of the text
    :param constants: where a statement begins, and a constant in one of its annotations that is to be a variable
    :param statement: where the statement begins that is being read
    """

    around: frozenset[_Triple]
    patterns: dict[_Triple, int] = field(default_factory=dict)
    mentioned: list[tuple[int, _Triple]] = field(default_factory=list)
    constants: list[tuple[int, Token]] = field(default_factory=list)
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


class Walk:
    """One way through the tokens of a query.

    Marks are what the way depends on: a symbol, a keyword in lower case, else the kind of the token in upper case.
    """

    def __init__(self, query: Scanned) -> None:
        self._query = query
        self._tokens = query.tokens
        self._marks = [_mark(token) for token in query.tokens]
        self._marks += [""] * 4  # so that one can look ahead
        self._at = 0
        self._graphs = 0
        self._constants = 0
        self._shows_all = False
        self._expansions: list[str] = []
        self.expanded: list[_Edit] = []
        self._new = "c"
        while f"?{self._new}" in query.text or f"${self._new}" in query.text:
            self._new += "_"
        self._groups: list[Group] = []

    def run(self) -> Iterator[_Edit]:
        """Read the query and return what is to be written."""
        while self._at < len(self._tokens):
            if self._takes("construct"):
                self._template()
            elif self._takes("from") and self._marks[self._at] != "named":
                self._graphs += 1
            else:
                self._clause()
        if self._graphs < _SEVERAL:
            yield from () if self._shows_all else self._filters()
            for group in self._groups:
                yield from ((start, start, f"{' '.join(triple)} . ") for start, triple in group.copies())

    def _filters(self) -> Iterator[_Edit]:
        constants = [constant for group in self._groups for constant in group.constants]
        for number, (start, token) in enumerate(constants):
            variable = f"?{self._new}{number}"
            yield start, start, f"FILTER(sameTerm({variable}, {token.text})) "
            yield token.start, token.start + len(token.text), variable

    # Clauses

    def _clause(self) -> None:
        """Read a piece of what stands outside of groups: before, between and after the brackets."""
        match self._next():
            case "values":
                self._values()
            case "(":
                self._expression()
            case "{":
                self._group()
            case "*":
                self._shows_all = True
            case "}":
                raise Unclear

    def _template(self) -> None:
        """Pass the template of a CONSTRUCT query; without one, the WHERE clause is the template."""
        self._expects("{")
        depth = 1
        while depth:
            mark = self._next()
            depth += (mark == "{") - (mark == "}")

    def _values(self) -> None:
        while self._next() != "{":
            pass
        while (mark := self._next()) != "}":
            if mark == "{":
                raise Unclear

    def _expression(self) -> None:
        """Read to the closing parenthesis; an EXISTS in there has a group."""
        depth = 1
        while depth:
            mark = self._next()
            if mark == "{":
                self._group()
            elif mark == "}":
                raise Unclear
            depth += (mark == "(") - (mark == ")")

    def _constraint(self) -> None:
        """Read what FILTER has: an expression in parentheses, a call, or EXISTS with its group."""
        while (mark := self._next()) not in ("(", "{"):
            if not (mark.isalnum() or mark in _IRIS):
                raise Unclear
        if mark == "(":
            self._expression()
        else:
            self._group()

    # Groups

    def _group(self, around: frozenset[_Triple] = frozenset()) -> None:
        """Read to the closing brace."""
        if self._marks[self._at] == "select":
            while not self._takes("}"):
                self._clause()
            return
        group = Group(around)
        while not self._takes("}"):
            self._part(group)
        self._groups.append(group)

    def _part(self, group: Group) -> None:
        mark = self._marks[self._at]
        self._at += mark in _PARTS
        match mark:
            case "." | "union" | "minus":
                pass
            case "{":
                self._group()
            case "optional":
                self._expects("{")
                self._group(group.held())
            case "filter":
                self._constraint()
            case "bind":
                self._expects("(")
                self._expression()
            case "values":
                self._values()
            case "graph":
                self._next()
                self._expects("{")
                self._group()
            case _:
                self._statement(group)

    # Triples

    def _statement(self, group: Group) -> None:
        if self._at == len(self._tokens):
            raise Unclear
        group.statement = self._tokens[self._at].start
        subject = self._node(group)
        if self._marks[self._at] in _VERBS:
            self._properties(subject, group)
        end = self._end(self._at)
        self.expanded += ((end, end, text) for text in self._expansions)
        self._expansions.clear()

    def _properties(self, subject: str | None, group: Group, *, annotating: bool = False) -> None:
        while True:
            verb = self._verb()
            common = annotating and verb in _COMMON
            self._object(subject, verb, group, common=common)
            while self._takes(","):
                self._object(subject, verb, group, common=common)
            if not self._takes(";"):
                return
            while self._takes(";"):
                pass
            if self._marks[self._at] not in _VERBS:
                return

    def _object(self, subject: str | None, verb: str | None, group: Group, *, common: bool) -> None:
        token = self._tokens[self._at] if self._marks[self._at] in _IRIS else None
        node = self._node(group)
        if common and token and self._marks[self._at] not in ("~", "{"):
            group.constants.append((group.statement, token))
        triple = _triple(subject, verb, node)
        if triple:
            group.patterns.setdefault(triple, group.statement)
        if self._marks[self._at] in ("~", "{"):
            place, constants, before = len(group.mentioned), len(group.constants), self._constants
            begin = self._at
            annotations = self._annotates(group)
            self._expand((subject, verb, node), begin, annotations)
            if annotations and triple and (_varies(triple[2]) or self._constants > before):
                group.mentioned.insert(place, (group.statement, triple))  # before those in its annotations
            if not (triple and _varies(triple[2])):  # what the constants match is then the less, or comes later anyway
                del group.constants[constants:]
        self._constants += node is not None and not _varies(node)

    def _annotates(self, group: Group) -> list[_Annotation]:
        """Read the reifiers and annotation blocks after an object."""
        found: list[_Annotation] = []
        is_open = False
        while True:
            if self._takes("~"):
                found.append((self._reifier(), self._at, self._at))
                is_open = True
            elif self._takes_both("{", "|"):  # of the reifier before it, else of a new one
                reifier = found.pop()[0] if is_open else None
                begin, is_open = self._at, False
                self._properties(reifier, group, annotating=True)
                found.append((reifier, begin, self._at))
                if not self._takes_both("|", "}"):
                    raise Unclear
            else:
                return found

    def _expand(self, triple: tuple[str | None, ...], begin: int, annotations: list[_Annotation]) -> None:
        """Keep what stands for annotations of a triple in SPARQL 1.1: it is written after the statement."""
        if annotations and all(triple):
            subject, verb, node = triple
            self.expanded.append((self._end(begin), self._end(self._at), ""))
            predicate = "rdf:type" if verb == "a" else verb
            for reifier, first, last in annotations:
                body = self._query.text[self._end(first) : self._end(last)] if last > first else ""
                named = f"{reifier or '[]'} rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object {node}"
                self._expansions.append(f" . {named}{' ; ' if body else ''}{body.strip()}")

    def _end(self, at: int) -> int:
        """Return where the token before one ends."""
        return self._tokens[at - 1].start + len(self._tokens[at - 1].text)

    def _reifier(self) -> str | None:
        if self._marks[self._at] in ("VARIABLE", "LABEL", *_IRIS):
            self._at += 1
            return self._tokens[self._at - 1].text
        if self._takes("["):
            self._expects("]")
        return None

    def _node(self, group: Group) -> str | None:
        """Read a subject or an object, and return its text where it is a term that has no terms in it."""
        mark = self._next()
        if mark in _TERMS:
            return self._tokens[self._at - 1].text
        if mark == "STRING":
            return self._literal(self._tokens[self._at - 1].text)
        if mark == "<":
            self._expects("<")
            self._mention(group)
        elif mark == "[":
            if not self._takes("]"):
                self._properties(None, group)
                self._expects("]")
        elif mark == "(":
            while not self._takes(")"):
                self._node(group)
        elif mark in ("+", "-"):
            self._expects("NUMBER")
        else:
            raise Unclear
        return None

    def _literal(self, text: str) -> str:
        if self._takes_both("^", "^"):
            return f"{text}^^{self._iri()}"
        return text + self._tokens[self._at - 1].text if self._takes("LANGUAGE") else text

    def _mention(self, group: Group) -> None:
        """Read a triple term or a reified triple to its end, ``)>>`` or ``>>``."""
        is_term = self._takes("(")
        triple = _triple(self._node(group), self._verb(), self._node(group))
        if is_term:
            self._expects(")")
        elif self._takes("~"):
            self._reifier()
        self._expects(">")
        self._expects(">")
        if triple and triple[0][0] != "_" and triple[2][0] in "?$":  # a label may belong to another statement
            group.mentioned.append((group.statement, triple))

    # Verbs

    def _verb(self) -> str | None:
        """Read a variable or a path, and return its text where it is one token."""
        begin = self._at
        if not self._takes("VARIABLE"):
            self._path()
        return self._tokens[begin].text if self._at == begin + 1 else None

    def _path(self) -> None:
        self._step()
        while self._marks[self._at] in ("/", "|"):
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
        elif not self._takes("a"):
            self._iri()
        while self._marks[self._at] in ("?", "*", "+"):
            self._at += 1

    def _iri(self) -> str:
        if self._next() not in _IRIS:
            raise Unclear
        return self._tokens[self._at - 1].text

    # Marks

    def _next(self) -> str:
        mark = self._marks[self._at]
        if not mark:
            raise Unclear
        self._at += 1
        return mark

    def _takes(self, mark: str) -> bool:
        if self._marks[self._at] != mark:
            return False
        self._at += 1
        return True

    def _takes_both(self, first: str, second: str) -> bool:
        """Read two symbols if they come next with nothing between them."""
        at = self._at
        if self._marks[at : at + 2] != [first, second] or self._tokens[at + 1].start != self._tokens[at].start + 1:
            return False
        self._at += 2
        return True

    def _expects(self, mark: str) -> None:
        if not self._takes(mark):
            raise Unclear


def _edited(text: str, edits: Iterable[_Edit]) -> str:
    """Return a text with edits made in it, which are in order and do not overlap."""
    parts, rest = [], 0
    for start, end, new in edits:
        parts += [text[rest:start], new]
        rest = end
    return "".join([*parts, text[rest:]])


def _mark(token: Token) -> str:
    if token.kind == "symbol":
        return token.text
    return token.text.lower() if token.kind == "word" else token.kind.upper()


def _triple(subject: str | None, verb: str | None, node: str | None) -> _Triple | None:
    return (subject, verb, node) if subject and verb and node and _varies(subject) and not _varies(verb) else None


def _varies(term: str) -> bool:
    """Return whether a term stands for others: a variable, or the label of a blank node."""
    return term[0] in "?$_"
