"""The service description of the endpoint, generated from what it really serves.

SPARQL 1.1 Service Description (https://www.w3.org/TR/sparql11-service-description/), with the sizes of the graphs in
VoID (https://www.w3.org/TR/void/).
"""

from collections.abc import Iterator, Mapping, Sequence

from pyoxigraph import BlankNode, NamedNode, Triple

from kb.generations.manifest import MORE, OWN, UNION, Manifest
from kb.rdf.describing import Node, serialize, term, triples_about
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS

__all__ = ["describe_service"]

_SIMPLE = NamedNode("http://www.w3.org/ns/entailment/Simple")


#: What the default graph of a built generation holds, and that of files.
_BUILT = (
    "All that the named graphs hold, asserted and inferred, and who says so: an ammtc:Justification, which reifies the "
    "statement (rdf:reifies; rdf:subject, rdf:predicate and rdf:object too), for each set of evidence that is enough."
)
_HOLDS = {
    UNION: "All that the named graphs hold, and nothing else.",
    MORE: "All that the named graphs hold, and what the files state in no named graph.",
    OWN: "What the files state in no named graph. Queries reach the named graphs by GRAPH, FROM and FROM NAMED.",
}


def describe_service(
    base: str, manifest: Manifest, labels: Mapping[str, str], format_name: str, *, federated: bool = False
) -> bytes:
    """Return the service description in an RDF format.

    It names no extension function, aggregate or input format, as there is none. Queries are answered by simple
    entailment over the default graph, which holds what was inferred.

    :param base: public address of this server, without a final slash
    :param manifest: of the served generation
    :param labels: IRI of a named graph -> its label
    :param federated: queries may have SERVICE clauses
    """
    return serialize(_service(base, manifest, labels, federated=federated), format_name)


def _service(base: str, manifest: Manifest, labels: Mapping[str, str], *, federated: bool) -> Iterator[Triple]:
    endpoint, dataset = NamedNode(f"{base}/sparql"), NamedNode(f"{base}/.well-known/void#dataset")
    graphs = {BlankNode(f"named{number}"): iri for number, iri in enumerate(sorted(manifest.sizes.named_graphs))}
    default, available = BlankNode("default"), BlankNode("available")
    yield from triples_about(
        endpoint,
        ("a", "sd:Service"),
        ("sd:endpoint", endpoint),
        ("sd:supportedLanguage", (term("sd:SPARQL10Query"), term("sd:SPARQL11Query"))),
        ("sd:resultFormat", [NamedNode(found.iri) for found in (*RESULT_FORMATS.values(), *RDF_FORMATS.values())]),
        ("sd:feature", term("sd:UnionDefaultGraph") if manifest.default_graph == UNION else ()),
        ("sd:feature", term("sd:BasicFederatedQuery") if federated else ()),
        ("sd:defaultEntailmentRegime", _SIMPLE),
        ("sd:defaultDataset", dataset),
        ("sd:availableGraphs", available),
    )
    yield from triples_about(dataset, ("a", "sd:Dataset"), ("sd:defaultGraph", default), ("sd:namedGraph", graphs))
    yield from _graph(default, manifest.sizes.default_graph)
    yield from triples_about(default, ("dcterms:description", _about_default(manifest)))
    yield from triples_about(available, ("a", "sd:GraphCollection"), ("sd:namedGraph", graphs))
    for number, (named, iri) in enumerate(graphs.items()):
        content = BlankNode(f"graph{number}")
        yield from triples_about(named, ("a", "sd:NamedGraph"), ("sd:name", NamedNode(iri)), ("sd:graph", content))
        yield from _graph(content, manifest.sizes.named_graphs[iri])
        yield from triples_about(content, ("dcterms:title", (labels[iri],) if iri in labels else ()))


def _about_default(manifest: Manifest) -> Sequence[str]:
    if manifest.reification:
        return (_BUILT,)
    return (_HOLDS[manifest.default_graph],) if manifest.sizes.total > manifest.sizes.default_graph else ()


def _graph(node: Node, triples: int) -> Iterator[Triple]:
    yield from triples_about(node, ("a", ("sd:Graph", "void:Dataset")), ("void:triples", triples))
