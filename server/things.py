"""A thing as its page shows it: types, statements with their evidence, and what is said of it elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from kb.namespaces import AMMTC, INFERRED
from server.evidence import Citation, Evidence, Statement, Subject, Term
from server.nodes import Node, Nodes

__all__ = ["Group", "Reader", "Thing", "Value"]

_Graph = NamedNode | BlankNode | DefaultGraph

_OWL = "http://www.w3.org/2002/07/owl#"
_RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_NAMED_INDIVIDUAL = NamedNode(f"{_OWL}NamedIndividual")
_SHOWN_ELSEWHERE = frozenset((_RDF_TYPE.value, str(AMMTC.evidence)))
_OF_AXIOMS = frozenset(
    (f"{_OWL}annotatedSource", f"{_OWL}annotatedTarget", f"{_OWL}annotatedProperty", str(AMMTC.evidence))
)
_LABELS = frozenset((_LABEL, "http://www.w3.org/2004/02/skos/core#prefLabel"))
_INFERRED = NamedNode(str(INFERRED))

#: Predicates whose values come first on a page; the others follow by their labels.
_FIRST = (
    _LABEL,
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://www.w3.org/2004/02/skos/core#altLabel",
    "http://www.w3.org/2004/02/skos/core#definition",
    "http://purl.org/dc/terms/description",
)
_MOST_VALUES = 200
_MOST_INCOMING = 5000


@dataclass(frozen=True)
class Value:
    """One statement of a group: its value, and what is behind it.

    :param node: the object of the statement, or its subject where the statement is about the page's thing
    :param citations: the evidence
    :param inferred: a reasoner concluded it; no file states it
    """

    node: Node
    citations: tuple[Citation, ...] = ()
    inferred: bool = False

    @property
    def derived(self) -> bool:
        """No text states it; the editors concluded it."""
        return bool(self.citations) and all(citation.derived for citation in self.citations)


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


class Reader:
    """Reads things from a store, for the time of one page.

    :param store: the generation's
    :param nodes: makes the nodes
    """

    def __init__(self, store: Store, nodes: Nodes) -> None:
        self._store = store
        self._nodes = nodes
        self.evidence = Evidence(store, nodes)
        self._own: dict[Subject, dict[_Graph, list[Term]]] = {}

    def thing(self, iri: str) -> Thing:
        """Return what the graph says of an IRI and with it."""
        subject = NamedNode(iri)
        incoming = _graphs_of(islice(self._store.quads_for_pattern(None, None, subject, None), _MOST_INCOMING))
        evidence = self.evidence.on_axioms(None, subject) if incoming else {}
        groups = self._groups(incoming, evidence, _OF_AXIOMS, outgoing=False)
        return replace(self.description(iri), incoming=groups)

    def description(self, iri: str) -> Thing:
        """Return what the graph says of an IRI, without what it says with it."""
        subject = NamedNode(iri)
        node = self._nodes.of_iri(iri)
        statements = _graphs_of(self._store.quads_for_pattern(subject, None, None, None))
        evidence = self.evidence.on_axioms(subject, None)
        types = self._groups(
            {statement: graphs for statement, graphs in statements.items() if _is_type(statement)},
            evidence,
            frozenset(),
            outgoing=True,
        )
        shown = {statement: graphs for statement, graphs in statements.items() if not _is_heading(statement, node)}
        groups = self._groups(shown, evidence, _SHOWN_ELSEWHERE, outgoing=True)
        return Thing(node, types[0].values if types else (), groups)

    def _groups(
        self,
        statements: Mapping[Statement, set[_Graph]],
        evidence: Mapping[Statement, list[Term]],
        hidden: frozenset[str],
        *,
        outgoing: bool,
    ) -> tuple[Group, ...]:
        values: dict[NamedNode, list[Value]] = defaultdict(list)
        for statement, graphs in statements.items():
            shown = statement[2] if outgoing else statement[0]
            if statement[1].value not in hidden:
                values[statement[1]].append(self._value(statement, graphs, evidence, shown))
        groups = [self._group(predicate, found) for predicate, found in values.items()]
        return tuple(sorted(groups, key=_group_order))

    def _group(self, predicate: NamedNode, values: list[Value]) -> Group:
        values.sort(key=_value_order)
        return Group(self._nodes.of(predicate), tuple(values[:_MOST_VALUES]), max(0, len(values) - _MOST_VALUES))

    def _value(
        self,
        statement: Statement,
        graphs: set[_Graph],
        evidence: Mapping[Statement, list[Term]],
        shown: Term,
    ) -> Value:
        inferred = _INFERRED in graphs and not any(_is_document(graph) for graph in graphs)
        found = [] if inferred else [*evidence.get(statement, ()), *self._own_evidence(statement[0], graphs)]
        return Value(self._nodes.of(shown), tuple(self.evidence.citations(found)), inferred)

    def _own_evidence(self, subject: Subject, graphs: set[_Graph]) -> Iterator[Term]:
        if subject not in self._own:
            self._own[subject] = self.evidence.on_subject(subject)
        for graph, pieces in self._own[subject].items():
            if graph in graphs and _is_document(graph):
                yield from pieces


def _graphs_of(quads: Iterable[Quad]) -> dict[Statement, set[_Graph]]:
    found: dict[Statement, set[_Graph]] = defaultdict(set)
    for quad in quads:
        found[quad.subject, quad.predicate, quad.object].add(quad.graph_name)
    return found


def _is_type(statement: Statement) -> bool:
    return statement[1] == _RDF_TYPE and statement[2] != _NAMED_INDIVIDUAL


def _is_heading(statement: Statement, node: Node) -> bool:
    """Tell whether a statement only repeats the name that stands above all statements."""
    _, predicate, value = statement
    return predicate.value in _LABELS and isinstance(value, Literal) and value.value == node.text


def _is_document(graph: _Graph) -> bool:
    return isinstance(graph, NamedNode) and graph != _INFERRED


def _value_order(value: Value) -> tuple[bool, str, str]:
    return value.inferred, value.node.text.casefold(), value.node.iri or ""


def _group_order(group: Group) -> tuple[int, str]:
    iri = group.predicate.iri or ""
    return _FIRST.index(iri) if iri in _FIRST else len(_FIRST), group.predicate.text.casefold()
