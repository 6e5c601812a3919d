"""What a remote store is to hold of a generation: its graphs, each with the hash that says whether it changed."""

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kb.generations.dumps import JUSTIFIED, REIFIED
from kb.generations.generation import Generation
from kb.namespaces import DEFAULT_GRAPH, INFERRED, JUSTIFICATIONS
from kb.rdf.blank_nodes import canonical_digest
from kb.rdf.terms import Statement, written
from kb.remote.profiles import DefaultGraph

__all__ = ["GraphContent", "read_contents"]


@dataclass(frozen=True)
class GraphContent:
    """A graph as a store is to hold it.

    :param iri: its name; None for the store's own default graph
    :param digest: see `kb.rdf.blank_nodes.canonical_digest`
    """

    iri: str | None
    statements: frozenset[Statement]
    digest: str

    @cached_property
    def lines(self) -> list[str]:
        """Its statements in N-Triples, sorted, each without its end of line."""
        return sorted(f"{written(statement)} ." for statement in self.statements)

    def body(self) -> bytes:
        """Return it in N-Triples, or in N-Triples 1.2 where it has triple terms."""
        return "".join(f"{line}\n" for line in self.lines).encode()

    def is_size(self, found: int) -> bool:
        """Return whether it can be what a store holds that counts so many statements.

        Stores may keep numbers and times by value: ``01`` and ``1`` are one statement there.
        """
        if found >= len(self.statements):
            return found == len(self.statements)
        by_value = Store()
        by_value.extend(Quad(*statement) for statement in self.statements)  # type: ignore[arg-type]  # they were read
        return found >= len(by_value)


def read_contents(generation: Generation, default_graph: DefaultGraph, *, triple_terms: bool) -> list[GraphContent]:
    """Return the graphs of a generation in the order in which a store gets them.

    The sources' come first, then what follows from them, and last what queries without GRAPH see.

    :param default_graph: how the store gets its default graph: filled, as a named graph, or as the union that it makes
        by itself; then the justifications are one of the named graphs
    :param triple_terms: whether justifications have them; else each has an rdf:Statement
    """
    dump = generation.dumps[JUSTIFIED if triple_terms else REIFIED]
    graphs: defaultdict[str, set[Statement]] = defaultdict(set)
    for quad in parse(gzip.decompress(dump.read_bytes()), RdfFormat.N_QUADS):
        graphs[_name(quad)].add((quad.subject, quad.predicate, quad.object))
    justifications = graphs.pop(JUSTIFICATIONS, set())
    last = graphs.pop(INFERRED, set())
    named: list[tuple[str | None, Iterable[Statement]]] = [*sorted(graphs.items()), (INFERRED, last)]
    if default_graph is DefaultGraph.UNION:
        named.append((JUSTIFICATIONS, justifications))
    else:
        iri = DEFAULT_GRAPH if default_graph is DefaultGraph.NAMED else None
        named.append((iri, set().union(justifications, last, *graphs.values())))
    return list(_contents(named))


def _contents(named: Iterable[tuple[str | None, Iterable[Statement]]]) -> Iterator[GraphContent]:
    for iri, statements in named:
        whole = frozenset(statements)
        if whole:  # stores do not keep empty graphs
            yield GraphContent(iri, whole, canonical_digest(whole))


def _name(quad: Quad) -> str:
    assert isinstance(quad.graph_name, NamedNode)  # noqa: S101  a dump has named graphs only
    return quad.graph_name.value
