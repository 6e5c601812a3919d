"""Statistics of a generation: what its data are made of, and what its named graphs say of themselves."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode, Store

from kb.generations.generation import Generation
from kb.generations.manifest import Manifest
from kb.generations.usage import Usage, count_usage, read_usage
from kb.rdf.terms import Term
from server.stored_queries.lookups import LookUp, text_of

__all__ = ["Statistics", "is_built", "read_statistics"]


@dataclass(frozen=True)
class Statistics:
    """The statistics of a dataset.

    :param graphs: IRI of a named graph -> what it says of itself, as (property, value)
    """

    usage: Usage
    graphs: Mapping[str, Sequence[tuple[NamedNode, Term]]]


def is_built(manifest: Manifest) -> bool:
    """Return whether `kb build` made a generation."""
    return manifest.reasoner != "none"


def read_statistics(generation: Generation, store: Store, look_up: LookUp) -> Statistics:
    """Return what the build counted; of files that were not built, count it, all their graphs together.

    Where the default graph does not have what the named ones have, a statement counts once for each graph that has it.
    """
    usage = read_usage(generation.folder) or count_usage(store, union=generation.manifest.is_split)
    graphs: dict[str, list[tuple[NamedNode, Term]]] = defaultdict(list)
    for row in look_up.rows("graphs"):
        graphs[text_of(row["graph"])].append((NamedNode(text_of(row["as"])), row["value"]))
    return Statistics(usage, graphs)
