"""Rules about identity: one chair state a meeting in a source, and no thing twice under another spelling."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, combinations, product

from rapidfuzz.fuzz import ratio
from rdflib import Graph, Literal
from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import Node

from kb.checks.context import Context, Finding, Rule
from kb.folding import folded_words
from kb.namespaces import shorten
from kb.rdf.namespaces import AMMTC

__all__ = ["RULES", "alike"]

#: Words that one spelling of a name has and another lacks.
_FILLERS = {"a", "an", "and", "anti", "bin", "binti", "for", "in", "of", "on", "the", "to", "s"}
#: The likeness, in per cent, from which on two words count as spellings of one.
_LIKENESS = 85.0
#: Properties between two things that are said to be two, or said to be perhaps one.
_TELLING_APART = (AMMTC.possiblySameAs, AMMTC.possiblyIncludes, OWL.differentFrom, SKOS.broader)
#: Words shorter than this are compared to the letter: one letter makes another word of them.
_SHORT = 4


def alike(one: str, other: str) -> bool:
    """Return whether two names may be spellings of one.

    They have the same words, but for fillers, hyphens, accents and a letter or two. Words with digits must be the
    same: the 19th meeting is not the 20th.
    """
    first, second = _words(one), _words(other)
    rest = [word for word in first if word not in second], [word for word in second if word not in first]
    left, right = ([word for word in words if word not in _FILLERS] for words in rest)
    if not left and not right:
        return "".join(first) == "".join(second) or bool((set(first) & set(second)) - _FILLERS)
    if "".join(left) == "".join(right):
        return True
    return len(left) == len(right) and all(map(_same_word, sorted(left), sorted(right)))


def _one_chair_state(context: Context) -> Iterator[Finding]:
    remedy = "Use ammtc:coChair or ammtc:coChairs where they preside together, or correct the chair"
    states_of = _states(context)
    for document in context.documents:
        chairs: defaultdict[Node, set[Node]] = defaultdict(set)
        for event, chair in document.graph.subject_objects(AMMTC.chair):
            chairs[event] |= states_of(chair)
        # A person chairs for a state in a participation only, never by a post alone.
        for participation, event in document.graph.subject_objects(AMMTC.chairs):
            for side in chain(*(context.closure.objects(participation, p) for p in (AMMTC.actor, AMMTC.onBehalfOf))):
                chairs[event] |= states_of(side)
        for event, states in sorted(chairs.items(), key=str):
            if len(states) > 1:
                names = ", ".join(sorted(shorten(str(state)) for state in states))
                message = f"is chaired by more than one state in this source: {names}"
                yield Finding(document.path, event, message, remedy)


def _states(context: Context) -> Callable[[Node], set[Node]]:
    """Return a function from a chair to the state that it is, or whose ministry or delegation it is."""
    states = set(context.closure.subjects(RDF.type, AMMTC.State))

    def states_of(chair: Node) -> set[Node]:
        led_to = (context.closure.objects(chair, prop) for prop in (AMMTC.authorityOf, AMMTC.delegationOf))
        return states.intersection((chair, *chain(*led_to)))

    return states_of


def _near_duplicates(context: Context) -> Iterator[Finding]:
    names, kinds = _names(context.asserted), _kinds(context)
    apart = {pair for p in _TELLING_APART for pair in context.asserted.subject_objects(p)}
    for one, other in combinations(sorted(kinds, key=str), 2):
        if kinds[one] & kinds[other] and {(one, other), (other, one)}.isdisjoint(apart):
            both = product(names[one], names[other])
            pairs = ((str(a), str(b)) for a, b in both if a.language == b.language and alike(str(a), str(b)))
            for a, b in list(pairs)[:1]:
                message = f'"{a}" may be {shorten(str(other))}, "{b}", under another spelling'
                remedy = "Merge the two, or state ammtc:possiblySameAs or owl:differentFrom between them"
                yield Finding(context.home(one), one, message, remedy)


def _names(graph: Graph) -> dict[Node, list[Literal]]:
    names: defaultdict[Node, set[Literal]] = defaultdict(set)
    for prop in (RDFS.label, SKOS.prefLabel, SKOS.altLabel):
        for thing, name in graph.subject_objects(prop):
            if isinstance(name, Literal):
                names[thing].add(name)
    return defaultdict(list, {thing: sorted(found) for thing, found in names.items()})


def _kinds(context: Context) -> dict[Node, set[Node]]:
    """Return the classes of each thing that several graphs may speak of: entities, concepts and kinds."""
    shared = [d for d in context.documents if not d.is_source and d.path.stem in {"entities", "concepts", "kinds"}]
    kinds: dict[Node, set[Node]] = {}
    for thing in {s for d in shared for s in d.graph.subjects(RDF.type, OWL.NamedIndividual)}:
        kinds[thing] = set(context.closure.objects(thing, RDF.type)) - {OWL.NamedIndividual, OWL.Thing}
    return kinds


@lru_cache(maxsize=4096)  # each name is compared with many
def _words(name: str) -> tuple[str, ...]:
    return tuple(folded_words(name))


def _same_word(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _SHORT or any(c.isdigit() for c in one + other):
        return one == other
    return ratio(one, other) >= _LIKENESS


RULES: tuple[Rule, ...] = (
    Rule("one-chair-state", "A source names one chairing state for a meeting", _one_chair_state),
    Rule("near-duplicates", "No thing is there twice under another spelling", _near_duplicates),
)
