"""owlrl, the reference reasoner for OWL 2 RL, without the work that leads to trivial statements only."""

from collections import defaultdict
from itertools import chain, pairwise, product

from owlrl.OWLRL import OWLRL_Semantics
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import Node

from kb.rdf.convert import Triple
from kb.rdf.datatypes import is_datatype
from kb.reasoning.annotations import REFLEXIVE
from kb.reasoning.literals import types_among, types_of
from kb.reasoning.vocabulary import SCHEMA_CLASSES, SCHEMA_PROPERTIES, TERMS

__all__ = ["owlrl_closure"]


def owlrl_closure(premises: Graph) -> Graph:
    """Return the premises and all that follows from them by the rules of OWL 2 RL, as a new graph.

    The rules are owlrl's (https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules), with
    these differences:

    - eq-ref is left out: nobody asks whether a thing is the same as itself, and owlrl copies every statement about
      it for each such answer;
    - only statements that can start a rule, those of the schema and `owl:sameAs`, are looked at in each round: owlrl
      looks at all, though every rule of its starts from such a statement;
    - the rules that conclude "false" are left out: `kb.reasoning.inconsistencies` finds the inconsistencies,
      with their statements;
    - every literal gets the types of its datatype, also one without (`xsd:string`) and one with a language tag
      (`rdf:langString`), but datatypes get no axioms: dt-not-type compares the values;
    - prp-key compares all properties of a key: owlrl (7.6.2) forgets the last one;
    - scm-sco and scm-spo also conclude that a term is below itself, on which other rules can rest: owlrl leaves it out.

    :param premises: a graph with well-formed RDF lists, and with numbers as cardinalities
    """
    closure = Graph(store="SimpleMemory")  # half the time of the default store, which keeps contexts
    for statement in premises:
        closure.add(statement)
    _Closure(closure).closure()
    return closure


_TRIGGERS = {OWL.sameAs, *(TERMS[number] for number in SCHEMA_PROPERTIES)}
_TRIGGER_TYPES = {TERMS[number] for number in SCHEMA_CLASSES}
_HIERARCHIES = {RDFS.subClassOf, RDFS.subPropertyOf}
_CARDINALITIES = {OWL.maxCardinality, OWL.maxQualifiedCardinality}


class _Closure(OWLRL_Semantics):  # type: ignore[misc]  # owlrl has no types
    """owlrl's rules, as `owlrl_closure` says."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph, axioms=False, daxioms=False)
        self._known: set[Triple] = set(graph)

    def store_triple(self, t: Triple) -> None:
        """Note a conclusion; most are known, which a set tells sooner than a graph."""
        if t not in self._known and not isinstance(t[1], Literal):
            self._known.add(t)
            self.added_triples.add(t)

    def rules(self, t: Triple, cycle_num: int) -> None:
        s, p, o = t
        if p in _HIERARCHIES and (o, p, s) in self.graph:
            self.store_triple((s, p, s))
        if p == OWL.hasKey:
            self._same_by_key(s, list(self.graph.items(o)))
        elif p in _CARDINALITIES and not isinstance(o, Literal):
            return  # a name for the number, by owl:sameAs; the statement with the number itself is there too
        elif (p in _TRIGGERS and not (s == o and p in REFLEXIVE)) or (p == RDF.type and o in _TRIGGER_TYPES):
            super().rules(t, cycle_num)

    def _equality(self, triple: Triple, cycle_num: int) -> None:
        if triple[1] == OWL.sameAs:
            super()._equality(triple, cycle_num)

    def _same_by_key(self, keyed: Node, properties: list[Node]) -> None:
        """Rule prp-key; a key without properties says nothing."""
        holders: defaultdict[tuple[Node, ...], list[Node]] = defaultdict(list)
        for x in self.graph.subjects(RDF.type, keyed) if properties else ():
            for values in product(*(list(self.graph.objects(x, p)) for p in properties)):
                holders[values].append(x)
        for individuals in holders.values():
            for x, y in pairwise(individuals):
                self.store_triple((x, OWL.sameAs, y))

    def _one_time_rules_datatypes(self) -> None:
        """Rule dt-type2, with the datatypes that contain a literal's own, and those in the graph that contain it."""
        mentioned = [term for term in self.graph.all_nodes() if isinstance(term, URIRef) and is_datatype(term)]
        for literal in {o for o in self.graph.objects() if isinstance(o, Literal)}:
            contained = (datatype for _, datatype in types_among([(0, literal)], mentioned))
            for datatype in chain(types_of(literal), contained):
                self.store_triple((literal, RDF.type, datatype))

    def add_error(self, message: str) -> None:
        """Ignore it: `kb.reasoning.inconsistencies` finds inconsistencies with their statements."""

    def post_process(self) -> None:
        """Keep statements whose predicate is a blank node: `kb.reasoning.infer` leaves them out."""
