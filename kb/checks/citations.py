"""Rules about evidence: every statement about the world rests on a passage, and the passage is in the text."""

from collections.abc import Iterator

from rdflib import Graph, URIRef
from rdflib.namespace import RDF
from rdflib.term import Node

from kb.checks.context import Context, Finding, Rule
from kb.checks.findings import node_text
from kb.files.evidence import match_texts, passages, read_texts, unevidenced
from kb.namespaces import shorten
from kb.rdf.namespaces import AMMTC

__all__ = ["RULES"]

#: Properties whose values are passages, or derivations that rest on passages.
_CITING = (AMMTC.evidence, AMMTC.restsOn, AMMTC.lacunaAt)
_EVIDENCE_CLASSES = (AMMTC.Passage, AMMTC.Derivation, AMMTC.ReferenceWork, AMMTC.EditorialChoice, AMMTC.Identification)


def _coverage(context: Context) -> Iterator[Finding]:
    for document in context.documents:
        for s, p, o in () if document.is_schema else unevidenced(document):
            message = f"the statement {shorten(str(p))} {node_text(o)} rests on no passage"
            remedy = "Annotate the axiom with ammtc:evidence, the passage where the source says so; or remove it"
            yield Finding(document.path, s, message, remedy)


def _described(context: Context) -> Iterator[Finding]:
    known = {s for cls in _EVIDENCE_CLASSES for s in context.asserted.subjects(RDF.type, cls)}
    for document in context.documents:
        for node in sorted(_cited(document.graph) - known, key=str):
            message = "is cited as evidence, and no file describes it as a passage, a derivation or a reference work"
            remedy = "Describe it in the graph of its source: ammtc:source, ammtc:paragraph, ammtc:sha256"
            yield Finding(document.path, node, message, remedy)


def _in_own_graph(context: Context) -> Iterator[Finding]:
    for document in context.documents:
        for passage in sorted(document.graph.subjects(RDF.type, AMMTC.Passage), key=str):
            source = document.graph.value(passage, AMMTC.source)
            if source is not None and (source, RDF.type, AMMTC.SourceDocument) not in document.graph:
                message = f"is a passage of {node_text(source)}, which another file describes"
                yield Finding(document.path, passage, message, "Move it to the graph of its source")


def _used(context: Context) -> Iterator[Finding]:
    cited = _cited(context.asserted)
    for document in context.documents:
        for passage in sorted(set(document.graph.subjects(RDF.type, AMMTC.Passage)) - cited, key=str):
            message = "is described, and nothing rests on it"
            yield Finding(document.path, passage, message, "Cite it, or remove it", severity="warning")


def _texts(context: Context) -> Iterator[Finding]:
    if context.texts is None:
        return
    for iri, problem, remedy in match_texts(passages(context.documents), read_texts(context.texts)):
        yield Finding(context.home(URIRef(iri)), URIRef(iri), problem, remedy)


def _cited(graph: Graph) -> set[Node]:
    return {o for p in _CITING for o in graph.objects(None, p)}


RULES = (
    Rule("evidence-coverage", "Every statement about the world rests on evidence", _coverage),
    Rule("passage-described", "Whatever is cited is described", _described),
    Rule("passage-in-own-graph", "A passage is described in the graph of its source", _in_own_graph),
    Rule("passage-used", "Something rests on every passage", _used),
    Rule("passage-in-text", "Every passage is in its text, with its number and its digest", _texts),
)
