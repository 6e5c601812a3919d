"""Why the reasoner concluded a statement: one step back, to the statements that it follows from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.nodes import Node, Nodes
from server.reading.evidence import Citation
from server.reading.lookups import Row, Term, text_of

__all__ = ["REPEATS", "Explanation", "Premise", "explanations"]

#: The rule by which a statement only repeats, in wider words, another one about the same two things.
REPEATS = "narrower property"
#: Rules in the order in which they explain best.
_RULES = (
    "chain of properties",
    REPEATS,
    "inverse property",
    "transitive property",
    "symmetric property",
    "narrower class",
    "domain of a property",
    "range of a property",
)


@dataclass(frozen=True)
class Premise:
    """A statement that another one follows from.

    :param parts: subject, predicate and object
    :param citations: the evidence for it, where the page has read it
    """

    parts: tuple[Node, Node, Node]
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """Why a statement was concluded.

    :param rule: name of the rule
    :param premises: what it follows from, one to three statements
    """

    rule: str
    premises: tuple[Premise, ...]


def explanations(
    rows: Iterable[Row], nodes: Nodes, cited: Mapping[tuple[Term, Term, Term], tuple[Citation, ...]]
) -> dict[tuple[Term, Term], Explanation]:
    """Return the best explanation of each inferred statement about one thing: (property, value) -> explanation.

    :param rows: solutions of the query ``explanations``
    :param cited: statement -> citations, as far as the page knows them
    """
    found: dict[tuple[Term, Term], Explanation] = {}
    for row in sorted(rows, key=lambda row: _order(row, cited)):
        premises = tuple(
            Premise(
                (nodes.of(subject), nodes.of(predicate), nodes.of(value)), cited.get((subject, predicate, value), ())
            )
            for subject, predicate, value in _premises(row)
        )
        found.setdefault((row["property"], row["value"]), Explanation(text_of(row["rule"]), premises))
    return found


def _premises(row: Row) -> list[tuple[Term, Term, Term]]:
    return [
        (row[f"s{n}"], row[f"p{n}"], row[f"o{n}"]) for n in "123" if f"s{n}" in row or f"p{n}" in row if _full(row, n)
    ]


def _full(row: Row, number: str) -> bool:
    return all(f"{part}{number}" in row for part in "spo")


def _order(row: Row, cited: Mapping[tuple[Term, Term, Term], tuple[Citation, ...]]) -> tuple[int, int, str]:
    """Order explanations: by their rule, then those with evidence first."""
    premises = _premises(row)
    return (
        _RULES.index(text_of(row["rule"])),
        -sum(bool(cited.get(premise)) for premise in premises),
        " ".join(map(str, (part for premise in premises for part in premise))),
    )
