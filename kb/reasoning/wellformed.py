"""What a schema must be for its rules to say something definite: whole RDF lists, numbers as cardinalities."""

import numpy as np
from pyoxigraph import Literal, NamedNode
from rdflib import Literal as RdflibLiteral
from rdflib.namespace import OWL, RDF, XSD

from kb.errors import MalformedAxiom
from kb.namespaces import shorten
from kb.rdf.lists import broken_cells
from kb.rdf.terms import Rdf11Term
from kb.reasoning.columns import Statements
from kb.reasoning.dictionary import Dictionary
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["require_well_formed"]

_FIRST, _REST, _NIL = NUMBER_OF[RDF.first], NUMBER_OF[RDF.rest], NUMBER_OF[RDF.nil]
_ON = NUMBER_OF[OWL.onProperty]
_CARDINALITIES = (NUMBER_OF[OWL.maxCardinality], NUMBER_OF[OWL.maxQualifiedCardinality])


def require_well_formed(statements: Statements, given: Statements, dictionary: Dictionary) -> None:
    """Refuse malformed RDF lists and cardinalities.

    :param statements: those of `given` that are no annotations
    :param given: in the order of reading
    :raises MalformedAxiom: naming what the list or the restriction belongs to
    """
    s, p, o = statements
    rests = p == _REST
    if broken := broken_cells(s[p == _FIRST].tolist(), zip(s[rests].tolist(), o[rests].tolist(), strict=True), _NIL):
        place = f", of {', '.join(names)}" if (names := _owners(broken, statements, dictionary)) else ""
        cell = min(broken)
        raise MalformedAxiom(
            f"An RDF list is broken or has lost its members{place}",
            "Write the list again",
            _place((given[0] == cell) | (given[2] == cell)),
        )
    for column in np.flatnonzero(np.isin(p, _CARDINALITIES)).tolist():
        restriction, property_, number = statements[:, column].tolist()
        node = dictionary.node(number)
        value = node.value if isinstance(node, RdflibLiteral) else None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:  # a bool is an int to Python
            where = _description(column, statements, dictionary)
            raise MalformedAxiom(
                f"{_text(dictionary.term(number))} is no cardinality, in {where}",
                'Write a whole number without quotation marks, such as 1, or "1"^^xsd:nonNegativeInteger',
                _place((given == [[restriction], [property_], [number]]).all(axis=0)),
            )


def _place(chosen: "np.typing.NDArray[np.bool_]") -> int | None:
    return int(chosen.argmax()) if chosen.any() else None


def _description(column: int, statements: Statements, dictionary: Dictionary) -> str:
    """Return a restriction as Turtle writes it, and what it belongs to."""
    s, p, o = statements
    restriction, property_, number = statements[:, column].tolist()
    properties = sorted({(_ON, on) for on in o[(s == restriction) & (p == _ON)].tolist()})
    said = " ; ".join(
        f"{_text(dictionary.term(key))} {_text(dictionary.term(value))}"
        for key, value in [*properties, (property_, number)]
    )
    if not dictionary.is_blank(restriction):
        return f"{_text(dictionary.term(restriction))} {said}"
    names = _owners({restriction}, statements, dictionary)
    return f"[ {said} ]" + (f", of {', '.join(names)}" if names else "")


def _owners(nodes: set[int], statements: Statements, dictionary: Dictionary) -> list[str]:
    """Return the names of what has some nodes as a part, directly or inside of anonymous things."""
    s, _, o = statements
    found: set[int] = set()
    waiting = set(nodes)
    while waiting:
        users = set(s[np.isin(o, sorted(waiting))].tolist()) - found - nodes
        found |= users
        waiting = {user for user in users if dictionary.is_blank(user)}
    return sorted(_text(dictionary.term(user)) for user in found if not dictionary.is_blank(user))


def _text(term: Rdf11Term) -> str:
    """Return a term as Turtle writes it, with the prefixes that are known."""
    if isinstance(term, NamedNode):
        short = shorten(term.value)
        return str(term) if short == term.value else short
    if isinstance(term, Literal) and not term.language and term.datatype.value != str(XSD.string):
        return f"{Literal(term.value)}^^{_text(term.datatype)}"
    return str(term)
