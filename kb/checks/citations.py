"""Rules about evidence: every statement about the world rests on some, of its own source, that is in the text."""

from collections import defaultdict
from collections.abc import Iterator

from rdflib import Graph, URIRef
from rdflib.namespace import OWL, RDF
from rdflib.term import Node

from kb.checks.context import Context, Finding, Rule
from kb.checks.findings import node_text, owner
from kb.files.evidence import passages, unevidenced
from kb.files.texts import digests, match_texts, read_texts
from kb.namespaces import shorten
from kb.rdf.convert import Triple
from kb.rdf.namespaces import AMMTC, CONCEPT

__all__ = ["RULES"]

#: Properties whose values are evidence, or the passages that evidence rests on.
_CITING = (AMMTC.evidence, AMMTC.restsOn, AMMTC.lacunaAt)
_EVIDENCE_CLASSES = (AMMTC.Passage, AMMTC.Derivation, AMMTC.ReferenceWork, AMMTC.EditorialChoice, AMMTC.Identification)
_ANNOTATED = (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget)


def _coverage(context: Context) -> Iterator[Finding]:
    for document in context.documents:
        for s, p, o in () if document.is_schema else unevidenced(document):
            message = f"the statement {shorten(str(p))} {node_text(o)} rests on no evidence"
            remedy = "Annotate the axiom with ammtc:evidence, the passage where the source says so; or remove it"
            yield Finding(document.path, s, message, remedy)


def _described(context: Context) -> Iterator[Finding]:
    known = {s for cls in _EVIDENCE_CLASSES for s in context.asserted.subjects(RDF.type, cls)}
    for document in context.documents:
        for node in sorted(_cited(document.graph) - known, key=str):
            message = "is cited as evidence, and no file says what evidence it is"
            remedy = "Describe a passage in the file of its source, anything else by its class of evidence"
            yield Finding(document.path, node, message, remedy)


def _in_own_graph(context: Context) -> Iterator[Finding]:
    for document in context.documents:
        for passage in sorted(document.graph.subjects(RDF.type, AMMTC.Passage), key=str):
            source = document.graph.value(passage, AMMTC.source)
            if source is not None and (source, RDF.type, AMMTC.SourceDocument) not in document.graph:
                message = f"is a passage of {node_text(source)}, which another file describes"
                yield Finding(document.path, passage, message, "Move it to the graph of its source")


def _of_own_source(context: Context) -> Iterator[Finding]:
    everything = context.asserted
    elsewhere = {*everything.subjects(RDF.type, AMMTC.Passage), *everything.subjects(RDF.type, AMMTC.Derivation)}
    for document in context.documents:
        graph = document.graph
        # That a source repeats another one shows in the texts of both.
        repeated = {
            p for source in graph.objects(None, AMMTC.copyOf) for p in everything.subjects(AMMTC.source, source)
        }
        for user, prop, cited in _citations(graph) if document.is_source else ():
            if cited in elsewhere - repeated and (cited, RDF.type, None) not in graph:
                message = f"rests by {shorten(str(prop))} on {node_text(cited)}, which another file describes"
                remedy = "Cite the source of this file alone; what rests on several sources stands in editorial.ttl"
                yield Finding(document.path, owner(graph, user), message, remedy)


def _identified(context: Context) -> Iterator[Finding]:
    known = set(context.asserted.subjects(RDF.type, AMMTC.Identification))
    for document in context.documents:
        for user, prop, cited in _citations(document.graph):
            if prop == AMMTC.evidence and cited in known:
                beside = set(document.graph.objects(user, prop)) - known
                for message, remedy in _misfits(context, document.graph, user, cited, beside):
                    yield Finding(document.path, owner(document.graph, user), message, remedy)


def _misfits(
    context: Context, graph: Graph, user: Node, identification: Node, beside: set[Node]
) -> Iterator[tuple[str, str]]:
    """Yield why an identification is no evidence of a statement beside the other evidence for it, and what to do."""
    subject, prop, value = (graph.value(user, part) for part in _ANNOTATED)
    name, everything = shorten(str(identification)), context.asserted
    if subject is None or prop is None or value is None or (not beside and prop != AMMTC.reports):
        yield f"rests on {name} alone, which says what a name means and no more", "Cite the passage beside it"
    elif {subject, value}.isdisjoint(everything.objects(identification, AMMTC.concerns)):
        message = f"{name} concerns neither subject nor object of the statement {shorten(str(prop))} {node_text(value)}"
        yield message, "Cite the identification of the thing that the source names otherwise, or none"
    else:
        # A report is of the source on whose passages it rests itself.
        speaking = set(_speaking(everything, *(beside or everything.objects(subject, AMMTC.evidence))))
        if speaking and speaking.isdisjoint(everything.objects(identification, AMMTC.source)):
            names = ", ".join(sorted(map(node_text, speaking)))
            yield f"{name} is of another source than the statement, which is of {names}", "Correct one of the two"


def _ranked(context: Context) -> Iterator[Finding]:
    choices = set(context.asserted.subjects(RDF.type, AMMTC.EditorialChoice))
    stated = [document.graph for document in context.documents if document.is_source]
    preferred: defaultdict[tuple[Node, Node], set[Node]] = defaultdict(set)
    for document in context.documents:
        for axiom, rank in sorted(document.graph.subject_objects(AMMTC.preference), key=str):
            s, p, o = (document.graph.value(axiom, part) for part in _ANNOTATED)
            if s is None or p is None or o is None:
                continue  # a finding of another rule
            name = f"the statement {shorten(str(p))} {node_text(o)}"
            if choices.isdisjoint(document.graph.objects(axiom, AMMTC.evidence)):
                remedy = "Cite the ammtc:EditorialChoice that gives the reason, or remove ammtc:preference"
                yield Finding(document.path, s, f"{name} has a rank without a choice of the editors", remedy)
            # Which act a report is about, the editors may say themselves.
            if p != AMMTC.reports and not any((s, p, o) in graph for graph in stated):
                yield Finding(document.path, s, f"{name} has a rank, and no source makes it", "Rank what a source says")
            if rank == CONCEPT.preferred:
                preferred[s, p].add(o)
    for (s, p), values in sorted(preferred.items()):
        if len(values) > 1 and (p, AMMTC.oneValued, None) in context.asserted:
            message = (
                f"{len(values)} values of {shorten(str(p))} are preferred: {', '.join(sorted(map(node_text, values)))}"
            )
            yield Finding(context.home(s), s, message, "Prefer one of them")


def _used(context: Context) -> Iterator[Finding]:
    cited = _cited(context.asserted)
    for document in context.documents:
        for passage in sorted(set(document.graph.subjects(RDF.type, AMMTC.Passage)) - cited, key=str):
            message = "is described, and nothing rests on it"
            yield Finding(document.path, passage, message, "Cite it, or remove it", severity="warning")


def _texts(context: Context) -> Iterator[Finding]:
    if context.texts is None:
        return
    cited = passages(context.documents)
    sources = {passage.source for passage in cited}
    problems = list(match_texts(cited, digests(read_texts(context.texts))))
    # Who has some of the texts is told of those; where no source has its text, the folder is another one.
    absent = sources & {iri for iri, _, _ in problems}
    for iri, problem, remedy in problems:
        if iri not in absent or absent == sources:
            yield Finding(context.home(URIRef(iri)), URIRef(iri), problem, remedy)


def _citations(graph: Graph) -> list[Triple]:
    return sorted((s, p, o) for p in _CITING for s, o in graph.subject_objects(p))


def _speaking(graph: Graph, *evidence: Node) -> Iterator[Node]:
    """Yield the sources on whose passages evidence rests, as far as a graph describes these."""
    passages = (passage for node in evidence for passage in (node, *graph.objects(node, AMMTC.restsOn)))
    return (
        source
        for passage in passages
        if (passage, RDF.type, AMMTC.Passage) in graph
        for source in graph.objects(passage, AMMTC.source)
    )


def _cited(graph: Graph) -> set[Node]:
    return {o for p in _CITING for o in graph.objects(None, p)}


RULES = (
    Rule("evidence-coverage", "Every statement about the world rests on evidence", _coverage),
    Rule("passage-described", "Whatever is cited is described", _described),
    Rule("passage-in-own-graph", "A passage is described in the graph of its source", _in_own_graph),
    Rule("evidence-of-own-source", "What stands in the file of a source rests on that source alone", _of_own_source),
    Rule("identification-fits", "An identification is cited where its source speaks of its thing", _identified),
    Rule("ranked-statement", "The editors give a rank to what a source says, by a choice with a reason", _ranked),
    Rule("passage-used", "Something rests on every passage", _used),
    Rule("passage-in-text", "Every passage is in its text, with its number and its digest", _texts),
)
