"""What goes into and comes out of the OWL API and HermiT, as plain Python values."""

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rdflib import Literal, URIRef

__all__ = ["Classification", "Fact", "JavaError", "LoadedOntology", "Profile", "Statement"]

#: An assertion of an object property: subject, property and object as IRIs.
Fact = tuple[str, str, str]

#: A profile of OWL 2: DL (https://www.w3.org/TR/owl2-syntax/#Ontologies) or RL
#: (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL).
Profile = typing.Literal["DL", "RL"]


class JavaError(Exception):
    """The OWL API or HermiT refused what it was given; the text is Java's own message."""


@dataclass(frozen=True)
class LoadedOntology:
    """One ontology of an import closure as the OWL API sees it.

    :param path: the file that it was read from
    :param imports: IRIs of the ontologies that it imports itself, sorted
    :param axioms: number of its axioms, without those of its imports
    """

    iri: str
    path: Path
    imports: tuple[str, ...]
    axioms: int


@dataclass(frozen=True)
class Statement:
    """One statement of an ontology, with the annotations of its axiom (``@`` in Protégé).

    What kind of axiom it is follows from the property: `rdf:type`, `rdfs:subClassOf`, else what the closure declares.
    """

    subject: URIRef
    predicate: URIRef
    object: URIRef | Literal
    annotations: tuple[tuple[URIRef, URIRef | Literal], ...] = ()


@dataclass(frozen=True)
class Classification:
    """What HermiT concludes from an import closure; nothing but the first member when it is inconsistent.

    :param unsatisfiable: IRIs of the named classes that can have no instance, sorted
    :param superclasses: class IRI -> IRIs of its direct named superclasses, owl:Thing included
    :param types: individual IRI -> IRIs of its direct named types
    :param entailed: for each statement asked about, whether it follows
    :param unknown_facts: the facts that follow and are not among those known; empty where that was not asked for
    """

    consistent: bool
    unsatisfiable: tuple[str, ...] = ()
    superclasses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    entailed: tuple[bool, ...] = ()
    unknown_facts: frozenset[Fact] = frozenset()
