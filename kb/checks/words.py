"""Rules about the source texts: what is given in the words of a source stands there, and so do numbers and names."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial

from rdflib import Literal, URIRef
from rdflib.namespace import FOAF, ORG, RDF, RDFS, SKOS, XSD
from rdflib.term import Node

from kb.checks.context import Context, Finding, Rule
from kb.checks.findings import node_text, owner
from kb.files.evidence import domain_statements, justifications, read_lines
from kb.files.words import AS_GIVEN, folded, gives_date, numbers, pattern_of_name
from kb.namespaces import shorten
from kb.rdf.namespaces import AMMTC

__all__ = ["RULES", "carries"]

#: Properties under whose values a thing may be named in a text.
_NAMES = (RDFS.label, SKOS.altLabel, SKOS.hiddenLabel, AMMTC.nameAsGiven, AMMTC.abbreviation)
#: The words of a source have a rule of their own; what a lacuna counts is lost.
_NOT_IN_THE_TEXT = {*map(URIRef, AS_GIVEN), AMMTC.missingCount}
#: Kinds of things, besides agents, that a text must name if it has a name for them. Events are "the meeting" too often.
_NAMED = (AMMTC.Place, AMMTC.Instrument, AMMTC.MeetingSeries, AMMTC.Measure)
_NUMBERS = {XSD.integer, XSD.decimal}
_DATES = {XSD.date, XSD.dateTime, XSD.time, XSD.gYear, XSD.gYearMonth, XSD.gMonth, XSD.gMonthDay}


def carries(text: str, value: Literal) -> bool:
    """Return whether a text gives a number in figures or in words, or a date in one of the usual forms."""
    if value.datatype in _NUMBERS:
        return Decimal(str(value)) in numbers(text)
    return gives_date(text, str(value))


def _words(context: Context) -> Iterator[Finding]:
    lines = _lines(context)
    for document in context.documents if lines else ():
        graph = document.graph
        stated = [(s, p, o) for p in map(URIRef, AS_GIVEN) for s, o in graph.subject_objects(p)]
        grounds = [(t, ground) for t in stated for ground in justifications(graph, t)]
        for s, o in graph.subject_objects(AMMTC.underName):
            grounds.append(((s, AMMTC.underName, o), frozenset(graph.objects(s, AMMTC.restsOn))))
        for (s, p, o), ground in sorted(grounds, key=str):
            passages = _passages(context, ground)
            words = folded(str(o))
            if _lack(passages, lines, partial(_contains, words)):
                message = f"the words of {shorten(str(p))} {node_text(o)} are not in {_listed(passages)}"
                remedy = "Write them as the text has them, or cite the passage in which they stand"
                yield Finding(document.path, owner(graph, s), message, remedy)


def _values(context: Context) -> Iterator[Finding]:
    lines = _lines(context)
    named = _patterns(context) if lines else {}
    for document in context.documents if lines else ():
        for s, p, o in [] if document.is_schema else sorted(domain_statements(document)):
            gives = _judge(o, named) if p not in _NOT_IN_THE_TEXT else None
            for ground in justifications(document.graph, (s, p, o)) if gives else ():
                passages = _passages(context, ground)
                if gives and _is_judged(context, ground, o) and _lack(passages, lines, gives):
                    message = f"{shorten(str(p))} {node_text(o)} is not in {_listed(passages)}"
                    remedy = (
                        "Cite the passage that gives it, or state its name there; what several give is a derivation"
                    )
                    yield Finding(document.path, s, message, remedy)


RULES = (
    Rule("words-in-passage", "What is given in a source's words stands in the passage cited", _words),
    Rule("value-in-passage", "Each number, date and name is in the passage cited for it", _values),
)


def _lines(context: Context) -> Mapping[str, str]:
    """Return the folded text of each passage that is at hand."""
    found = read_lines(context.documents, context.texts) if context.texts is not None else {}
    return {iri: folded(line) for iri, line in found.items()}


def _passages(context: Context, evidence: Iterable[Node]) -> list[Node]:
    """Return the passages among some evidence, and those on which the derivations among it rest."""
    graph = context.asserted
    nodes = set(evidence)
    derived = {
        p for node in nodes if (node, RDF.type, AMMTC.Derivation) in graph for p in graph.objects(node, AMMTC.restsOn)
    }
    return sorted((node for node in nodes | derived if (node, RDF.type, AMMTC.Passage) in graph), key=str)


def _lack(passages: Iterable[Node], lines: Mapping[str, str], gives: Callable[[str], bool]) -> bool:
    """Return whether none of some passages, all of them at hand, gives a value; False where there are none."""
    texts = [lines.get(str(passage)) for passage in passages]
    return bool(texts) and all(text is not None and not gives(text) for text in texts)


def _contains(words: str, text: str) -> bool:
    return words in text


def _is_judged(context: Context, ground: frozenset[Node], value: Node) -> bool:
    """Return whether passages must give a value: not a number that is derived, nor a thing that editors identify."""
    kinds = {kind for node in ground for kind in context.asserted.objects(node, RDF.type)}
    silent = AMMTC.Derivation if isinstance(value, Literal) else AMMTC.Identification
    return kinds.isdisjoint({AMMTC.ReferenceWork, AMMTC.EditorialChoice, silent})


def _judge(value: Node, named: Mapping[Node, re.Pattern[str]]) -> Callable[[str], bool] | None:
    """Return what tells whether a text gives a value; None where no text can show it."""
    if isinstance(value, Literal) and value.datatype in _NUMBERS | _DATES:
        return lambda text: carries(text, value)
    pattern = named.get(value)
    return pattern and (lambda text: pattern.search(text) is not None)


def _patterns(context: Context) -> dict[Node, re.Pattern[str]]:
    """Return the pattern of the names of each thing that texts name; agents have their titles in office besides."""
    names: defaultdict[Node, set[str]] = defaultdict(set)
    graph = context.asserted
    agents = set(context.closure.subjects(RDF.type, FOAF.Agent))
    things = {thing for cls in _NAMED for thing in context.closure.subjects(RDF.type, cls)}
    for thing in agents | (things & set(graph.subjects(AMMTC.nameAsGiven))):
        names[thing] |= {folded(str(name)) for p in _NAMES for name in graph.objects(thing, p)}
        for tenure in graph.subjects(ORG.member, thing):
            names[thing] |= {folded(str(title)) for title in graph.objects(tenure, AMMTC.titleAsGiven)}
    return {
        thing: re.compile(rf"(?<!\w)(?:{'|'.join(map(pattern_of_name, sorted(found)))})(?!\w)")
        for thing, found in names.items()
        if found
    }


def _listed(passages: Iterable[Node]) -> str:
    return ", ".join(map(node_text, passages))
