"""What a dataset is made of as statements in VoID (https://www.w3.org/TR/void/), for its own graph and for servers."""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from pyoxigraph import NamedNode, Triple

from kb.generations.usage import Partition, Usage, Use
from kb.namespaces import shorten
from kb.rdf.describing import triples_about

__all__ = ["Naming", "describe_partitions", "describe_usage"]

#: Makes the node of a part of the description of its name, for example of ``class/ammtc.Meeting``.
Naming = Callable[[str], NamedNode]


def describe_usage(dataset: NamedNode, usage: Usage, part: Naming) -> Iterator[Triple]:
    """Yield how large a dataset is, a partition for each class and for each property, and the links to other sites."""
    yield from _use(dataset, usage.total)
    yield from triples_about(
        dataset,
        ("void:classes", len(usage.classes)),
        ("void:properties", len(usage.properties)),
        ("void:vocabulary", [NamedNode(iri) for iri in usage.vocabularies]),
    )
    for iri, entities in usage.classes.items():
        node = part(f"class/{_name(iri)}")
        yield from triples_about(dataset, ("void:classPartition", node))
        yield from triples_about(node, ("void:class", NamedNode(iri)), ("void:entities", entities))
    for iri, use in usage.properties.items():
        node = part(f"property/{_name(iri)}")
        yield from triples_about(dataset, ("void:propertyPartition", node))
        yield from triples_about(node, ("void:property", NamedNode(iri)))
        yield from _use(node, use)
    for number, (predicate, site, triples) in enumerate(usage.links, 1):
        linkset, target = part(f"links-{number}"), part(f"site/{quote(site, safe='')}")
        yield from triples_about(dataset, ("void:subset", linkset))
        yield from triples_about(
            linkset,
            ("a", "void:Linkset"),
            ("void:linkPredicate", NamedNode(predicate)),
            ("void:subjectsTarget", dataset),
            ("void:objectsTarget", target),
            ("void:triples", triples),
        )
        yield from triples_about(target, ("a", "void:Dataset"), ("void:uriSpace", site))


def describe_partitions(partitions: Mapping[tuple[str, str], Partition], part: Naming) -> Iterator[Triple]:
    """Yield which properties the instances of each class have, with values of which classes and datatypes.

    The partition of a class is the one of `describe_usage`. Datatypes are told as the VoID extension of
    http://ldf.fi/void-ext does, which VoID itself cannot.
    """
    for (class_, prop), partition in partitions.items():
        of_class = f"class/{_name(class_)}"
        of_property = f"{of_class}/{_name(prop)}"
        node = part(of_property)
        yield from triples_about(part(of_class), ("void:propertyPartition", node))
        yield from triples_about(node, ("void:property", NamedNode(prop)), ("void:triples", partition.triples))
        for link, about, iris in (
            ("void:classPartition", "void:class", partition.classes),
            ("void-ext:datatypePartition", "void-ext:datatype", partition.datatypes),
        ):
            for iri in iris:
                values = part(f"{of_property}/{_name(iri)}")
                yield from triples_about(node, (link, values))
                yield from triples_about(values, (about, NamedNode(iri)))


def _use(node: NamedNode, use: Use) -> Iterator[Triple]:
    return triples_about(
        node,
        ("void:triples", use.triples),
        ("void:distinctSubjects", use.subjects),
        ("void:distinctObjects", use.objects),
    )


def _name(iri: str) -> str:
    """Return what stands for an IRI in a name: ``ammtc.Meeting`` where it has a prefix, else itself, escaped."""
    return quote(shorten(iri).replace(":", ".", 1), safe="")
