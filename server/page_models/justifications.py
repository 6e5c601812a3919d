"""A justification of a statement as its page shows it: the statement, who says so, and what else is enough for it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pyoxigraph import NamedNode, Store, Triple

from kb.namespaces import AMMTC, CONCEPT, RDF
from kb.rdf.terms import Statement, Term
from kb.sparql.labels import cut
from server.presentation.nodes import Node
from server.provenance.evidence import Citation
from server.provenance.provenance import RULES, Provenance
from server.provenance.support import Inferred, Support, support_by
from server.stored_queries.texts import evidence_query

__all__ = ["Justified", "Premise", "read_justification"]

_TYPE, _JUSTIFICATION, _REIFIES = NamedNode(RDF.type), NamedNode(AMMTC.Justification), NamedNode(RDF.reifies)
_PREMISE = NamedNode(AMMTC.premise)
_HOW = {"stated": "stated in", "derived": "derived from", "inferred": "inferred from"}
#: Other justifications of a statement that a page lists, paragraphs that a title names, characters of a term there.
_MOST_OTHERS = 100
_MOST_NAMED = 4
_LONGEST_NAME = 150


@dataclass(frozen=True)
class Premise:
    """A statement that another one follows from, with a justification that is used.

    :param node: the justification
    :param parts: the statement
    :param support: what this justification is
    """

    node: Node
    parts: tuple[Node, Node, Node]
    support: Support


@dataclass(frozen=True)
class Justified:
    """A statement with one of its justifications.

    :param node: the justification
    :param parts: the statement: subject, predicate and object
    :param basis: on which kind of evidence it rests, or None
    :param strength: how strongly, or None
    :param passages: the passages that carry it, in the order of reading
    :param origins: the accounts that their words come from
    :param support: the evidence; of what is inferred the rule and the proof
    :param premises: of what is inferred, the stated ones
    :param others: the other justifications of the statement, each with who says so
    :param query: for who says so, or "" where a query cannot ask for it
    """

    node: Node
    parts: tuple[Node, Node, Node]
    basis: Node | None
    strength: Node | None
    passages: tuple[Citation, ...]
    origins: tuple[Node, ...]
    support: Support
    premises: tuple[Premise, ...]
    others: tuple[tuple[Node, str], ...]
    query: str

    @property
    def statement(self) -> str:
        """The statement in words, those of a long text cut."""
        return " ".join(cut(part.words, _LONGEST_NAME) for part in self.parts).removesuffix(".")

    @property
    def said_by(self) -> str:
        """Who says so, in words."""
        return _said_by(self.basis, self.strength, self.passages, _grounds(self.support, self.premises))


def read_justification(store: Store, provenance: Provenance, iri: str) -> Justified | None:
    """Return the justification with an IRI, or None if there is no such one of one statement."""
    said = _said(store, NamedNode(iri))
    statement = _statement(said)
    if statement is None:
        return None
    basis, strength = (_one(provenance, said, name) for name in ("basis", "strength"))
    passages = provenance.evidence.citations(said[AMMTC.passage])
    support, premises = _support(store, provenance, statement, said)
    others = [found for found in provenance.justifications(statement) if found != iri][:_MOST_OTHERS]
    named = isinstance(statement[0], NamedNode)
    return Justified(
        provenance.node(NamedNode(iri)),
        provenance.parts(statement),
        basis,
        strength,
        passages,
        tuple(provenance.node(origin) for origin in said[AMMTC.origin]),
        support,
        premises,
        tuple((provenance.node(NamedNode(other)), _other(store, provenance, statement, other)) for other in others),
        evidence_query(statement, of_passages=bool(passages)) if named else "",
    )


def _said(store: Store, node: NamedNode) -> Mapping[str, list[Term]]:
    """Return predicate -> its values, of a thing."""
    found: dict[str, dict[Term, None]] = defaultdict(dict)
    for quad in store.quads_for_pattern(node, None, None):
        found[quad.predicate.value][quad.object] = None
    return defaultdict(list, {predicate: sorted(values, key=str) for predicate, values in found.items()})


def _statement(said: Mapping[str, list[Term]]) -> Statement | None:
    if _JUSTIFICATION not in said[RDF.type]:
        return None
    match said[RDF.reifies]:
        case [Triple() as triple]:
            return triple.subject, triple.predicate, triple.object
        case _:
            return None


def _one(provenance: Provenance, said: Mapping[str, list[Term]], name: str) -> Node | None:
    return next((provenance.node(value) for value in said[AMMTC[name]]), None)


def _support(
    store: Store, provenance: Provenance, statement: Statement, said: Mapping[str, list[Term]]
) -> tuple[Support, tuple[Premise, ...]]:
    """Return what a justification is, and the premises where it is a proof."""
    proofs = [piece for piece in said[AMMTC.evidence] if isinstance(piece, NamedNode) and "#" in piece.value]
    used = [quad.object for proof in proofs for quad in store.quads_for_pattern(proof, _PREMISE, None)]
    if NamedNode(CONCEPT.inferred) not in said[AMMTC.basis]:
        joint = provenance.evidence.alternatives([said[AMMTC.evidence]])
        return support_by(joint, provenance.evidence).of_one_source, ()
    premises: list[Premise] = []
    stated: dict[Statement, None] = {}
    for justification in sorted({term for term in used if isinstance(term, NamedNode)}, key=str):
        of_premise = _said(store, justification)
        if (premise := _statement(of_premise)) is not None:
            stated[premise] = None
            joint = provenance.evidence.alternatives([of_premise[AMMTC.evidence]])
            support = support_by(joint, provenance.evidence).of_one_source
            premises.append(Premise(provenance.node(justification), provenance.parts(premise), support))
    rule, number = _proof(provenance, statement, stated)
    address = provenance.proof_address(statement, number) if number else ""
    premises.sort(key=lambda premise: [part.text.casefold() for part in premise.parts])
    return Support(inferred=Inferred(rule, (), address)), tuple(premises)


def _proof(provenance: Provenance, statement: Statement, stated: Mapping[Statement, None]) -> tuple[str, int]:
    """Return the rule and the number of the first proof that needs no other statement with a justification, or 0."""
    for number, proof in enumerate(provenance.proofs(statement), 1):
        if all(end in stated or not provenance.justifications(end) for end in dict.fromkeys(proof.asserted())):
            return RULES.get(proof.rule or "", ""), number
    return "", 0


def _other(store: Store, provenance: Provenance, statement: Statement, iri: str) -> str:
    """Return who says so by another justification."""
    said = _said(store, NamedNode(iri))
    basis, strength = (_one(provenance, said, name) for name in ("basis", "strength"))
    support, premises = _support(store, provenance, statement, said)
    return _said_by(basis, strength, provenance.evidence.citations(said[AMMTC.passage]), _grounds(support, premises))


def _grounds(support: Support, premises: Iterable[Premise]) -> list[str]:
    """Return the names of the pieces of evidence of a justification or, where it is a proof, of its premises."""
    supports = (support, *(premise.support for premise in premises))
    pieces = (piece for each in supports for found in each.alternatives for piece in found.grounds)
    return list(dict.fromkeys(piece.node.text for piece in pieces))


def _said_by(basis: Node | None, strength: Node | None, passages: Sequence[Citation], grounds: Sequence[str]) -> str:
    name = (basis.iri or "").removeprefix(CONCEPT) if basis else ""
    if name in _HOW:
        words = f"{_HOW[name]} {_listed(passages) if passages else _and(grounds) or 'statements that need no source'}"
    elif name == "reference":
        words = f"from {_and(grounds)}, a work of reference"
    elif name == "editorial":
        words = "by a choice of the editors"
    else:
        words = f"by {_and(grounds)}"
    return f"{words} ({strength.text})" if strength and not (strength.iri or "").endswith("certain") else words


def _listed(passages: Sequence[Citation]) -> str:
    """Return the sources of passages with the paragraphs, or without where these are many."""
    parts = []
    for short, found in groupby(passages, lambda passage: passage.short):
        numbers = [passage.paragraph for passage in found if passage.paragraph]
        word = "paragraphs" if len(numbers) > 1 else "paragraph"
        several = len(passages) > _MOST_NAMED or not numbers
        parts.append(short if several else f"{short}, {word} {_and(numbers)}")
    return "; ".join(parts) if any(", " in part for part in parts) else _and(parts)


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
