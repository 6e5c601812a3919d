"""Comparisons of sources: the editors' questions with each source's answer, and what each source says of a thing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode

from kb.namespaces import AMMTC
from kb.rdf.terms import Term
from server.page_models.things import Group, Thing
from server.presentation.nodes import Node
from server.provenance.provenance import Provenance
from server.provenance.support import Support, Value
from server.stored_queries.lookups import LookUp, Row, text_of

__all__ = ["Answer", "Comparison", "SideBySide", "comparisons", "side_by_side"]

_COPY_OF = NamedNode(AMMTC.copyOf)


@dataclass(frozen=True)
class Answer:
    """How a source stands to the others in a comparison.

    :param stands: verdict -> the sources to which it stands so, in the order ``differs from``, ``says less than``,
        ``says more than``, ``agrees with``; or one verdict alone: ``repeats`` with the source of which it carries a
        copy, ``only this source``, ``silent``, and ``not compared`` where its answer stands in no relation to others
    :param support: the passages that the editors name for its answer, or why it repeats another source
    """

    stands: Mapping[str, tuple[Node, ...]]
    support: Support = field(default_factory=Support)


@dataclass(frozen=True)
class Comparison:
    """A question asked of several sources.

    :param node: the comparison
    :param question: the question
    :param about: what it is about
    :param answers: IRI of a source -> how it stands to the others
    """

    node: Node
    question: str
    about: tuple[Node, ...]
    answers: Mapping[str, Answer]


@dataclass(frozen=True)
class SideBySide:
    """The values of one property as each source gives them.

    :param predicate: the property
    :param cells: a cell a source, in the order of the sources: the values with their support by this source alone,
        also those that only follow from what it says
    :param others: values that no source gives alone: from several, from works of reference, or of the editors
    :param verdict: ``same``, ``differs``, ``adds`` or ``one source``
    """

    predicate: Node
    cells: tuple[tuple[Value, ...], ...]
    others: tuple[Value, ...]
    verdict: str


def comparisons(look_up: LookUp, provenance: Provenance, thing: NamedNode | None = None) -> list[Comparison]:
    """Return the comparisons that are about a thing, the thing itself if it is one, or all of them: one query."""
    rows = look_up.rows("comparisons", thing=thing) if thing else look_up.rows("all-comparisons")
    by_comparison: dict[Term, list[Row]] = defaultdict(list)
    for row in rows:
        by_comparison[row["comparison"]].append(row)
    return [_comparison(provenance, term, found) for term, found in by_comparison.items()]


def side_by_side(thing: Thing, provenance: Provenance) -> list[SideBySide]:
    """Return what each source says of a thing, property by property; what most sources speak of comes first."""
    rows = [_row(group, provenance) for group in thing.groups]
    return sorted(rows, key=lambda row: -sum(bool(cell) for cell in row.cells))


def _row(group: Group, provenance: Provenance) -> SideBySide:
    sources = (source.iri or "" for source in provenance.evidence.sources)
    cells = tuple(tuple(_said_by(source, group.values, provenance)) for source in sources)
    given = {value.node for cell in cells for value in cell}
    others = tuple(value for value in group.values if value.node not in given)
    return SideBySide(group.predicate, cells, others, _verdict(group, [cell for cell in cells if cell]))


def _said_by(source: str, values: Iterable[Value], provenance: Provenance) -> Iterator[Value]:
    """Yield the values that a source gives, each with the evidence from this source alone."""
    for value in values:
        support, inferred = value.support, value.support.inferred
        if own := tuple(found for found in support.alternatives if source in found.sources):
            yield replace(value, support=replace(support, alternatives=own))
        elif inferred and inferred.statement and (why := provenance.inferred_from(inferred.statement, source)):
            yield replace(value, support=replace(support, inferred=why))


def _verdict(group: Group, given: list[tuple[Value, ...]]) -> str:
    if not given:
        return ""
    if len(given) == 1:
        return "one source"
    if any(value.support.differs for value in group.values):
        return "differs"
    return "same" if len({frozenset(value.node for value in cell) for cell in given}) == 1 else "adds"


def _comparison(provenance: Provenance, term: Term, rows: list[Row]) -> Comparison:
    node = provenance.node(term)
    question = next((text_of(row["question"]) for row in rows if "question" in row), node.text)
    about = tuple(provenance.node(about) for about in dict.fromkeys(row["about"] for row in rows if "about" in row))
    by_source: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if "source" in row:
            by_source[text_of(row["source"])].append(row)
    answers = {source: _answer(provenance, found) for source, found in by_source.items()}
    return Comparison(node, question, about, answers)


def _answer(provenance: Provenance, rows: list[Row]) -> Answer:
    """Return how a source stands, from its rows: one for each other source, or a single one."""
    stands: dict[str, tuple[Node, ...]] = {}
    for row in rows:
        others = (provenance.node(row[name]) for name in ("other", "repeats") if name in row)
        verdict = text_of(row["verdict"])
        stands[verdict] = tuple(dict.fromkeys((*stands.get(verdict, ()), *others)))
    if findings := list(dict.fromkeys(row["finding"] for row in rows if "finding" in row)):
        return Answer(stands, provenance.cited(findings).of_one_source)
    if "copy" in (row := rows[0]):
        return Answer(stands, provenance.support((row["copy"], _COPY_OF, row["copied"])).of_one_source)
    return Answer(stands)
