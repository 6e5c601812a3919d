"""Evidence: which statements rest on which passages."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import Node

from kb.files.documents import Document
from kb.files.texts import Passage, digests, read_texts
from kb.rdf.convert import Triple
from kb.rdf.namespaces import AMMTC

__all__ = ["domain_statements", "justifications", "passages", "read_lines", "unevidenced"]

#: What these properties state is about an identifier or a file, not about the world.
_IDENTITY = {
    *(RDF.type, RDFS.label, RDFS.comment, RDFS.seeAlso, SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel, SKOS.note),
    *(AMMTC.kind, AMMTC.level, AMMTC["format"]),
}
_EVIDENCE = AMMTC.evidence
_ANNOTATED = (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget)
#: Records of the editors' own work: they carry passages and reasons by properties of their own.
_RECORDS = {
    *(AMMTC.Passage, AMMTC.Derivation, AMMTC.ReferenceWork),
    *(AMMTC.Comparison, AMMTC.Finding, AMMTC.EditorialChoice, AMMTC.Identification),
}


def domain_statements(document: Document) -> Iterator[Triple]:
    """Yield the statements of a document of the graph that are about the world, and so need evidence.

    Not among them: the ontology header, annotations of axioms, types and kinds, labels and other names, evidence
    itself, and the records of passages, derivations, comparisons and editorial choices.
    """
    graph = document.graph
    left_out = {URIRef(document.iri), *(s for cls in _RECORDS for s in graph.subjects(RDF.type, cls))}
    for s, p, o in graph:
        if not isinstance(s, BNode) and s not in left_out and p not in _IDENTITY and p != _EVIDENCE:
            yield s, p, o


def unevidenced(document: Document) -> list[Triple]:
    """Return the statements about the world in a document that rest on nothing, in order.

    A statement rests on the evidence of one of its annotated axioms, blank nodes of type owl:Axiom
    (https://www.w3.org/TR/owl2-mapping-to-rdf/#Translation_of_Annotations), or on that of its subject, a report.
    """
    graph = document.graph
    carriers = set(graph.subjects(_EVIDENCE, None))
    axioms = carriers.intersection(graph.subjects(RDF.type, OWL.Axiom))
    annotated = {tuple(graph.value(axiom, part) for part in _ANNOTATED) for axiom in axioms}
    return sorted(t for t in domain_statements(document) if t[0] not in carriers and t not in annotated)


def justifications(graph: Graph, statement: Triple) -> Iterator[frozenset[Node]]:
    """Yield for each justification of a statement what it needs together: of its axioms, else of its subject, a report.

    An axiom by which the editors prefer a statement is none.

    :param graph: the graph of the document that states it
    """
    s, p, o = statement
    about = set(graph.subjects(OWL.annotatedSource, s)) & set(graph.subjects(OWL.annotatedTarget, o))
    preferred = set(graph.subjects(AMMTC.preference, None))
    axioms = [axiom for axiom in about - preferred if (axiom, OWL.annotatedProperty, p) in graph]
    cited = [frozenset(graph.objects(axiom, _EVIDENCE)) for axiom in axioms]
    yield from [found for found in cited if found] or (frozenset({found}) for found in graph.objects(s, _EVIDENCE))


def passages(documents: Iterable[Document]) -> tuple[Passage, ...]:
    """Return the passages that documents describe, by source and number; incomplete ones are left out."""
    found: set[Passage] = set()
    for graph in (document.graph for document in documents):
        for iri in graph.subjects(RDF.type, AMMTC.Passage):
            source, number, digest = (graph.value(iri, AMMTC[name]) for name in ("source", "paragraph", "sha256"))
            if source is not None and digest is not None and isinstance(number, Literal) and str(number).isdecimal():
                found.add(Passage(str(source), int(str(number)), str(iri), str(digest)))
    return tuple(sorted(found))


def read_lines(documents: Iterable[Document], folder: Path) -> dict[str, str]:
    """Return the line of each passage that is in one of the texts of a folder: IRI -> line, without space at the ends.

    :raises MissingFile: when the folder is not there or holds no text
    :raises DataError: when a text is not UTF-8
    """
    texts = read_texts(folder)
    lines = dict(chain.from_iterable(zip(found, texts[path], strict=True) for path, found in digests(texts).items()))
    return {passage.iri: lines[passage.sha256] for passage in passages(documents) if passage.sha256 in lines}
