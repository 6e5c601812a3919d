"""Explaining statements: their proofs, with the evidence for what is asserted, as text, as JSON, as a graph."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pyoxigraph import BlankNode, NamedNode, Store
from pyoxigraph import Triple as EngineTriple
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, PROV, RDF, RDFS
from rdflib.term import Node

from kb.errors import DataError, UnknownName
from kb.generations.generation import Generation
from kb.generations.instants import INSTANTS
from kb.generations.read_proofs import read_proofs
from kb.namespaces import PREFIXES, shorten
from kb.rdf.convert import Triple, to_node, to_term
from kb.rdf.namespaces import AMMTC
from kb.rdf.proofs import Proof
from kb.rdf.terms import Term, parse_term, to_statement
from kb.rdf.turtle import serialize
from kb.reasoning.prover import Missing
from kb.sparql.labels import display, resolve

__all__ = [
    "FORMATS",
    "Assertion",
    "Ground",
    "assertions",
    "find_proof",
    "find_statement",
    "render",
    "render_missing",
    "statement_text",
]

FORMATS = ("text", "json", "turtle")

_RULES = URIRef("https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules")
_INDENT = "    "
#: Names in a proof as a graph; they mean nothing outside it.
_STEP, _RULE, _NODE, _JOINT = "urn:proof:step-", "urn:proof:rule-", "urn:proof:node-", "urn:proof:evidence-"
_ANNOTATED_SOURCE, _ANNOTATED_PROPERTY, _ANNOTATED_TARGET, _EVIDENCE, _RESTS_ON, _TYPE = (
    NamedNode(str(iri))
    for iri in (
        *(OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget),
        *(AMMTC.evidence, AMMTC.restsOn, RDF.type),
    )
)
#: What evidence may be, in the order in which it is shown: what was said goes before what was made of it.
_GROUNDS = {
    "passage": AMMTC.Passage,
    "derivation": AMMTC.Derivation,
    "reference work": AMMTC.ReferenceWork,
    "identification": AMMTC.Identification,
    "editorial choice": AMMTC.EditorialChoice,
}


class Ground(NamedTuple):
    """One node of evidence.

    :param iri: its IRI
    :param kind: ``passage``, ``derivation``, ``reference work``, ``identification``, ``editorial choice``, or empty
    :param passages: IRIs of the passages on which a derivation rests, by source and number
    """

    iri: str
    kind: str
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Assertion:
    """Where a statement is asserted.

    :param graph: IRI of the named graph
    :param file: the document's file, as its folder and name
    :param evidence: what it rests on; each member is enough by itself, the grounds in one are needed together
    """

    graph: str
    file: str
    evidence: tuple[tuple[Ground, ...], ...]


#: Returns where a statement is asserted.
Assertions = Mapping[Triple, Sequence[Assertion]]


def find_statement(store: Store, names: tuple[str, str, str]) -> Triple:
    """Return the statement that a person means by three names.

    :param names: of the subject, the predicate (``a`` is rdf:type) and the object, as `kb.sparql.labels.resolve`
        takes them; the object may be a literal as Turtle writes it, in quotation marks
    :raises UnknownName: when a name stands for nothing
    :raises AmbiguousName: when it stands for several things
    """
    subject, predicate, value = names
    s = URIRef(resolve(store, subject))
    p = RDF.type if predicate == "a" else URIRef(resolve(store, predicate))
    return s, p, _literal(value) if value.startswith('"') else URIRef(resolve(store, value))


def find_proof(generation: Generation, statement: Triple) -> Proof[Node] | None:
    """Return the proof that a generation has of a statement that is asserted or inferred, or None."""
    if _asserting(generation, statement):
        return Proof(statement, None)
    s, p, o = map(to_term, statement)
    proofs = read_proofs(generation.folder).get((s, p, o))
    return proofs[0].translated(to_node) if proofs else None


def assertions(generation: Generation, statements: Iterable[Triple]) -> Assertions:
    """Return for each of some asserted statements which documents assert it, with its evidence there."""
    store, files = generation.store(), generation.manifest.documents
    return {
        statement: [_assertion(store, statement, iri, files[iri]) for iri in _asserting(generation, statement)]
        for statement in set(statements)
    }


def render(proof: Proof[Node], where: Assertions, form: str) -> str:
    """Return a proof as an indented tree (``text``), as ``json`` or as a ``turtle`` graph.

    The tree has one statement per line, with the rule that concludes it or the places where it is asserted; the rule's
    premises are below it, indented. A statement that was proven above is not proven again.

    In the graph each step is an rdf:Statement; `prov:wasDerivedFrom` leads to its premises, `prov:wasQuotedFrom` to
    the graphs and the evidence (to a collection of what is needed together), and `prov:wasGeneratedBy` to the rule.
    """
    if form == "json":
        return "".join(_as_json(proof, where)) + "\n"
    if form == "turtle":
        return serialize(_as_graph(proof, where))
    return "".join(f"{line}\n" for line in _as_text(proof, where))


def render_missing(statement: Triple, missing: Missing | None) -> str:
    """Return a text that says that a statement does not follow, and what comes nearest to a proof of it."""
    text = f"Not entailed: {statement_text(statement)}\n"
    if missing is None:
        return f"{text}No rule comes near to it.\n"
    known = "".join(f"{_INDENT}{statement_text(triple)}\n" for triple in missing.known)
    lacking = "".join(f"{_INDENT}{' '.join('…' if n is None else _term_text(n) for n in t)}\n" for t in missing.lacking)
    return f"{text}Nearest is the rule {missing.rule}. It holds that\n{known}What is missing:\n{lacking}"


def statement_text(statement: Triple) -> str:
    """Return a statement with CURIEs."""
    return " ".join(map(_term_text, statement))


def _term_text(node: Node) -> str:
    """Return a term with CURIEs, as Turtle would write it with the project's prefixes."""
    if isinstance(node, URIRef):
        return shorten(str(node)) if node != RDF.type else "a"
    if isinstance(node, Literal):
        text = Literal(str(node), lang=node.language).n3()
        return text if node.datatype is None else f"{text}^^{shorten(str(node.datatype))}"
    return "[]"


def _literal(text: str) -> Literal:
    term = parse_term(text, PREFIXES)
    node = None if term is None else to_node(term)
    if not isinstance(node, Literal):
        raise UnknownName("literal", text)
    return node


def _asserting(generation: Generation, statement: Triple) -> list[str]:
    """Return the IRIs of the documents that assert a statement, in the order of the documents."""
    try:
        s, p, o = to_statement(*map(to_term, statement))
    except DataError:  # what RDF cannot state, such as the type of a literal
        return []
    graphs = {quad.graph_name for quad in generation.store().quads_for_pattern(s, p, o, None)}
    return [iri for iri in generation.manifest.documents if NamedNode(iri) in graphs]


def _assertion(store: Store, statement: Triple, iri: str, file: str) -> Assertion:
    """Return a document as asserting a statement: with the evidence of its axioms there, or else of its subject."""
    graph, (s, p, o) = NamedNode(iri), to_statement(*map(to_term, statement))
    parts = (_ANNOTATED_SOURCE, s), (_ANNOTATED_PROPERTY, p), (_ANNOTATED_TARGET, o)
    axioms = set.intersection(*({q.subject for q in store.quads_for_pattern(None, *part, graph)} for part in parts))
    joint = [_grounds(store, values) for axiom in axioms if (values := _values(store, axiom, _EVIDENCE, graph))]
    alone = [_grounds(store, [value]) for value in ([] if joint else _values(store, s, _EVIDENCE, graph))]
    return Assertion(iri, file, tuple(sorted(joint or alone)))


def _values(
    store: Store, subject: NamedNode | BlankNode | EngineTriple, prop: NamedNode, graph: NamedNode | None
) -> list[Term]:
    return [quad.object for quad in store.quads_for_pattern(subject, prop, None, graph)]


def _grounds(store: Store, nodes: Iterable[Term]) -> tuple[Ground, ...]:
    """Return nodes of evidence that are needed together, in the order in which they are shown."""
    kinds, found = list(_GROUNDS), []
    for node in nodes:
        if isinstance(node, NamedNode):
            types = {to_node(cls) for cls in _values(store, node, _TYPE, None)}
            kind = next((kind for kind in kinds if _GROUNDS[kind] in types), "")
            passages = _values(store, node, _RESTS_ON, None) if kind == "derivation" else []
            found.append(Ground(node.value, kind, tuple(sorted({str(to_node(p)) for p in passages}, key=_in_text))))
    return tuple(sorted(found, key=lambda ground: (kinds.index(ground.kind) if ground.kind else len(kinds), ground)))


def _in_text(passage: str) -> tuple[str, int, str]:
    """Return what sorts passages by source, and by number within it."""
    source, _, number = passage.rpartition("p")
    return source, len(number), number


def _as_text(proof: Proof[Node], where: Assertions) -> Iterator[str]:
    proven: set[Triple] = set()
    waiting = [(proof, "")]
    while waiting:
        step, indent = waiting.pop()
        repeated = step.rule is not None and step.statement in proven
        proven.add(step.statement)
        reason = "see above" if repeated else step.rule or _places(where.get(step.statement, ()))
        yield f"{indent}{statement_text(step.statement)}  [{reason}]"
        waiting += () if repeated else ((premise, indent + _INDENT) for premise in reversed(step.premises))


def _places(found: Sequence[Assertion]) -> str:
    places = (f"{one.file}{', ' if one.evidence else ''}{' or '.join(map(_joint, one.evidence))}" for one in found)
    return "asserted: " + "; ".join(places) if found else "asserted"


def _joint(grounds: tuple[Ground, ...]) -> str:
    return " together with ".join(map(_ground_text, grounds))


def _ground_text(ground: Ground) -> str:
    name = display(ground.iri, {})
    kind = f"{ground.kind} " if ground.kind not in {"", "passage"} else ""
    passages = f" from {', '.join(display(iri, {}) for iri in ground.passages)}" if ground.passages else ""
    return f"{kind}{name}{passages}"


def _as_json(proof: Proof[Node], where: Assertions) -> Iterator[str]:
    """Yield the JSON of a proof in parts: proofs are deeper than the library can nest."""
    waiting: list[str | tuple[Proof[Node], str]] = [(proof, "\n")]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
            continue
        step, line = part
        text = json.dumps(_json_step(step, where), ensure_ascii=False, indent=2).replace("\n", line)
        if not step.premises:
            yield text
            continue
        yield text.removesuffix(f"]{line}}}")
        waiting.append(f"{line}  ]{line}}}")
        for place, premise in reversed([*enumerate(step.premises)]):
            waiting += (premise, f"{line}    "), f"{',' if place else ''}{line}    "


def _json_step(proof: Proof[Node], where: Assertions) -> dict[str, object]:
    """Return a step as JSON has it, with no premises yet."""
    step: dict[str, object] = {"statement": [node.n3() for node in proof.statement], "rule": proof.rule}
    if proof.rule is not None:
        return {**step, "premises": []}
    found = where.get(proof.statement, ())
    evidence = [[[ground._asdict() for ground in grounds] for grounds in one.evidence] for one in found]
    places = zip(found, evidence, strict=True)
    return {**step, "sources": [{"graph": o.graph, "file": o.file, "evidence": grounds} for o, grounds in places]}


def _as_graph(proof: Proof[Node], where: Assertions) -> Graph:
    graph = Graph()
    steps = {step.statement: (URIRef(f"{_STEP}{number}"), step) for number, step in enumerate(proof.steps(), 1)}
    for name, step in steps.values():
        graph.add((name, RDF.type, RDF.Statement))
        for part, node in zip((RDF.subject, RDF.predicate, RDF.object), step.statement, strict=True):
            graph.add((name, part, URIRef(f"{_NODE}{node}") if isinstance(node, BNode) else node))
        for premise in step.premises:
            graph.add((name, PROV.wasDerivedFrom, steps[premise.statement][0]))
        if step.rule is not None:
            rule = URIRef(f"{_RULE}{step.rule}")
            graph.add((name, PROV.wasGeneratedBy, rule))
            graph.add((rule, RDFS.label, Literal(step.rule)))
            graph.add((rule, RDFS.isDefinedBy, AMMTC.earliest if step.rule == INSTANTS else _RULES))
        for assertion in where.get(step.statement, ()) if step.rule is None else ():
            graph.add((name, PROV.wasQuotedFrom, URIRef(assertion.graph)))
            for grounds in assertion.evidence:
                graph.add((name, PROV.wasQuotedFrom, _evidence_node(graph, grounds)))
    return graph


def _evidence_node(graph: Graph, grounds: tuple[Ground, ...]) -> URIRef:
    """Return the node of some evidence: itself where it is one, a collection of what is needed together."""
    if len(grounds) == 1:
        return URIRef(grounds[0].iri)
    node = URIRef(f"{_JOINT}{len(set(graph.subjects(RDF.type, PROV.Collection))) + 1}")
    graph.add((node, RDF.type, PROV.Collection))
    for ground in grounds:
        graph.add((node, PROV.hadMember, URIRef(ground.iri)))
    return node
