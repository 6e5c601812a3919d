"""What a schema must be for its rules to say something definite: whole RDF lists, numbers as cardinalities."""

import numpy as np
from pyoxigraph import NamedNode
from rdflib import Literal
from rdflib.namespace import OWL, RDF

from kb.errors import DataError
from kb.namespaces import shorten
from kb.rdf.lists import broken_cells
from kb.reasoning.columns import Statements
from kb.reasoning.dictionary import Dictionary
from kb.reasoning.vocabulary import NUMBER_OF

__all__ = ["require_well_formed"]

_FIRST, _REST, _NIL = NUMBER_OF[RDF.first], NUMBER_OF[RDF.rest], NUMBER_OF[RDF.nil]
_CARDINALITIES = (NUMBER_OF[OWL.maxCardinality], NUMBER_OF[OWL.maxQualifiedCardinality])


def require_well_formed(statements: Statements, dictionary: Dictionary) -> None:
    """Refuse malformed RDF lists and cardinalities.

    :raises DataError: naming what the list belongs to
    """
    s, p, o = statements
    rests = p == _REST
    if broken := broken_cells(s[p == _FIRST].tolist(), zip(s[rests].tolist(), o[rests].tolist(), strict=True), _NIL):
        users = map(dictionary.term, s[np.isin(o, sorted(broken))].tolist())
        names = sorted({shorten(user.value) for user in users if isinstance(user, NamedNode)})
        place = f", of {', '.join(names)}" if names else ""
        raise DataError(f"An RDF list is broken or has lost its members{place}", "Write the list again")
    for number in np.unique(o[np.isin(p, _CARDINALITIES)]).tolist():
        node = dictionary.node(number)
        value = node.value if isinstance(node, Literal) else None
        if not isinstance(value, int) or isinstance(value, bool):  # a bool is an int to Python
            raise DataError(f"{node} is no cardinality", "Write a whole number, xsd:nonNegativeInteger")
