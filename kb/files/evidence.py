"""Evidence: which statements rest on which passages, and whether the passages are in the texts."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import NamedTuple

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import Node

from kb.atomic import read_bytes
from kb.errors import DataError, MissingFile
from kb.files.documents import Document
from kb.rdf.convert import Triple
from kb.rdf.namespaces import AMMTC

__all__ = [
    "Passage",
    "domain_statements",
    "justifications",
    "match_texts",
    "passages",
    "read_lines",
    "read_texts",
    "unevidenced",
]

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


class Passage(NamedTuple):
    """A numbered line of a source document, as the graph cites it.

    :param source: IRI of the source document
    :param number: which non-empty line of the text it is, counted from 1
    :param iri: its IRI
    :param sha256: digest of the line in UTF-8 without white space at either end, in lower-case hexadecimal
    """

    source: str
    number: int
    iri: str
    sha256: str


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

    :param graph: the graph of the document that states it
    """
    s, p, o = statement
    about = set(graph.subjects(OWL.annotatedSource, s)) & set(graph.subjects(OWL.annotatedTarget, o))
    axioms = [axiom for axiom in about if (axiom, OWL.annotatedProperty, p) in graph]
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


def read_texts(folder: Path) -> dict[Path, tuple[str, ...]]:
    """Read the source texts (``*.txt``, UTF-8) of a folder: file -> the digest of each of its non-empty lines.

    :raises MissingFile: when the folder is not there or holds no text
    :raises DataError: when a text is not UTF-8
    """
    texts = {path: _digests(path) for path in sorted(folder.glob("*.txt")) if path.is_file()}
    if not texts:
        missing = folder / "*.txt" if folder.is_dir() else folder
        raise MissingFile(missing, "Name the folder that holds the source texts")
    return texts


def read_lines(documents: Iterable[Document], folder: Path) -> dict[str, str]:
    """Return the line of each passage that is in one of the texts of a folder: IRI -> line, without space at the ends.

    :raises MissingFile: when the folder is not there or holds no text
    :raises DataError: when a text is not UTF-8
    """
    lines = dict(
        chain.from_iterable(zip(digests, _lines(path), strict=True) for path, digests in read_texts(folder).items())
    )
    return {passage.iri: lines[passage.sha256] for passage in passages(documents) if passage.sha256 in lines}


def match_texts(cited: Iterable[Passage], texts: Mapping[Path, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """Compare passages with the texts: each must be the line of its number, to the letter.

    Files may have any name: the text of a source is the one in which most of its passages are found.

    :param texts: at least one, see `read_texts`
    :return: IRI of a passage that is not in the text, or of a source without a text; what is wrong; what to do
    """
    for source, found in groupby(sorted(cited), lambda passage: passage.source):
        group = list(found)
        path, digests = max(texts.items(), key=lambda text: sum(_stands(passage, text[1]) for passage in group))
        wrong = [passage for passage in group if not _stands(passage, digests)]
        if wrong == group:
            problem = f"no text in {path.parent} holds any of the {len(group)} cited passages"
            yield source, problem, "Add the text of the source to the folder, or correct the passages"
            continue
        for passage in wrong:
            yield passage.iri, *_explain(passage, path.name, digests)


def _digests(path: Path) -> tuple[str, ...]:
    return tuple(hashlib.sha256(line.encode()).hexdigest() for line in _lines(path))


def _lines(path: Path) -> list[str]:
    try:
        lines = read_bytes(path).decode().splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8 ({error.reason})", "Save the text as UTF-8") from error
    return [line.strip() for line in lines if line.strip()]


def _stands(passage: Passage, digests: Sequence[str]) -> bool:
    return 0 < passage.number <= len(digests) and digests[passage.number - 1] == passage.sha256


def _explain(passage: Passage, name: str, digests: Sequence[str]) -> tuple[str, str]:
    if not 0 < passage.number <= len(digests):
        problem = f"{name} has {len(digests)} non-empty lines, and no number {passage.number}"
        return problem, "Correct ammtc:paragraph and the IRI of the passage"
    if passage.sha256 in digests:
        problem = f"line {passage.number} of {name} is another one: the digest is that of line "
        return problem + str(digests.index(passage.sha256) + 1), "Correct the number or the digest"
    problem = f"line {passage.number} of {name} has another digest"
    return problem, f"If the line is the one that is meant, its digest is {digests[passage.number - 1]}"
