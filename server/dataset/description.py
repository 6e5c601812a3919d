"""The description of the dataset: VoID and DCAT statements about a generation, its graphs, dumps and services."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import BlankNode, NamedNode, Triple

from kb.generations.dumps import DUMPS, Dump
from kb.generations.generation import Generation
from kb.generations.merged import MERGED
from kb.generations.void import describe_usage
from kb.namespaces import BASE, INFERRED, ONTOLOGY
from kb.rdf.describing import serialize, term, triples_about, typed_literal
from kb.rdf.formats import RDF_FORMATS, format_of_file
from kb.rdf.versions import RDF_1_2
from server.dataset.about import About
from server.dataset.statistics import Statistics

__all__ = ["describe_dataset"]

#: Statements about the graph of inferred statements, which no file describes.
_INFERRED = (
    ("dcterms:title", "Inferred statements"),
    (
        "dcterms:description",
        "What follows from the other graphs by the rules of OWL 2 RL, and the instants of their dates.",
    ),
)
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"


def describe_dataset(
    base: str, generation: Generation, about: About, statistics: Statistics, format_name: str
) -> bytes:
    """Return the description of a generation's dataset in an RDF format.

    :param base: public address of this server, without a final slash
    """
    return serialize(_Description(base, generation, about, statistics).statements(), format_name)


class _Description:
    """The description of one generation, part by part."""

    def __init__(self, base: str, generation: Generation, about: About, statistics: Statistics) -> None:
        self._base = base
        self._generation = generation
        self._manifest = generation.manifest
        self._statistics = statistics
        self._dataset = self._part("dataset")
        self._about = about
        self._licence = () if about.licence is None else about.licence

    def statements(self) -> Iterator[Triple]:
        """Yield all statements, in the order in which people read them."""
        parts = self._parts(), self._licences(), self._services()
        return chain(self._whole(), *parts)

    def _whole(self) -> Iterator[Triple]:
        types = "void:DatasetDescription", "foaf:Document"
        yield from triples_about(self._at("/.well-known/void"), ("a", types), ("foaf:primaryTopic", self._dataset))
        said_of_ontology = self._statistics.graphs.get(ONTOLOGY, ())
        yield from triples_about(
            self._dataset,
            ("a", ("void:Dataset", "dcat:Dataset")),
            ("dcterms:title", self._about.name),
            ("dcterms:description", self._about.description or ()),
            ("dcterms:creator", self._about.creators),
            ("dcterms:license", self._licence),
            ("dcterms:identifier", self._manifest.hash),
            ("dcterms:modified", typed_literal(self._manifest.created, "xsd:dateTime")),
            ("dcat:version", [value for name, value in said_of_ontology if name == term("dcat:version")]),
            ("foaf:homepage", self._at("/")),
            ("void:uriSpace", BASE if self._about.built else ()),
            ("void:sparqlEndpoint", self._at("/sparql")),
            ("void:feature", [NamedNode(found.iri) for found in RDF_FORMATS.values()]),
        )
        for name, dump in DUMPS.items():
            if path := self._generation.dumps.get(name):
                yield from self._dump(self._dataset, name, path)
                yield from self._holds(name, dump)
        for name, size in self._generation.contents.items():
            yield from self._other(name, size)
        for name, (dump, _) in MERGED.items():
            if path := self._generation.dumps.get(name):
                yield from self._other(name, path.stat().st_size)
                yield from self._holds(name, dump)
        yield from describe_usage(self._dataset, self._statistics.usage, self._part)

    def _parts(self) -> Iterator[Triple]:
        for iri, triples in sorted(self._manifest.sizes.named_graphs.items()):
            graph = NamedNode(iri)
            yield from triples_about(self._dataset, ("void:subset", graph))
            yield from triples_about(graph, ("a", ("void:Dataset", "dcat:Dataset")), ("void:triples", triples))
            yield from triples_about(graph, *self._statistics.graphs.get(iri, _INFERRED if iri == INFERRED else ()))
            if (name := self._manifest.dumps.get(iri)) is not None:
                yield from self._dump(graph, name, self._generation.dumps[name])

    def _licences(self) -> Iterator[Triple]:
        """Yield the licences of what is described in the data, where they are not one; graphs tell their own."""
        for part, licence in self._about.licensed if self._about.licence is None else ():
            if isinstance(part, NamedNode) and part.value not in self._statistics.graphs:
                yield from triples_about(self._dataset, ("void:subset", part))
                yield from triples_about(part, ("a", "void:Dataset"), ("dcterms:license", licence))

    def _dump(self, dataset: NamedNode, name: str, path: Path) -> Iterator[Triple]:
        address, distribution = self._at(f"/dump/{quote(name)}"), self._part(f"dump-{quote(name)}")
        digest = self._manifest.files[f"dump/{name}"]
        checksum = BlankNode(f"sha256x{digest}")
        yield from triples_about(dataset, ("void:dataDump", address), ("dcat:distribution", distribution))
        yield from triples_about(
            distribution,
            ("a", "dcat:Distribution"),
            ("dcterms:title", name),
            ("dcat:downloadURL", address),
            ("dcat:mediaType", NamedNode(_MEDIA_TYPES + format_of_file(path).media_type)),
            ("dcat:compressFormat", NamedNode(f"{_MEDIA_TYPES}application/gzip") if name.endswith(".gz") else ()),
            ("dcat:byteSize", typed_literal(str(path.stat().st_size), "xsd:nonNegativeInteger")),
            ("dcterms:license", self._licence),
            ("spdx:checksum", checksum),
        )
        yield from triples_about(
            checksum,
            ("spdx:algorithm", term("spdx:checksumAlgorithm_sha256")),
            ("spdx:checksumValue", typed_literal(digest, "xsd:hexBinary")),
        )

    def _other(self, name: str, size: int) -> Iterator[Triple]:
        """Yield what is known of a file that is no ``void:dataDump``: others are, and hold the same."""
        distribution = self._part(f"dump-{quote(name)}")
        yield from triples_about(self._dataset, ("dcat:distribution", distribution))
        yield from triples_about(
            distribution,
            ("a", "dcat:Distribution"),
            ("dcterms:title", name),
            ("dcat:downloadURL", self._at(f"/dump/{quote(name)}")),
            ("dcat:mediaType", NamedNode(_MEDIA_TYPES + format_of_file(Path(name)).media_type)),
            ("dcat:byteSize", typed_literal(str(size), "xsd:nonNegativeInteger")),
            ("dcterms:license", self._licence),
        )

    def _holds(self, name: str, dump: Dump) -> Iterator[Triple]:
        """Yield what a dump of all graphs has in it; one in RDF 1.2 says so by a parameter of its media type."""
        distribution, form = self._part(f"dump-{quote(name)}"), format_of_file(Path(name))
        yield from triples_about(distribution, ("dcterms:description", dump.holds))
        if dump.version == RDF_1_2:
            extent = BlankNode(f"rdf12x{form.extension}")
            recommendation = NamedNode(f"https://www.w3.org/TR/rdf12-{form.iri.rpartition('/')[2].lower()}/")
            yield from triples_about(distribution, ("dcterms:conformsTo", recommendation), ("dcterms:format", extent))
            media_type = f"{form.media_type}; version={dump.version}"
            yield from triples_about(extent, ("a", "dcterms:MediaTypeOrExtent"), ("rdfs:label", media_type))

    def _services(self) -> Iterator[Triple]:
        queries, graphs = self._part("sparql"), self._part("graph-store")
        yield from triples_about(
            self._part("catalog"),
            ("a", "dcat:Catalog"),
            ("dcterms:title", self._about.name),
            ("dcat:dataset", self._dataset),
            ("dcat:service", (queries, graphs)),
        )
        yield from self._service(queries, "SPARQL endpoint", "/sparql", "sparql11-protocol")
        yield from triples_about(queries, ("dcat:endpointDescription", self._at("/sparql")))
        yield from self._service(graphs, "Graph store", "/graph-store", "sparql11-http-rdf-update")

    def _service(self, service: NamedNode, title: str, path: str, recommendation: str) -> Iterator[Triple]:
        yield from triples_about(
            service,
            ("a", "dcat:DataService"),
            ("dcterms:title", title),
            ("dcterms:conformsTo", NamedNode(f"https://www.w3.org/TR/{recommendation}/")),
            ("dcat:endpointURL", self._at(path)),
            ("dcat:endpointDescription", self._at("/openapi.json")),
            ("dcat:servesDataset", self._dataset),
        )

    def _at(self, path: str) -> NamedNode:
        return NamedNode(self._base + path)

    def _part(self, fragment: str) -> NamedNode:
        return self._at(f"/.well-known/void#{fragment}")
