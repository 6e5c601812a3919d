"""The facts in graph/ against the texts that they cite, and what a source's graph says once and in one way."""

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations, product
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import FOAF, OWL, RDF, RDFS
from rdflib.term import Node

from kb.checks import Context, Rule, words
from kb.config import Project
from kb.files.documents import Document, load_documents, merged
from kb.files.evidence import read_lines
from kb.folding import fold
from kb.rdf.namespaces import AMMTC, CONCEPT, ID, SOURCE

#: Properties whose values are the editors' words.
IN_OTHER_WORDS = [AMMTC[name] for name in ("reason", "summary", "purpose", "missing")]
#: The most words that the editors may have in a row as a text has them: names of things are as long.
WORDS_IN_A_ROW = 8
#: Classes of what has a title, or is described in place of one.
TITLED = ("Instrument", "Convention", "Declaration", "LeadersDeclaration", "PlanOfAction", "Measure", "WorkingGroup")
#: Property of an event -> the property of a participation in that role.
ROLES = {
    AMMTC.chair: AMMTC.chairs,
    AMMTC.coChair: AMMTC.coChairs,
    AMMTC.officiatedBy: AMMTC.takesPartIn,
    AMMTC.side: AMMTC.takesPartIn,
}


@pytest.fixture(scope="module")
def documents(project: Project) -> tuple[Document, ...]:
    return tuple(document for document in load_documents(project) if not document.is_schema)


@pytest.fixture(scope="module")
def sources(documents: tuple[Document, ...]) -> list[Document]:
    return [document for document in documents if document.is_source]


@pytest.fixture(scope="module")
def everything(documents: tuple[Document, ...]) -> Graph:
    return merged(documents)


@pytest.fixture(scope="module")
def lines(documents: tuple[Document, ...], texts: Path) -> Mapping[str, str]:
    """The text of each passage by its IRI."""
    return read_lines(documents, texts)


@pytest.mark.parametrize("rule", words.RULES, ids=lambda rule: rule.id)
def test_words_and_values_of_a_source_stand_in_the_passages_cited(rule: Rule, project: Project, texts: Path) -> None:
    assert list(rule.findings(Context(project, texts))) == []


def test_a_curator_with_one_text_is_told_of_that_text_alone(project: Project, texts: Path, tmp_path: Path) -> None:
    """The passages of the other sources are not at hand, and nothing is said of them."""
    for text in texts.glob("003_*.txt"):
        (tmp_path / "vna.txt").write_text(text.read_text(encoding="utf-8"), encoding="utf-8")
    context = Context(project, tmp_path)
    lines = read_lines(context.documents, tmp_path)
    assert {iri.partition("#")[0] for iri in lines} == {str(SOURCE["vna-ammtc-19"])}
    assert [finding for rule in words.RULES for finding in rule.findings(context)] == []


def test_every_property_for_the_words_of_a_source_is_in_use(everything: Graph) -> None:
    assert [prop for prop in words.AS_GIVEN if (None, URIRef(prop), None) not in everything] == []


def test_no_sentence_of_a_text_is_among_the_editors_words(everything: Graph, lines: Mapping[str, str]) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[i : i + WORDS_IN_A_ROW]) for i in range(len(words) - WORDS_IN_A_ROW + 1)}

    written = {run for line in lines.values() for run in runs(line)}
    ours = [(s, str(o)) for prop in IN_OTHER_WORDS for s, o in everything.subject_objects(prop)]
    assert len(ours) > 100
    assert [(s, run) for s, words in ours for run in runs(words) & written] == []


def test_whoever_presides_or_meets_in_office_takes_part_once_a_source(
    sources: list[Document], everything: Graph
) -> None:
    """Each person in a role of an event has a participation in that source; on whose behalf, it says."""
    persons = set(everything.subjects(RDF.type, FOAF.Person))
    for graph in (document.graph for document in sources):
        held: defaultdict[tuple[Node, Node, Node], list[Node]] = defaultdict(list)
        for participation in graph.subjects(RDF.type, AMMTC.Participation):
            for role in set(ROLES.values()):
                for event in graph.objects(participation, role):
                    held[event, role, one(graph, participation, AMMTC.actor)].append(participation)
            assert {AMMTC.inCapacity, AMMTC.onBehalfOf} & set(graph.predicates(participation))
        assert [key for key, several in held.items() if len(several) > 1] == []
        needed = {
            (event, role, person)
            for prop, role in ROLES.items()
            for event, person in graph.subject_objects(prop)
            if person in persons
        }
        assert needed - held.keys() == set()


def test_who_merely_speaks_takes_part_for_nobody(everything: Graph) -> None:
    forum = ID["asean-gcc-economic-forum-2025"]
    assert list(everything.subjects(AMMTC.takesPartIn, forum)) == []
    spoken = list(everything.subjects(AMMTC.atEvent, forum))
    assert spoken
    assert [s for s in spoken if (s, AMMTC.inCapacity, None) in everything] == []


def test_events_to_come_are_foreseen_and_all_others_done(everything: Graph) -> None:
    """A thing is an event if a source gives it a status and no report that has it is of an act."""
    reports = set(everything.subjects(AMMTC.reports, None))
    statuses: defaultdict[Node, set[Node]] = defaultdict(set)
    for s, status in everything.subject_objects(AMMTC.status):
        if s not in reports:
            statuses[s].add(status)
    foreseen = {s for s, found in statuses.items() if CONCEPT.done not in found}
    assert foreseen == {ID["asean-summit-47"], ID["ammtc-2026"]}
    happening = {
        o for p in (AMMTC.takesPartIn, AMMTC.atEvent, AMMTC.partOf, AMMTC.chairs) for o in everything.objects(None, p)
    }
    assert happening - statuses.keys() == set()


def test_a_proposer_and_what_is_proposed_are_one_justification(everything: Graph) -> None:
    """Paragraph 14 names the ministry and no measure, 22 the measure and no proposer, after the minister of 19."""
    (report,) = everything.subjects(AMMTC.proposes, ID["measure-drug-free-border-communes"])
    evidence = one(everything, report, AMMTC.evidence)
    cited = {SOURCE[f"cong-tuan-2025-09-11#p{number}"] for number in (14, 19, 22)}
    assert set(everything.objects(evidence, AMMTC.restsOn)) == cited


def test_degrees_of_getting_there_differ(everything: Graph) -> None:
    """Efforts to join, which were acknowledged, a process of acceding, a signature to come, an approved creation."""
    told = {
        str(words): (kind, status, one(everything, report, AMMTC.reports))
        for report, words in everything.subject_objects(AMMTC.wording)
        for kind in [one(everything, report, AMMTC.kind)]
        for status in [one(everything, report, AMMTC.status)]
    }
    assert told["efforts to join"][:2] == (CONCEPT.accession, CONCEPT["under-way"])
    assert told["in the process of acceding"][:2] == (CONCEPT.accession, CONCEPT["under-way"])
    received = {w: set(everything.subjects(AMMTC.actsUpon, act)) for w, (_, _, act) in told.items()}
    assert [one(everything, report, AMMTC.kind) for report in received["efforts to join"]] == [CONCEPT.acknowledgement]
    assert received["in the process of acceding"] == set()
    assert told["will officially sign"][:2] == (CONCEPT.signature, CONCEPT.foreseen)
    kind, status, approval = told["approved the establishment"]
    assert (kind, status) == (CONCEPT.approval, CONCEPT.done)
    (report, *_) = everything.subjects(AMMTC.reports, approval)
    created = one(everything, report, AMMTC.approves)
    stated = {one(everything, found, AMMTC.status) for found in everything.subjects(AMMTC.reports, created)}
    assert stated == {CONCEPT.foreseen}


def test_what_is_agreed_is_an_act_of_its_own(everything: Graph) -> None:
    agreements = set(everything.subjects(AMMTC.kind, CONCEPT.agreement))
    assert len(agreements) == 3
    for report in agreements:
        assert Literal("agreed to") in {Literal(str(w)[:9]) for w in everything.objects(report, AMMTC.wording)}
        agreed = one(everything, report, AMMTC.actsUpon)
        assert (agreed, RDF.type, AMMTC.Act) in everything


def test_sameness_joins_nothing_that_a_report_tells_apart(everything: Graph) -> None:
    """What may be the same may be so throughout: no report acts upon two things that chains of sameness join."""
    same: defaultdict[Node, set[Node]] = defaultdict(set)
    for s, o in everything.subject_objects(AMMTC.possiblySameAs):
        same[s].add(o)
        same[o].add(s)
    reached: dict[Node, set[Node]] = {}
    for thing in same:
        found, ahead = {thing}, [thing]
        while ahead:
            ahead = [other for node in ahead for other in same[node] - found]
            found.update(ahead)
        reached[thing] = found
    assert reached
    verbs = [AMMTC[name] for name in ("actsUpon", "adopts", "approves", "endorses", "proposes", "releases", "replaces")]
    for report in everything.subjects(RDF.type, AMMTC.ActReport):
        told = {o for verb in verbs for o in everything.objects(report, verb)}
        assert [thing for thing in told if reached.get(thing, set()) & told - {thing}] == [], report


def test_a_stand_in_is_marked_and_includes_what_others_name(everything: Graph) -> None:
    for entry in set(everything.subjects(AMMTC.possiblyIncludes)):
        included = set(everything.objects(entry, AMMTC.possiblyIncludes))
        assert len(included) > 1
        assert not included & set(everything.objects(entry, AMMTC.possiblySameAs))
    stand_ins = set(everything.subjects(AMMTC.kind, CONCEPT["unlisted-instruments"]))
    assert stand_ins == {ID["vna-extended-action-plans"]}


def test_whatever_has_a_purpose_in_words_has_an_aim_in_the_same_source(sources: list[Document]) -> None:
    purposes = [(document.graph, s) for document in sources for s in document.graph.subjects(AMMTC.purpose)]
    assert len(purposes) > 8
    assert [s for graph, s in purposes if (s, AMMTC.aim, None) not in graph] == []


def test_what_an_aim_took_the_place_of_is_no_topic(everything: Graph) -> None:
    """The database serves three kinds of cooperation; it is about none of them."""
    database = ID["measure-common-criminal-database"]
    assert set(everything.objects(database, AMMTC.topic)) == {CONCEPT["shared-database"]}
    aims = {CONCEPT[name] for name in ("extradition", "legal-assistance", "transfer-of-sentenced-persons")}
    assert set(everything.objects(database, AMMTC.aim)) == aims


def test_a_list_says_how_whole_it_is_where_it_has_items(everything: Graph) -> None:
    """Of groups: what is whole, open or broken lists somebody."""
    groups = set(everything.subjects(RDF.type, AMMTC.Group))
    listed = {s for s in everything.subjects(AMMTC.completeness) if s in groups}
    assert len(listed) >= 7
    assert [group for group in listed if (group, AMMTC.comprises, None) not in everything] == []


def test_where_titles_differ_the_label_of_a_thing_is_no_source_s(everything: Graph, sources: list[Document]) -> None:
    """A page shows the label at the paragraphs of each source: the title of one would be said to be another's."""
    titled = {s for cls in TITLED for s in everything.subjects(RDF.type, AMMTC[cls])}
    given: defaultdict[Node, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for document in sources:
        for thing, name in document.graph.subject_objects(AMMTC.nameAsGiven):
            given[thing][document.iri].add(fold(str(name)))
    several = {thing: names for thing, names in given.items() if thing in titled and len(names) > 1}
    assert len(several) > 8
    for thing, names in several.items():
        labels = {fold(str(label)) for label in everything.objects(thing, RDFS.label)}
        assert labels.isdisjoint(set.union(*names.values()) - set.intersection(*names.values())), thing


def test_what_a_source_says_of_a_thing_that_the_editors_identify_rests_on_the_identification(
    everything: Graph, sources: list[Document]
) -> None:
    """Beside the passage, or within a derivation; names and styles themselves stand in the passage alone."""
    names = {AMMTC.nameAsGiven, AMMTC.honorific, OWL.annotatedSource, OWL.annotatedTarget}
    concerned: defaultdict[tuple[str, Node], set[Node]] = defaultdict(set)
    for identification in everything.subjects(RDF.type, AMMTC.Identification):
        for source, thing in product(*(everything.objects(identification, p) for p in (AMMTC.source, AMMTC.concerns))):
            concerned[str(source), thing].add(identification)
    assert len(concerned) > 25
    reasoned = set(everything.subjects(RDF.type, AMMTC.Derivation))
    for document in sources:
        for source, thing in concerned:
            if source == str(SOURCE[document.path.stem]):
                enough = concerned[source, thing] | reasoned
                for said in {
                    *document.graph.triples((thing, None, None)),
                    *document.graph.triples((None, None, thing)),
                }:
                    if said[1] not in names:
                        assert enough & grounds(document.graph, said), said


def grounds(graph: Graph, said: tuple[Node, Node, Node]) -> set[Node]:
    """Return what a statement cites by its axioms."""
    parts = zip((OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget), said, strict=True)
    axioms = set.intersection(*(set(graph.subjects(part, node)) for part, node in parts))
    return {ground for axiom in axioms for ground in graph.objects(axiom, AMMTC.evidence)}


def test_each_two_findings_of_a_comparison_stand_in_one_relation(everything: Graph) -> None:
    relations = (AMMTC.agreesWith, AMMTC.saysLessThan, AMMTC.differsFrom)
    comparisons = set(everything.subjects(RDF.type, AMMTC.Comparison))
    judged = [pair for c in comparisons for pair in combinations(everything.objects(c, AMMTC.finding), 2)]
    assert len(judged) > 20
    for a, b in judged:
        assert len({p for p in relations if (a, p, b) in everything or (b, p, a) in everything}) == 1, (a, b)


def test_each_choice_of_the_editors_answers_one_comparison(everything: Graph) -> None:
    comparisons = set(everything.subjects(RDF.type, AMMTC.Comparison))
    choices = set(everything.subjects(RDF.type, AMMTC.EditorialChoice))
    assert choices
    assert [c for c in choices if len(comparisons & set(everything.objects(c, AMMTC.concerns))) != 1] == []


def one(graph: Graph, s: Node, p: Node) -> Node:
    """Return the only value of a property."""
    (value,) = graph.objects(s, p)
    return value
