"""A checker of proofs that shares nothing with what finds them: each step must be an instance of a rule's table.

The rules are read from ``reason/tables.txt``, in the notation of the recommendation; three that quantify over a list
and two about literals are written out here, and so is the one about instants, which is no rule of OWL. Lists are read
from the graph that the proof starts from.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from kb.rdf.namespaces import AMMTC
from kb.rdf.proofs import Proof

__all__ = ["problems"]

TABLES = Path(__file__).parent / "reason" / "tables.txt"
NAMESPACES = {"owl": OWL, "rdf": RDF, "rdfs": RDFS}

Triple = tuple[Node, Node, Node]
Pattern = tuple[str, ...]
Bindings = dict[str, Node]


def problems(proof: Proof[Node], asserted: Graph, checked: dict[int, Proof[Node]] | None = None) -> list[str]:
    """Return what is wrong with a proof: steps that are no instance of their rule, leaves that are not asserted.

    Premises are part of their step, so a proof that ends is no circle.

    :param checked: steps that need no second look, and takes those that it looks at
    """
    checked = {} if checked is None else checked
    if id(proof) in checked:
        return []
    checked[id(proof)] = proof
    found = [] if _holds(proof, asserted) else [f"{proof.rule}: {proof.statement}"]
    return [*found, *(problem for premise in proof.premises for problem in problems(premise, asserted, checked))]


def _holds(step: Proof[Node], asserted: Graph) -> bool:
    premises = [premise.statement for premise in step.premises]
    if step.rule is None:
        return not premises and step.statement in asserted
    if step.rule in SPECIAL:
        return SPECIAL[step.rule](step.statement, premises, asserted)
    return any(
        _covers(conditions, premises, asserted, bindings)
        for conditions, conclusion in tables()[step.rule]
        if (bindings := _match(conclusion, step.statement, {})) is not None
    )


@cache
def tables() -> dict[str, list[tuple[list[Pattern], Pattern]]]:
    found: dict[str, list[tuple[list[Pattern], Pattern]]] = {}
    for line in TABLES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, premises, conclusion = (part.strip() for part in line.split("|"))
            found.setdefault(name, []).append((list(_patterns(premises)), next(_patterns(conclusion))))
    return found


def _patterns(text: str) -> Iterator[Pattern]:
    for kind, inside in re.findall(r"(\w+)\(([^)]*)\)", text):
        yield kind, *inside.split(", ")


def _covers(conditions: Sequence[Pattern], premises: Sequence[Triple], asserted: Graph, bindings: Bindings) -> bool:
    """Return whether the conditions are met, each T() by a premise, so that every premise is used.

    Where a list has its member under another name, one more premise says that both are the same.
    """
    stated = [condition for condition in conditions if condition[0] == "T"]
    listed = sum(condition[0] == "MEMBER" for condition in conditions)
    same = premises[len(stated) :]
    if not 0 <= len(premises) - len(stated) <= listed or any(p != OWL.sameAs for _, p, _ in same):
        return False
    for condition, premise in zip(stated, premises, strict=False):
        extended = _match(condition, premise, bindings)
        if extended is None:
            return False
        bindings = extended
    return all(_side_condition(c, bindings, same, asserted) for c in conditions if c[0] != "T")


def _side_condition(condition: Pattern, bindings: Bindings, same: Sequence[Triple], asserted: Graph) -> bool:
    if condition[0] == "ONE":
        number = bindings[condition[1]]
        return isinstance(number, Literal) and int(number) == 1
    written, member = members(bindings[condition[1]], asserted), bindings[condition[2]]
    if not same:
        return member in written
    return [name for name, _, _ in same if name in written] != [] and {other for _, _, other in same} == {member}


def _match(pattern: Pattern, statement: Triple, bindings: Bindings) -> Bindings | None:
    extended = dict(bindings)
    for term, node in zip(pattern[1:], statement, strict=True):
        expected = extended.setdefault(term, node) if term.startswith("?") else _named(term)
        if expected != node:
            return None
    return extended


def _named(term: str) -> URIRef:
    prefix, _, local = term.partition(":")
    return URIRef(f"{NAMESPACES[prefix]}{local}")


def members(head: Node, asserted: Graph) -> list[Node]:
    found: list[Node] = []
    while head != RDF.nil:
        (first,), (head,) = asserted.objects(head, RDF.first), asserted.objects(head, RDF.rest)
        found.append(first)
    return found


def intersection(statement: Triple, premises: Sequence[Triple], asserted: Graph) -> bool:
    x, p, c = statement
    (d, q, head), *types = premises
    return (p, d, q) == (RDF.type, c, OWL.intersectionOf) and types == [
        (x, RDF.type, member) for member in members(head, asserted)
    ]


def chain(statement: Triple, premises: Sequence[Triple], asserted: Graph) -> bool:
    x, p, y = statement
    (q, axiom, head), *links = premises
    nodes = [links[0][0], *(o for _, _, o in links)]
    joined = all(s == node for (s, _, _), node in zip(links, nodes[:-1], strict=True))
    properties = [link[1] for link in links] == members(head, asserted)
    return (q, axiom) == (p, OWL.propertyChainAxiom) and joined and properties and (nodes[0], nodes[-1]) == (x, y)


def key(statement: Triple, premises: Sequence[Triple], asserted: Graph) -> bool:
    x, p, y = statement
    (c, axiom, head), *rest = premises
    types, values = rest[:2], rest[2:]
    expected = [(x, RDF.type, c), (y, RDF.type, c)]
    pairs = list(zip(values[::2], values[1::2], strict=True))
    same = all(
        a == (x, q, a[2]) and b == (y, q, a[2]) for q, (a, b) in zip(members(head, asserted), pairs, strict=True)
    )
    return (p, axiom) == (OWL.sameAs, OWL.hasKey) and types == expected and same and bool(pairs)


def literal_type(statement: Triple, premises: Sequence[Triple], _: Graph) -> bool:
    literal, p, datatype = statement
    if isinstance(literal, Literal) and literal.language:
        own, allowed = RDF.langString, {RDF.langString, RDF.PlainLiteral, RDFS.Literal}
    else:
        own = literal.datatype or XSD.string if isinstance(literal, Literal) else None
        allowed = {own, RDFS.Literal, RDF.PlainLiteral}
    is_datatype = datatype in allowed or (own is not None and str(datatype).startswith(str(XSD)))
    return isinstance(literal, Literal) and p == RDF.type and is_datatype and not premises


def equal_literals(statement: Triple, premises: Sequence[Triple], _: Graph) -> bool:
    x, p, y = statement
    return isinstance(x, Literal) and isinstance(y, Literal) and x.eq(y) and p == OWL.sameAs and not premises


def instants(statement: Triple, premises: Sequence[Triple], _: Graph) -> bool:
    """Return whether an instant follows from dates of a thing, and from instants of the events to which it belongs."""
    thing, p, instant = statement
    told_by = {s for s, q, o in premises if (q, o) == (AMMTC.reports, thing)}
    linked = {o for s, q, o in premises if (s in told_by and q in AT) or (s, q) == (thing, AMMTC.partOf)}
    dates = [
        (str(q), span(o) if q != AMMTC.endNotAfter else (START, str(o)))
        for s, q, o in premises
        if s in {thing, *told_by} and str(q) in DATES
    ]
    wholes = {y: (text(premises, y, AMMTC.earliest, START), text(premises, y, AMMTC.latest, END)) for y in linked}
    used = len(told_by) + len(dates) + sum((s, q) in {(y, r) for y in linked for r in INSTANTS} for s, q, _ in premises)
    used += sum(o in linked and (q in AT or q == AMMTC.partOf) for _, q, o in premises)
    lasting = common([d for q, d in dates if q == BEGINS])[0], common([d for q, d in dates if q in ENDS])[1]
    own = common([*(d for q, d in dates if q not in {BEGINS, *ENDS}), *([] if lasting == (START, END) else [lasting])])
    within = common([*([own] if dates else []), *wholes.values()])
    agreed = not dates or (own[0] <= within[0] and within[1] <= own[1])
    return used == len(premises) and agreed and str(instant) == within[(AMMTC.earliest, AMMTC.latest).index(p)]


START, END = "0001-01-01T00:00:00", "9999-12-31T23:59:59"
AT, INSTANTS = (AMMTC.atEvent, AMMTC.foreseenAt), (AMMTC.earliest, AMMTC.latest)
BEGINS, ENDS = str(AMMTC.startDate), (str(AMMTC.endDate), str(AMMTC.endNotAfter))
DATES = {BEGINS, *ENDS, str(AMMTC.date), str(AMMTC.publishedAt)}


def span(value: Node) -> tuple[str, str]:
    """Return the first instant of a date and the first after it, as texts, which sort like them."""
    found = str(value)
    if len(found) > len("2025-09-08"):
        return found, f"{found[:14]}{int(found[14:16]) + 1:02}:00"
    first = date.fromisoformat(f"{found}-01-01"[:10])
    following = next(day for n in range(1, 400) if not str(day := first + timedelta(days=n)).startswith(found))
    return f"{first}T00:00:00", f"{following}T00:00:00"


def common(spans: Sequence[tuple[str, str]]) -> tuple[str, str]:
    shared = max((a for a, _ in spans), default=START), min((b for _, b in spans), default=END)
    return shared if shared[0] < shared[1] else (min(a for a, _ in spans), max(b for _, b in spans))


def text(premises: Sequence[Triple], subject: Node, prop: Node, default: str) -> str:
    return next((str(o) for s, p, o in premises if (s, p) == (subject, prop)), default)


SPECIAL = {
    "cls-int1": intersection,
    "prp-spo2": chain,
    "prp-key": key,
    "dt-type2": literal_type,
    "dt-eq": equal_literals,
    "instants": instants,
}
