"""A thing as its page shows it: its types, the statements about it, and those with it as object, with their support."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from kb.namespaces import AMMTC, INFERRED, OWL, RDF, expand
from kb.rdf.terms import Statement, Term
from server.presentation.nodes import Node
from server.presentation.voices import voice
from server.provenance.provenance import Provenance
from server.provenance.support import Support, Value, compared
from server.stored_queries.lookups import LookUp, Row, text_of

__all__ = ["Group", "Thing", "read_thing"]

_TYPE = NamedNode(RDF.type)
_NAMED_INDIVIDUAL = OWL.NamedIndividual
_LABELS = frozenset((expand("rdfs:label"), expand("skos:prefLabel")))
_HIDDEN = frozenset((_TYPE.value, AMMTC.evidence, AMMTC.passage))
#: Properties that link the cells of lists, which tell a reader nothing.
_OF_LISTS = frozenset((RDF.first, RDF.rest))
_INFERRED = NamedNode(INFERRED)
_REPLACED_BY = expand("dcterms:isReplacedBy")
_FACT, _SOURCE = AMMTC.Report, AMMTC.Source

#: Values of one group that a page shows; a list of its own has them all.
_MOST_VALUES = 40
_MOST_ROWS = 4000


@dataclass(frozen=True)
class Group:
    """The statements of one predicate.

    :param predicate: the predicate
    :param values: asserted ones before inferred ones
    :param more: how many more there are
    """

    predicate: Node
    values: tuple[Value, ...]
    more: int = 0


@dataclass(frozen=True)
class Thing:
    """Everything that a page shows of a thing.

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

    @property
    def deprecated(self) -> bool:
        """Whether it is a term that the ontology no longer has."""
        return "true" in self.texts(OWL.deprecated)

    @property
    def replaced_by(self) -> tuple[Value, ...]:
        """What stands in the place of a deprecated term."""
        return next((group.values for group in self.groups if group.predicate.iri == _REPLACED_BY), ())

    def texts(self, predicate: str) -> tuple[str, ...]:
        """Return the values of a property as texts."""
        return tuple(v.node.text for group in self.groups if group.predicate.iri == predicate for v in group.values)


def read_thing(look_up: LookUp, provenance: Provenance, iri: str, rest: str = "") -> Thing:
    """Return the thing with an IRI; this takes two queries, and up to two more for a very large thing.

    :param rest: address where all that its blank nodes say can be had
    """
    thing = NamedNode(iri)
    about = look_up.rows("statements-about", thing=thing)
    with_it = look_up.rows("statements-with", thing=thing)
    stated = dict.fromkeys((thing, row["property"], row["value"]) for row in about)
    groups = _about(provenance, thing, stated, rest)
    types = next((group.values for group in groups if group.predicate.iri == _TYPE.value), ())
    node = provenance.nodes.of_iri(iri)
    shown = _without_repeated_names(node, (group for group in groups if group.predicate.iri not in _HIDDEN))
    incoming = _with(provenance, _shown_with(thing, with_it, {value for _, _, value in stated}), rest)
    if len(about) == _MOST_ROWS:
        shown = _counted(shown, look_up.rows("counts-about", thing=thing))
    if len(with_it) == _MOST_ROWS:
        incoming = _counted(incoming, look_up.rows("counts-with", thing=thing))
    return Thing(node, tuple(value for value in types if value.node.iri != _NAMED_INDIVIDUAL), shown, incoming)


def _about(provenance: Provenance, thing: Term, statements: Iterable[Statement], rest: str) -> tuple[Group, ...]:
    """Return the groups of statements about a thing, except those that only repeat another one by a wider property."""
    by_property: dict[Term, dict[Term, Support]] = defaultdict(dict)
    for statement in statements:
        if provenance.narrower(statement) is None:
            by_property[statement[1]][statement[2]] = provenance.support(statement)
    classes = {text_of(class_) for class_ in by_property.get(_TYPE, ())}
    groups = []
    for predicate, supports in by_property.items():
        nodes = {value: provenance.node(value) for value in supports}
        if _FACT in classes:  # it belongs to one source alone
            found = supports
        elif _SOURCE in classes:
            found = {value: support.of_one_source for value, support in supports.items()}
        else:
            one_valued = text_of(predicate) in provenance.evidence.one_valued
            found = compared(nodes, supports, provenance.evidence, one_valued=one_valued)
        in_order = sorted(nodes, key=lambda value: _order(nodes[value], inferred=found[value].inferred is not None))
        worded = voice((text_of(predicate),))
        values = tuple(
            Value(
                provenance.described(value, rest), found[value], worded, provenance.quotable((thing, predicate, value))
            )
            for value in in_order[:_MOST_VALUES]
        )
        groups.append(Group(provenance.node(predicate), values, len(in_order) - len(values)))
    return _in_order(groups)


def _without_repeated_names(node: Node, groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return groups without the labels that say what the heading of the page or another label says."""
    kept: list[Group] = []
    said = {(node.text, "en"), (node.text, "")}
    for group in groups:
        values = group.values
        if group.predicate.iri in _LABELS:
            values = tuple(value for value in values if (value.node.text, value.node.language) not in said)
            said |= {(value.node.text, value.node.language) for value in values}
        if values or group.more:
            kept.append(replace(group, values=values))
    return tuple(kept)


def _shown_with(thing: Term, rows: Iterable[Row], linked: set[Term]) -> dict[Statement, bool]:
    """Return the statements with a thing as the object, and whether each of them is only inferred.

    One that is only inferred is left out where an asserted one, or a statement about the thing, links the same two.

    :param linked: the objects of the statements about the thing
    """
    graphs: dict[Statement, set[Term | None]] = defaultdict(set)  # None stands for the default graph
    for row in rows:
        if text_of(row["property"]) not in _OF_LISTS:
            graphs[row["subject"], row["property"], thing].add(row.get("graph"))
    inferred = {statement: _INFERRED in held and not held - {_INFERRED, None} for statement, held in graphs.items()}
    linked = linked | {statement[0] for statement, only in inferred.items() if not only}
    return {statement: only for statement, only in inferred.items() if not only or statement[0] not in linked}


def _with(provenance: Provenance, statements: Mapping[Statement, bool], rest: str) -> tuple[Group, ...]:
    """Return the groups of statements with a thing as the object, looking only for the support of those shown.

    :param statements: statement -> whether it is only inferred
    """
    by_property: dict[Term, list[tuple[Node, bool, Statement]]] = defaultdict(list)
    for statement, inferred in statements.items():
        by_property[statement[1]].append((provenance.node(statement[0]), inferred, statement))
    groups = []
    for predicate, found in by_property.items():
        found.sort(key=lambda item: _order(item[0], inferred=item[1]))
        values = tuple(
            Value(
                provenance.described(statement[0], rest),
                provenance.support(statement),
                quotable=provenance.quotable(statement),
            )
            for _, _, statement in found[:_MOST_VALUES]
        )
        groups.append(Group(provenance.node(predicate), values, len(found) - len(values)))
    return _in_order(groups)


def _order(node: Node, *, inferred: bool) -> tuple[bool, str, str]:
    return inferred, node.text.casefold(), node.iri or ""


def _in_order(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(sorted(groups, key=lambda group: (group.predicate.text.casefold(), group.predicate.iri or "")))


def _counted(groups: tuple[Group, ...], rows: Iterable[Row]) -> tuple[Group, ...]:
    """Correct the numbers of values that are not shown, where not all of them were read."""
    counts = {text_of(row["property"]): int(text_of(row["values"])) for row in rows}
    return tuple(
        replace(group, more=max(group.more, counts.get(group.predicate.iri or "", 0) - len(group.values)))
        for group in groups
    )
