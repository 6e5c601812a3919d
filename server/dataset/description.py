"""The description of the dataset: VoID and DCAT statements about a generation, its graphs, dumps and services.

They keep to DCAT-AP 3 (https://semiceu.github.io/DCAT-AP/releases/3.0.0/), so that portals can take them over.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kb.generations.dumps import DUMPS, Dump
from kb.generations.generation import Generation
from kb.generations.merged import MERGED
from kb.generations.void import describe_usage
from kb.namespaces import BASE, INFERRED, ONTOLOGY
from kb.rdf.describing import serialize, term, triples_about, typed_literal
from kb.rdf.formats import RDF_FORMATS, format_of_file
from kb.rdf.versions import RDF_1_2
from server.dataset.about import About
from server.dataset.schema_org import KEYWORDS
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
_CATALOGUE = "What this server offers: the dataset, its parts and dumps, and the services that answer queries about it."
_OF_A_GRAPH = "One named graph."
#: Vocabularies of the Publications Office of the EU, from which DCAT-AP has its values.
_EU = "http://publications.europa.eu/resource/authority/"
_ENGLISH = NamedNode(f"{_EU}language/ENG")
_THEMES = {
    NamedNode(f"{_EU}data-theme/INTR"): "International issues",
    NamedNode(f"{_EU}data-theme/JUST"): "Justice, legal system and public safety",
}
_KEYWORDS = tuple(Literal(word, language="en") for word in KEYWORDS)
#: Name of a format -> its file type.
_FILE_TYPES = {
    "turtle": "RDF_TURTLE",
    "trig": "RDF_TRIG",
    "ntriples": "RDF_N_TRIPLES",
    "nquads": "RDF_N_QUADS",
    "rdfxml": "RDF_XML",
    "jsonld": "JSON_LD",
}


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
        self._agents = {
            self._part(f"agent-{number}") if isinstance(agent, Literal) else agent: agent
            for number, agent in enumerate(about.creators, 1)
        }
        #: What this project says of its own data, and nobody can say of others'.
        self._ours = (
            (
                ("dcat:keyword", _KEYWORDS),
                ("dcat:theme", tuple(_THEMES)),
                ("dcterms:language", _ENGLISH),
            )
            if about.built
            else ()
        )

    def statements(self) -> Iterator[Triple]:
        """Yield all statements, in the order in which people read them."""
        parts = self._parts(), self._licences(), self._services(), self._mentioned()
        return iter(dict.fromkeys(chain(self._whole(), *parts)))

    def _whole(self) -> Iterator[Triple]:
        types = "void:DatasetDescription", "foaf:Document"
        yield from triples_about(self._at("/.well-known/void"), ("a", types), ("foaf:primaryTopic", self._dataset))
        said_of_ontology = self._statistics.graphs.get(ONTOLOGY, ())
        yield from triples_about(
            self._dataset,
            ("a", ("void:Dataset", "dcat:Dataset")),
            ("dcterms:title", self._about.name),
            ("dcterms:description", self._about.description or ()),
            ("dcterms:creator", self._agents),
            ("dcterms:publisher", self._agents),
            ("dcterms:license", self._licence),
            ("dcterms:identifier", self._manifest.hash),
            ("dcterms:modified", typed_literal(self._manifest.created, "xsd:dateTime")),
            ("dcat:version", [value for name, value in said_of_ontology if name == term("dcat:version")]),
            ("foaf:homepage", self._at("/")),
            ("dcat:landingPage", self._at("/")),
            *self._ours,
            ("void:uriSpace", BASE if self._about.built else ()),
            ("void:sparqlEndpoint", self._at("/sparql")),
            ("dcterms:conformsTo", NamedNode(f"{ONTOLOGY}/shapes") if "shapes.ttl" in self._generation.dumps else ()),
            ("void:feature", [NamedNode(found.iri) for found in RDF_FORMATS.values()]),
        )
        for name, dump in DUMPS.items():
            if path := self._generation.dumps.get(name):
                yield from self._dump(self._dataset, name, path)
                yield from self._holds(name, dump)
        for name, size in self._generation.contents.items():
            yield from self._distribution(self._dataset, name, size)
            if compressed := DUMPS.get(f"{name}.gz"):
                yield from self._holds(name, compressed)
        for name, (dump, _) in MERGED.items():
            if path := self._generation.dumps.get(name):
                yield from self._distribution(self._dataset, name, path.stat().st_size)
                yield from self._holds(name, dump)
        yield from describe_usage(self._dataset, self._statistics.usage, self._part)

    def _parts(self) -> Iterator[Triple]:
        for iri, triples in sorted(self._manifest.sizes.named_graphs.items()):
            graph = NamedNode(iri)
            yield from triples_about(self._dataset, ("void:subset", graph))
            yield from triples_about(
                graph,
                ("a", ("void:Dataset", "dcat:Dataset")),
                ("void:triples", triples),
                ("dcterms:publisher", self._agents),
                *self._ours,
            )
            yield from triples_about(graph, *self._statistics.graphs.get(iri, _INFERRED if iri == INFERRED else ()))
            if (name := self._manifest.dumps.get(iri)) is not None:
                yield from self._dump(graph, name, self._generation.dumps[name])
                yield from triples_about(self._part(f"dump-{quote(name)}"), ("dcterms:description", _OF_A_GRAPH))

    def _licences(self) -> Iterator[Triple]:
        """Yield the licences of what is described in the data, where they are not one; graphs tell their own."""
        for part, licence in self._about.licensed if self._about.licence is None else ():
            if isinstance(part, NamedNode) and part.value not in self._statistics.graphs:
                yield from triples_about(self._dataset, ("void:subset", part))
                yield from triples_about(part, ("a", "void:Dataset"), ("dcterms:license", licence))

    def _dump(self, dataset: NamedNode, name: str, path: Path) -> Iterator[Triple]:
        digest = self._manifest.files[f"dump/{name}"]
        checksum, algorithm = BlankNode(f"sha256x{digest}"), term("spdx:checksumAlgorithm_sha256")
        yield from triples_about(dataset, ("void:dataDump", self._at(f"/dump/{quote(name)}")))
        yield from self._distribution(dataset, name, path.stat().st_size)
        yield from triples_about(self._part(f"dump-{quote(name)}"), ("spdx:checksum", checksum))
        yield from triples_about(
            checksum,
            ("a", "spdx:Checksum"),
            ("spdx:algorithm", algorithm),
            ("spdx:checksumValue", typed_literal(digest, "xsd:hexBinary")),
        )
        yield from triples_about(algorithm, ("a", "spdx:ChecksumAlgorithm"))

    def _distribution(self, dataset: NamedNode, name: str, size: int) -> Iterator[Triple]:
        """Yield what is known of any file; one that is no ``void:dataDump`` holds the same as others that are."""
        address, distribution = self._at(f"/dump/{quote(name)}"), self._part(f"dump-{quote(name)}")
        form, compressed = format_of_file(Path(name)), name.endswith(".gz")
        media_type, gzip = (NamedNode(_MEDIA_TYPES + known) for known in (form.media_type, "application/gzip"))
        file_type = NamedNode(f"{_EU}file-type/{_FILE_TYPES[form.name]}")
        yield from triples_about(dataset, ("dcat:distribution", distribution))
        yield from triples_about(
            distribution,
            ("a", "dcat:Distribution"),
            ("dcterms:title", name),
            ("dcat:accessURL", self._at("/dump/")),
            ("dcat:downloadURL", address),
            ("dcat:mediaType", media_type),
            ("dcat:compressFormat", gzip if compressed else ()),
            ("dcterms:format", file_type),
            ("dcat:byteSize", typed_literal(str(size), "xsd:nonNegativeInteger")),
            ("dcterms:license", self._licence),
        )
        yield from triples_about(media_type, ("a", "dcterms:MediaType"))
        yield from triples_about(gzip, ("a", "dcterms:MediaType" if compressed else ()))
        yield from triples_about(file_type, ("a", "dcterms:MediaTypeOrExtent"))

    def _holds(self, name: str, dump: Dump) -> Iterator[Triple]:
        """Yield what a dump of all graphs has in it; one in RDF 1.2 says so by a parameter of its media type."""
        distribution, form = self._part(f"dump-{quote(name)}"), format_of_file(Path(name))
        yield from triples_about(distribution, ("dcterms:description", dump.holds))
        if dump.version == RDF_1_2:
            yield from self._standard(distribution, f"rdf12-{form.iri.rpartition('/')[2].lower()}")
            media_type = f"{form.media_type}; version={dump.version}"
            yield from triples_about(distribution, ("schema:encodingFormat", media_type))

    def _services(self) -> Iterator[Triple]:
        queries, graphs = self._part("sparql"), self._part("graph-store")
        yield from triples_about(
            self._part("catalog"),
            ("a", "dcat:Catalog"),
            ("dcterms:title", self._about.name),
            ("dcterms:description", _CATALOGUE),
            ("dcterms:publisher", self._agents),
            ("dcterms:license", self._licence),
            ("dcterms:modified", typed_literal(self._manifest.created, "xsd:dateTime")),
            ("dcterms:language", _ENGLISH),
            ("dcat:themeTaxonomy", NamedNode(f"{_EU}data-theme") if self._ours else ()),
            ("foaf:homepage", self._at("/")),
            ("dcat:dataset", (self._dataset, *map(NamedNode, sorted(self._manifest.sizes.named_graphs)))),
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
            ("dcterms:publisher", self._agents),
            ("dcterms:license", self._licence),
            ("dcat:endpointURL", self._at(path)),
            ("dcat:endpointDescription", self._at("/openapi.json")),
            ("dcat:servesDataset", self._dataset),
            *self._ours,
        )
        yield from self._standard(service, recommendation)

    def _standard(self, follower: NamedNode, recommendation: str) -> Iterator[Triple]:
        node = NamedNode(f"https://www.w3.org/TR/{recommendation}/")
        yield from triples_about(follower, ("dcterms:conformsTo", node))
        yield from triples_about(node, ("a", "dcterms:Standard"))

    def _mentioned(self) -> Iterator[Triple]:
        """Yield of which classes the agents, the licence and others' concepts are, as DCAT-AP wants to read it."""
        for node, agent in self._agents.items():
            if isinstance(node, NamedNode):
                name = agent if isinstance(agent, Literal) else ()
                yield from triples_about(node, ("a", "foaf:Agent"), ("foaf:name", name))
        if isinstance(self._licence, NamedNode):
            yield from triples_about(self._licence, ("a", "dcterms:LicenseDocument"))
        yield from triples_about(_ENGLISH, ("a", "dcterms:LinguisticSystem"))
        yield from triples_about(self._at("/"), ("a", "foaf:Document"))
        if self._ours:
            taxonomy = NamedNode(f"{_EU}data-theme")
            yield from triples_about(taxonomy, ("a", "skos:ConceptScheme"), ("dcterms:title", "Data theme"))
            for theme, label in _THEMES.items():
                name = Literal(label, language="en")
                yield from triples_about(theme, ("a", "skos:Concept"), ("skos:prefLabel", name))
                yield from triples_about(theme, ("skos:inScheme", taxonomy))

    def _at(self, path: str) -> NamedNode:
        return NamedNode(self._base + path)

    def _part(self, fragment: str) -> NamedNode:
        return self._at(f"/.well-known/void#{fragment}")
