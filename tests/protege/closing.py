"""The claim that an ontology has no facts but known ones, as axioms: with it, a single test shows that none is missing.

Where the axioms leave the ontology consistent, it has a model in which nothing else holds, so nothing else follows.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import jpype

from protege.model import Fact

__all__ = ["closing_axioms"]

#: An object or a class of Java.
Java = Any


def closing_axioms(ontology: Java, known: frozenset[Fact], loader: Java) -> Java:
    """Return the axioms as a set of Java.

    :param known: facts between individuals of the ontology, with properties of the ontology
    :param loader: has the version of the OWL API that the ontology is from
    """
    axioms = jpype.JClass("java.util.HashSet")()
    closing = _Closing(ontology, loader)
    for axiom in (*closing.own_classes(), *closing.no_values(known), *closing.no_other_values(known)):
        axioms.add(axiom)
    return axioms


class _Closing:
    """The parts of the claim, with the classes that it needs."""

    def __init__(self, ontology: Java, loader: Java) -> None:
        self._make = ontology.getOWLOntologyManager().getOWLDataFactory()
        self._iri = jpype.JClass("org.semanticweb.owlapi.model.IRI", loader=loader)
        self._individuals = {str(found.getIRI()): found for found in ontology.getIndividualsInSignature()}
        self._properties = {str(found.getIRI()): found for found in ontology.getObjectPropertiesInSignature()}

    def own_classes(self) -> Iterator[Java]:
        """Put each individual into a class of its own; the classes are disjoint by the digits of their numbers."""
        for number, (iri, individual) in enumerate(self._individuals.items()):
            own = self._class("own", iri)
            yield self._make.getOWLClassAssertionAxiom(own, individual)
            for position in range(len(self._individuals).bit_length()):
                digit = self._class("digit", position)
                other = self._make.getOWLObjectComplementOf(digit)
                yield self._make.getOWLSubClassOfAxiom(own, digit if number >> position & 1 else other)

    def no_values(self, known: frozenset[Fact]) -> Iterator[Java]:
        """Say of each individual which properties have no value there, by way of a class of those that are alike."""
        for p, property_ in self._properties.items():
            empty = self._make.getOWLObjectAllValuesFrom(property_, self._make.getOWLNothing())
            yield self._make.getOWLSubClassOfAxiom(self._class("without", p), empty)
        used: defaultdict[str, set[str]] = defaultdict(set)
        for s, p, _ in known:
            used[s].add(p)
        alike: defaultdict[frozenset[str], list[str]] = defaultdict(list)
        for iri in self._individuals:
            alike[frozenset(self._properties.keys() - used[iri])].append(iri)
        for number, (without, members) in enumerate(alike.items()):
            group = self._class("alike", number)
            for iri in members:
                yield self._make.getOWLClassAssertionAxiom(group, self._individuals[iri])
            for p in without:
                yield self._make.getOWLSubClassOfAxiom(group, self._class("without", p))

    def no_other_values(self, known: frozenset[Fact]) -> Iterator[Java]:
        """Say of each individual that all values of a property are in the classes of those known."""
        values: defaultdict[tuple[str, str], list[Java]] = defaultdict(list)
        for s, p, o in known:
            values[s, p].append(self._class("own", o))
        for (s, p), classes in values.items():
            among = self._make.getOWLObjectUnionOf(classes)
            only = self._make.getOWLObjectAllValuesFrom(self._properties[p], among)
            yield self._make.getOWLClassAssertionAxiom(only, self._individuals[s])

    def _class(self, role: str, name: object) -> Java:
        return self._make.getOWLClass(self._iri.create(f"urn:{role}:{name}"))
