"""Exports: the whole graph, one named graph or the description of one thing, in the formats of RDF."""

import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kb.errors import TermNotInFormat, UnknownName
from kb.generations.reifiers import is_justification, without_reification
from kb.namespaces import PREFIXES
from kb.rdf.canonical import write_statements
from kb.rdf.formats import RDF_FORMATS, find_format, serialize_rdf
from kb.rdf.terms import to_statement
from kb.sparql.labels import resolve

__all__ = ["describe", "export", "graph_named", "resolve_graph", "without_triple_terms"]

_ANNOTATED_SOURCE = NamedNode(f"{PREFIXES['owl']}annotatedSource")
_LABELS = (NamedNode(f"{PREFIXES['rdfs']}label"), NamedNode(f"{PREFIXES['skos']}prefLabel"))

#: Formats without triple terms: in them rdf:subject, rdf:predicate and rdf:object say what a justification is of.
_RDF_1_1 = {"turtle", "jsonld", "rdfxml"}

GraphName = NamedNode | BlankNode | DefaultGraph


def export(
    store: Store,
    format_name: str,
    *,
    entity: str | None = None,
    graph: str | None = None,
    written: Collection[Quad] = (),
) -> bytes:
    """Write statements of a generation's store; the same bytes for the same store.

    TriG and N-Quads keep the named graphs apart and leave the default graph, their union, out. The other formats hold
    one graph: the default one, asserted and inferred, unless another one is named. The justifications of statements
    (`kb.generations.reifiers`) are left out, unless one of them is the thing.

    :param format_name: a name of `kb.rdf.formats.RDF_FORMATS`
    :param entity: IRI, CURIE or name of a thing, see `kb.sparql.labels.resolve`; only its description is written
    :param graph: IRI, CURIE or last part of the IRI of a named graph; only its statements are written
    :param written: the statements of the named graphs before they were stored, see `Generation.written`: their literals
        are written, in place of what the store made of them
    :raises UnknownName: when the format, the thing or the graph does not exist
    :raises AmbiguousName: when several things have the name
    :raises TermNotInFormat: when the format cannot hold a term
    """
    format_ = find_format(format_name, RDF_FORMATS, "graphs")
    thing = None if entity is None else NamedNode(resolve(store, entity))
    keeps_graphs = format_.keeps_graphs and not is_justification(thing)
    graphs: list[GraphName] = list(store.named_graphs()) if keeps_graphs else [DefaultGraph()]
    if graph is not None:
        graphs = [NamedNode(resolve_graph(store, graph))]
    if thing is not None:
        quads = set(describe(store, thing, graphs))
    else:
        quads = {quad for name in graphs for quad in store.quads_for_pattern(None, None, None, name)}
    if not is_justification(thing):
        quads = set(without_reification(quads))
    else:
        quads = set(without_triple_terms(quads, format_name))
    forms = _forms(written)
    in_order = sorted(
        {form for quad in quads for form in forms.get(quad, {quad})},
        key=lambda quad: tuple(map(str, (quad.graph_name, *quad.triple))),
    )
    if format_name == "turtle":
        if any(isinstance(term, Triple) for quad in in_order for term in quad.triple):
            raise TermNotInFormat("Canonical Turtle cannot hold a triple as a term", ("ntriples", "trig", "nquads"))
        return write_statements({to_statement(*quad.triple) for quad in in_order}).encode()
    output = io.BytesIO()
    serialize_rdf(in_order if format_.keeps_graphs else [quad.triple for quad in in_order], format_, output)
    return output.getvalue()


def without_triple_terms(quads: Iterable[Quad], format_name: str) -> Iterator[Quad]:
    """Yield the statements about a justification as a format has them: the common ones without its triple term."""
    return (quad for quad in quads if not (format_name in _RDF_1_1 and isinstance(quad.object, Triple)))


def describe(store: Store, entity: NamedNode, graphs: Sequence[GraphName | None]) -> Iterator[Quad]:
    """Yield what each of some graphs says about a thing, and the labels that they have for the things mentioned.

    That is its concise bounded description (https://www.w3.org/submissions/CBD/), with the annotations of its axioms
    in the form of OWL 2 instead of reification.

    :param graphs: ``None`` in it stands for all graphs of the store, the default one included
    """
    mentioned: set[NamedNode] = set()
    for graph in graphs:
        for quad in _bounded_description(store, entity, graph):
            yield quad
            if isinstance(quad.object, NamedNode) and quad.object != entity:
                mentioned.add(quad.object)
    for thing, label, graph in product(mentioned, _LABELS, graphs):
        yield from store.quads_for_pattern(thing, label, None, graph)


def resolve_graph(store: Store, name: str) -> str:
    """Return the IRI of the named graph that a person means by its IRI, its CURIE or the last part of its IRI.

    :raises UnknownName: when there is none, with the names of those that exist
    """
    return graph_named(sorted(graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode)), name)


def graph_named(iris: Sequence[str], name: str) -> str:
    """Return that of some IRIs of graphs which a person means, see `resolve_graph`.

    :raises UnknownName: when it is none of them
    """
    prefix, _, local = name.partition(":")
    for iri in iris:
        if iri in (name, PREFIXES.get(prefix, prefix) + local) or iri.rpartition("/")[2] == name:
            return iri
    raise UnknownName("named graph", name, [iri.rpartition("/")[2] for iri in iris])


def _forms(written: Collection[Quad]) -> Mapping[Quad, set[Quad]]:
    """Return what is stored, in a named graph and in their union, of statements about literals -> as it was written."""
    stored = _stored({quad.object for quad in written if isinstance(quad.object, Literal)})
    forms: defaultdict[Quad, set[Quad]] = defaultdict(set)
    for quad in written:
        if quad.object in stored:
            for graph in (quad.graph_name, DefaultGraph()):
                key = Quad(quad.subject, quad.predicate, stored[quad.object], graph)
                forms[key].add(Quad(quad.subject, quad.predicate, quad.object, graph))
    return forms


def _stored(literals: Iterable[Literal]) -> dict[object, Literal]:
    """Return what a store makes of literals."""
    store, numbered = Store(), dict(enumerate(literals))
    predicate = NamedNode("x:is")
    store.bulk_extend(Quad(NamedNode(f"x:{number}"), predicate, literal) for number, literal in numbered.items())
    found = ((numbered[int(quad.subject.value.removeprefix("x:"))], quad.object) for quad in store)
    return {literal: form for literal, form in found if isinstance(form, Literal)}


def _bounded_description(store: Store, entity: NamedNode, graph: GraphName | None) -> Iterator[Quad]:
    annotations = store.quads_for_pattern(None, _ANNOTATED_SOURCE, entity, graph)
    waiting: list[NamedNode | BlankNode | Triple] = [entity, *(quad.subject for quad in annotations)]
    described = set(waiting)
    while waiting:
        for quad in store.quads_for_pattern(waiting.pop(), None, None, graph):
            yield quad
            if isinstance(quad.object, BlankNode) and quad.object not in described:
                described.add(quad.object)
                waiting.append(quad.object)
