"""Evidence: which statements rest on which passages, and whether the passages are in the texts."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import Node

from kb.errors import DataError, MissingFile
from kb.files.documents import Document
from kb.rdf.convert import Triple
from kb.rdf.namespaces import AMMTC

__all__ = [
    "Mismatch",
    "Passage",
    "Text",
    "domain_statements",
    "evidence_of",
    "match_texts",
    "passages",
    "read_texts",
    "unevidenced",
]

#: What these properties state is about an identifier or a file, not about the world.
_IDENTITY = {RDF.type, RDFS.label, RDFS.comment, RDFS.seeAlso, SKOS.prefLabel, SKOS.altLabel, SKOS.note}
_EVIDENCE = AMMTC.evidence
#: Records of the editors' own work: they carry passages and reasons by properties of their own.
_RECORDS = {
    *(AMMTC.Passage, AMMTC.Derivation, AMMTC.ReferenceWork),
    *(AMMTC.Comparison, AMMTC.Finding, AMMTC.EditorialChoice, AMMTC.Identification),
}


@dataclass(frozen=True)
class Passage:
    """A numbered line of a source document, as the graph cites it.

    :param iri: its IRI
    :param source: IRI of the source document
    :param number: which non-empty line of the text it is, counted from 1
    :param sha256: digest of the line in UTF-8 without white space at either end, in lower-case hexadecimal
    """

    iri: str
    source: str
    number: int
    sha256: str


@dataclass(frozen=True)
class Text:
    """A source text as it was received.

    :param digests: the digest of each non-empty line, in order
    """

    path: Path
    digests: tuple[str, ...]


@dataclass(frozen=True)
class Mismatch:
    """A passage that is not in the text, or a source without a text.

    :param passage: the passage, or None where the source as a whole has no text
    """

    source: str
    passage: Passage | None
    problem: str
    remedy: str


def domain_statements(document: Document) -> Iterator[Triple]:
    """Yield the statements of a document of the graph that are about the world, and so need evidence.

    Not among them: the ontology header, annotations of axioms, types, labels and other names, evidence itself, and the
    records of passages, derivations, comparisons and editorial choices.
    """
    graph = document.graph
    left_out = {URIRef(document.iri), *(s for cls in _RECORDS for s in graph.subjects(RDF.type, cls))}
    for s, p, o in graph:
        if not isinstance(s, BNode) and s not in left_out and p not in _IDENTITY and p != _EVIDENCE:
            yield s, p, o


def evidence_of(graph: Graph) -> dict[Triple, set[Node]]:
    """Return the evidence that axiom annotations give to each statement of a graph.

    An annotated axiom is a blank node of type owl:Axiom
    (https://www.w3.org/TR/owl2-mapping-to-rdf/#Translation_of_Annotations).
    """
    found: dict[Triple, set[Node]] = defaultdict(set)
    for axiom in graph.subjects(RDF.type, OWL.Axiom):
        source, prop, target = (
            graph.value(axiom, part) for part in (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget)
        )
        if source is not None and prop is not None and target is not None:
            found[source, prop, target].update(graph.objects(axiom, _EVIDENCE))
    return found


def unevidenced(document: Document) -> list[Triple]:
    """Return the statements about the world in a document that rest on nothing, in order.

    A statement rests on the evidence of its axiom, or on the evidence that its subject carries itself.
    """
    annotated = evidence_of(document.graph)
    carriers = set(document.graph.subjects(_EVIDENCE, None))
    return sorted(t for t in domain_statements(document) if t[0] not in carriers and not annotated.get(t))


def passages(documents: Iterable[Document]) -> tuple[Passage, ...]:
    """Return the passages that documents describe, by source and number; incomplete ones are left out."""
    found: set[Passage] = set()
    for graph in (document.graph for document in documents):
        for iri in graph.subjects(RDF.type, AMMTC.Passage):
            source, number, digest = (graph.value(iri, AMMTC[name]) for name in ("passageOf", "number", "sha256"))
            if source is not None and digest is not None and isinstance(number, Literal) and str(number).isdecimal():
                found.add(Passage(str(iri), str(source), int(str(number)), str(digest)))
    return tuple(sorted(found, key=lambda p: (p.source, p.number, p.iri, p.sha256)))


def read_texts(folder: Path) -> tuple[Text, ...]:
    """Read the source texts (``*.txt``, UTF-8) of a folder, by name.

    :raises MissingFile: when the folder is not there or holds no text
    :raises DataError: when a text is not UTF-8
    """
    if not folder.is_dir():
        raise MissingFile(folder, "Name the folder that holds the source texts")
    texts = tuple(_text(path) for path in sorted(folder.glob("*.txt")) if path.is_file())
    if not texts:
        raise MissingFile(folder / "*.txt", "Name the folder that holds the source texts")
    return texts


def match_texts(cited: Sequence[Passage], texts: Sequence[Text]) -> tuple[Mismatch, ...]:
    """Compare passages with the texts: each must be the line of its number, to the letter.

    Files may have any name: the text of a source is the one in which most of its passages are found.
    """
    by_source: dict[str, list[Passage]] = defaultdict(list)
    for passage in cited:
        by_source[passage.source].append(passage)
    return tuple(m for source, group in sorted(by_source.items()) for m in _match_source(source, group, texts))


def _text(path: Path) -> Text:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8 ({error.reason})", "Save the text as UTF-8") from error
    except OSError as error:
        raise MissingFile(path) from error
    return Text(path, tuple(hashlib.sha256(line.strip().encode()).hexdigest() for line in lines if line.strip()))


def _match_source(source: str, cited: Sequence[Passage], texts: Sequence[Text]) -> Iterator[Mismatch]:
    text = max(texts, key=lambda text: sum(_stands(passage, text) for passage in cited))
    if not any(_stands(passage, text) for passage in cited):
        problem = f"no text in {text.path.parent} holds any of the {len(cited)} cited passages"
        yield Mismatch(source, None, problem, "Add the text of the source to the folder, or correct the passages")
        return
    for passage in cited:
        if not _stands(passage, text):
            yield Mismatch(source, passage, *_explain(passage, text))


def _stands(passage: Passage, text: Text) -> bool:
    return 0 < passage.number <= len(text.digests) and text.digests[passage.number - 1] == passage.sha256


def _explain(passage: Passage, text: Text) -> tuple[str, str]:
    if not 0 < passage.number <= len(text.digests):
        problem = f"{text.path.name} has {len(text.digests)} non-empty lines, and no number {passage.number}"
        return problem, "Correct ammtc:number and the IRI of the passage"
    if passage.sha256 in text.digests:
        problem = f"line {passage.number} of {text.path.name} is another one: the digest is that of line "
        return problem + str(text.digests.index(passage.sha256) + 1), "Correct the number or the digest"
    problem = f"line {passage.number} of {text.path.name} has another digest"
    return problem, f"If the line is the one that is meant, its digest is {text.digests[passage.number - 1]}"
