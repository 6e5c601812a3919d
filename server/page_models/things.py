"""A thing as its page shows it: types, statements with what is behind each, and what is said of it elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from kb.namespaces import AMMTC, INFERRED, PREFIXES
from server.presentation.nodes import Node
from server.provenance.evidence import Citation
from server.provenance.provenance import Grounds
from server.provenance.support import Backing, backing_of_facts, backing_of_sources, backings
from server.stored_queries.lookups import LookUp, Row, Term, text_of

__all__ = ["Group", "Reader", "Thing", "Value"]

_Statement = tuple[Term, Term, Term]

_TYPE = NamedNode(f"{PREFIXES['rdf']}type")
_NAMED_INDIVIDUAL = NamedNode(f"{PREFIXES['owl']}NamedIndividual")
_LABELS = frozenset((f"{PREFIXES['rdfs']}label", f"{PREFIXES['skos']}prefLabel"))
_HIDDEN = frozenset((_TYPE.value, str(AMMTC.evidence)))
#: Statements that hold lists together, and say nothing that a reader wants to know.
_OF_LISTS = frozenset((f"{PREFIXES['rdf']}first", f"{PREFIXES['rdf']}rest"))
_INFERRED = NamedNode(str(INFERRED))
_FACT, _SOURCE = str(AMMTC.ReportedFact), str(AMMTC.Source)

#: Values of one group that a page shows before it leads to a list of their own.
MOST_VALUES = 40
_MOST_ROWS = 4000


@dataclass(frozen=True)
class Value:
    """One statement of a group: its value, and what is behind it.

    :param node: the object of the statement, or its subject where the statement is about the page's thing
    :param backing: the evidence and what the sources make of it
    """

    node: Node
    backing: Backing = field(default_factory=Backing)

    @property
    def inferred(self) -> bool:
        """A reasoner concluded it; no file states it."""
        return self.backing.inferred is not None


@dataclass(frozen=True)
class Group:
    """The statements of one predicate.

    :param predicate: the predicate
    :param values: asserted ones before inferred ones
    :param more: how many there are beyond those
    """

    predicate: Node
    values: tuple[Value, ...]
    more: int = 0


@dataclass(frozen=True)
class Thing:
    """All that a page shows of a thing.

    :param node: the thing itself
    :param types: its classes
    :param groups: the statements with the thing as subject
    :param incoming: the statements with the thing as object
    """

    node: Node
    types: tuple[Value, ...]
    groups: tuple[Group, ...]
    incoming: tuple[Group, ...] = ()

    @property
    def classes(self) -> frozenset[str]:
        """IRIs of the classes."""
        return frozenset(value.node.iri for value in self.types if value.node.iri)

    def texts(self, predicate: str) -> tuple[str, ...]:
        """Return the values of a property as texts."""
        return tuple(v.node.text for group in self.groups if group.predicate.iri == predicate for v in group.values)


@dataclass(frozen=True)
class _Stated:
    """A statement with the graphs that hold it, None for the default graph, and the citations for it."""

    statement: _Statement
    graphs: set[Term | None]
    citations: tuple[Citation, ...]


class Reader:
    """Reads things for one page, with as many queries for a large thing as for a small one.

    :param look_up: asks the generation
    :param grounds: finds what statements rest on
    """

    def __init__(self, look_up: LookUp, grounds: Grounds) -> None:
        self.look_up = look_up
        self.grounds = grounds

    def thing(self, iri: str) -> Thing:
        """Return what the graph says of an IRI and with it: four queries, two more for a very large thing."""
        thing = NamedNode(iri)
        node = self.grounds.nodes.of_iri(iri)
        about = self.look_up.rows("statements-about", thing=thing)
        with_it = self.look_up.rows("statements-with", thing=thing)
        cited = self._cited(thing, about)
        stated = _by_statement((thing, row["property"], row["value"], row.get("graph")) for row in about)
        elsewhere = _by_statement(
            (row["subject"], row["property"], thing, row.get("graph"))
            for row in with_it
            if text_of(row["property"]) not in _OF_LISTS
        )
        classes = {text_of(row["value"]) for row in about if row["property"] == _TYPE}
        groups = self._about(stated, cited, classes)
        types = next((group.values for group in groups if group.predicate.iri == _TYPE.value), ())
        shown = tuple(group for group in groups if group.predicate.iri not in _HIDDEN)
        if len(about) == _MOST_ROWS:
            shown = self._counted(shown, "counts-about", thing)
        incoming = self._with(_not_repeated(elsewhere, stated), cited)
        if len(with_it) == _MOST_ROWS:
            incoming = self._counted(incoming, "counts-with", thing)
        return Thing(node, _without_individual(types), _without_heading(shown, node), incoming)

    def _cited(self, thing: NamedNode, about: list[Row]) -> dict[_Statement, tuple[Citation, ...]]:
        """Return the citations of statements about a thing and with it."""
        pieces: dict[_Statement, list[Term]] = defaultdict(list)
        own: dict[Term, list[Term]] = defaultdict(list)
        for row in self.look_up.rows("evidence-about", thing=thing):
            if "property" in row:
                pieces[thing, row["property"], row["value"]].append(row["evidence"])
            else:
                own[row["graph"]].append(row["evidence"])
        for row in about:
            if "graph" in row:
                pieces[thing, row["property"], row["value"]] += own.get(row["graph"], ())
        for row in self.look_up.rows("evidence-with", thing=thing):
            pieces[row["subject"], row["property"], thing].append(row["evidence"])
        return {statement: self.grounds.evidence.citations(found) for statement, found in pieces.items()}

    def _about(
        self,
        statements: Mapping[_Statement, set[Term | None]],
        cited: Mapping[_Statement, tuple[Citation, ...]],
        classes: set[str],
    ) -> tuple[Group, ...]:
        """Return the groups of statements about a thing, those that only repeat others in wider words left out."""
        by_property: dict[Term, dict[Term, _Stated]] = defaultdict(dict)
        for statement, graphs in statements.items():
            _, predicate, value = statement
            if predicate == _TYPE or not (_is_inferred(graphs) and self.grounds.repeats(statement)):
                by_property[predicate][value] = _Stated(statement, graphs, cited.get(statement, ()))
        return self._groups({name: self._backed(name, stated, classes) for name, stated in by_property.items()})

    def _backed(self, predicate: Term, stated: Mapping[Term, "_Stated"], classes: set[str]) -> list[Value]:
        """Tell of each value what the sources make of it; a reported fact belongs to one source alone."""
        nodes = {value: self.grounds.node(value) for value in stated}
        evidence = self.grounds.evidence
        if classes & {_FACT, _SOURCE}:
            of_one = backing_of_facts if _FACT in classes else backing_of_sources
            found = {value: of_one(known.citations, evidence) for value, known in stated.items()}
        else:
            given = {value: (nodes[value], known.citations) for value, known in stated.items()}
            found = backings(given, evidence, one_valued=text_of(predicate) in evidence.one_valued)
        return [Value(node, self._grounded(stated[value], found[value])) for value, node in nodes.items()]

    def _grounded(self, stated: "_Stated", backing: Backing) -> Backing:
        """Return the backing of a statement; where no passage is cited, with the documents or the proof behind it."""
        if backing.citations:
            return backing
        if _is_inferred(stated.graphs):
            return Backing(inferred=self.grounds.inferred(stated.statement))
        return self.grounds.stated_in(stated.graphs)

    def _with(
        self, statements: Mapping[_Statement, set[Term | None]], cited: Mapping[_Statement, tuple[Citation, ...]]
    ) -> tuple[Group, ...]:
        """Return the groups of statements with a thing as the object."""
        by_property: dict[Term, list[Value]] = defaultdict(list)
        for statement, graphs in statements.items():
            subject, predicate, _ = statement
            citations = () if _is_inferred(graphs) else cited.get(statement, ())
            backing = backing_of_facts(citations, self.grounds.evidence)
            grounded = self._grounded(_Stated(statement, graphs, citations), backing)
            by_property[predicate].append(Value(self.grounds.node(subject), grounded))
        return self._groups(by_property)

    def _groups(self, by_property: Mapping[Term, list[Value]]) -> tuple[Group, ...]:
        groups = []
        for predicate, values in by_property.items():
            shown, node = sorted(values, key=_value_order), self.grounds.node(predicate)
            groups.append(Group(node, tuple(shown[:MOST_VALUES]), max(0, len(shown) - MOST_VALUES)))
        return tuple(sorted(groups, key=lambda group: (group.predicate.text.casefold(), group.predicate.iri or "")))

    def _counted(self, groups: tuple[Group, ...], query: str, thing: NamedNode) -> tuple[Group, ...]:
        """Replace the numbers of values that are not shown where not all were read."""
        counts = {
            text_of(row["property"]): int(text_of(row["values"])) for row in self.look_up.rows(query, thing=thing)
        }
        return tuple(
            Group(
                group.predicate,
                group.values,
                max(group.more, counts.get(group.predicate.iri or "", 0) - len(group.values)),
            )
            for group in groups
        )


def _by_statement(rows: Iterable[tuple[Term, Term, Term, Term | None]]) -> dict[_Statement, set[Term | None]]:
    found: dict[_Statement, set[Term | None]] = defaultdict(set)
    for subject, predicate, value, graph in rows:
        found[subject, predicate, value].add(graph)
    return found


def _not_repeated(
    elsewhere: Mapping[_Statement, set[Term | None]], stated: Mapping[_Statement, set[Term | None]]
) -> dict[_Statement, set[Term | None]]:
    """Leave out inferred statements between two things of which the page has an asserted one."""
    linked = {subject for (subject, _, _), graphs in elsewhere.items() if not _is_inferred(graphs)}
    linked |= {value for _, _, value in stated}
    return {
        statement: graphs
        for statement, graphs in elsewhere.items()
        if not (_is_inferred(graphs) and statement[0] in linked)
    }


def _is_inferred(graphs: set[Term | None]) -> bool:
    return _INFERRED in graphs and not graphs - {_INFERRED, None}


def _without_individual(types: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(value for value in types if value.node.iri != _NAMED_INDIVIDUAL.value)


def _without_heading(groups: tuple[Group, ...], node: Node) -> tuple[Group, ...]:
    """Leave out a name that only repeats what stands above all statements."""
    return tuple(
        group
        for group in groups
        if not (group.predicate.iri in _LABELS and all(value.node.text == node.text for value in group.values))
    )


def _value_order(value: Value) -> tuple[bool, str, str]:
    return value.inferred, value.node.text.casefold(), value.node.iri or ""
