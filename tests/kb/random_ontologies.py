"""Random small ontologies that mix all constructs of OWL 2 RL: few names, so that axioms meet each other."""

from collections.abc import Callable, Iterable

from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

__all__ = ["AXIOM", "AXIOMS", "FACT", "Axiom", "graph_of"]

EX = Namespace("https://w3id.org/ammtc/id/")

#: Statements that belong together: an axiom with its expressions and lists.
Axiom = tuple[tuple[Node, Node, Node], ...]

CLASS = st.sampled_from([EX[name] for name in "ABCDE"])
PROPERTY = st.sampled_from([EX[name] for name in "pqrst"])
INDIVIDUAL = st.sampled_from([EX[name] for name in "uvwxyz"])
#: No two are equal, nor equal to a cardinality: owlrl has no dt-eq.
VALUE = st.sampled_from(
    [Literal(7), Literal("a", datatype=XSD.string), Literal("8", datatype=XSD.byte), Literal("t", lang="en")]
)
DATATYPE = st.sampled_from([XSD.integer, XSD.decimal, XSD.string])
KIND = st.sampled_from(
    [
        *(OWL.FunctionalProperty, OWL.InverseFunctionalProperty, OWL.SymmetricProperty, OWL.TransitiveProperty),
        *(OWL.ObjectProperty, OWL.DatatypeProperty, OWL.IrreflexiveProperty, OWL.AsymmetricProperty),
    ]
)
NUMBER = st.sampled_from([Literal(number, datatype=XSD.nonNegativeInteger) for number in (0, 1, 2)])


def one(*parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Axiom]:
    """An axiom that is one statement."""
    return st.tuples(*parts).map(lambda triple: (triple,))  # type: ignore[return-value, arg-type]


def of(*terms: URIRef) -> st.SearchStrategy[Node]:
    return st.sampled_from(terms)


def listed(
    subject: st.SearchStrategy[Node],
    predicate: st.SearchStrategy[Node],
    member: st.SearchStrategy[Node],
    sizes: tuple[int, int],
    more: Callable[[Node], Axiom] = lambda _: (),
) -> st.SearchStrategy[Axiom]:
    """An axiom with a list; ``more`` says what else is stated about its subject."""

    def axiom(s: Node, p: Node, members: list[Node]) -> Axiom:
        cells = Graph()
        head = Collection(cells, BNode() if members else RDF.nil, members).uri
        return (*cells, (s, p, head), *more(s))

    return st.builds(axiom, subject, predicate, st.lists(member, min_size=sizes[0], max_size=sizes[1]))


def together(kind: URIRef, predicate: URIRef, member: st.SearchStrategy[Node]) -> st.SearchStrategy[Axiom]:
    """An axiom about all members of a list, such as owl:AllDisjointClasses."""
    return listed(st.builds(BNode), of(predicate), member, (2, 3), lambda axiom: ((axiom, RDF.type, kind),))


@st.composite
def restriction(draw: st.DrawFn) -> Axiom:
    node, named = BNode(), draw(CLASS)
    places = (
        (named, draw(of(RDFS.subClassOf, OWL.equivalentClass)), node),
        (node, RDFS.subClassOf, named),
        (draw(PROPERTY), draw(of(RDFS.domain, RDFS.range)), node),
    )
    place = draw(st.sampled_from(places))
    kinds = {
        OWL.someValuesFrom: CLASS | DATATYPE | of(OWL.Thing),
        OWL.allValuesFrom: CLASS | DATATYPE,
        OWL.hasValue: INDIVIDUAL | VALUE,
        OWL.maxCardinality: NUMBER,
        OWL.maxQualifiedCardinality: NUMBER,
    }
    kind = draw(st.sampled_from(list(kinds)))
    stated = (place, (node, OWL.onProperty, draw(PROPERTY)), (node, kind, draw(kinds[kind])))
    if kind != OWL.maxQualifiedCardinality:
        return stated
    return (*stated, (node, OWL.onClass, draw(CLASS | of(OWL.Thing))))


@st.composite
def definition(draw: st.DrawFn) -> Axiom:
    """A class of those members of another one that have a value, as the ontology defines Adoption."""
    node, whole = BNode(), BNode()
    cells = Graph()
    members = Collection(cells, BNode(), [draw(CLASS), node]).uri
    value = (node, OWL.onProperty, draw(PROPERTY)), (node, OWL.hasValue, draw(INDIVIDUAL | VALUE))
    return (*cells, *value, (whole, OWL.intersectionOf, members), (draw(CLASS), OWL.equivalentClass, whole))


@st.composite
def chain_over_an_inverse(draw: st.DrawFn) -> Axiom:
    """What is true of a thing follows from what points to it, as what is true of an act does from its reports."""
    inverse, prop = BNode(), draw(PROPERTY)
    cells = Graph()
    last = prop if draw(st.booleans()) else draw(PROPERTY)
    chain = Collection(cells, BNode(), [inverse, last]).uri
    return (*cells, (inverse, OWL.inverseOf, draw(PROPERTY)), (prop, OWL.propertyChainAxiom, chain))


def denial() -> st.SearchStrategy[Axiom]:
    parts = (OWL.sourceIndividual, OWL.assertionProperty, OWL.targetIndividual)

    def axiom(*terms: Node) -> Axiom:
        node = BNode()
        return tuple((node, part, term) for part, term in zip(parts, terms, strict=True))

    return st.builds(axiom, INDIVIDUAL, PROPERTY, INDIVIDUAL)


#: A statement about individuals.
FACT = one(INDIVIDUAL, of(RDF.type), CLASS) | one(INDIVIDUAL, PROPERTY, INDIVIDUAL | VALUE)
AXIOM = st.one_of(
    FACT,
    FACT,
    FACT,
    FACT,
    one(INDIVIDUAL, of(OWL.sameAs, OWL.differentFrom), INDIVIDUAL),
    one(CLASS, of(RDFS.subClassOf, OWL.equivalentClass, OWL.disjointWith, OWL.complementOf), CLASS),
    one(CLASS, of(RDF.type), of(OWL.Class)),
    one(CLASS, of(RDFS.subClassOf), of(OWL.Thing, OWL.Nothing)),
    one(of(OWL.Thing), of(RDFS.subClassOf), CLASS),
    one(PROPERTY, of(RDFS.subPropertyOf, OWL.equivalentProperty, OWL.inverseOf, OWL.propertyDisjointWith), PROPERTY),
    one(PROPERTY, of(RDFS.domain, RDFS.range), CLASS | DATATYPE),
    one(PROPERTY, of(RDF.type), KIND),
    one(CLASS, of(OWL.sameAs), CLASS),
    one(PROPERTY, of(OWL.sameAs), PROPERTY),
    listed(PROPERTY, of(OWL.propertyChainAxiom), PROPERTY, (1, 4)),
    listed(CLASS, of(OWL.intersectionOf, OWL.unionOf), CLASS, (1, 3)),
    listed(CLASS, of(OWL.oneOf), INDIVIDUAL, (0, 3)),
    listed(CLASS, of(OWL.hasKey), PROPERTY, (1, 2)),
    together(OWL.AllDisjointClasses, OWL.members, CLASS),
    together(OWL.AllDisjointProperties, OWL.members, PROPERTY),
    together(OWL.AllDifferent, OWL.distinctMembers, INDIVIDUAL),
    restriction(),
    restriction(),
    definition(),
    chain_over_an_inverse(),
    denial(),
)
AXIOMS = st.lists(AXIOM, max_size=25)


def graph_of(axioms: Iterable[Axiom]) -> Graph:
    graph = Graph()
    for axiom in axioms:
        for triple in axiom:
            graph.add(triple)
    return graph
