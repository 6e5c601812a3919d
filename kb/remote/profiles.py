"""What is known of the engines of remote stores: one TOML file each in the folder ``engines``."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from urllib.parse import urljoin

from kb.errors import UnknownName

__all__ = [
    "OTHER",
    "Addresses",
    "DefaultGraph",
    "Profile",
    "find_profile",
    "load_profiles",
    "profile_names",
    "recognize",
]

#: Name of the profile of an engine that is not known.
OTHER = "other"


class DefaultGraph(StrEnum):
    """How a store gets the default graph of the generation, the union of its named graphs."""

    #: Publishing fills the store's own default graph.
    FILLED = "filled"
    #: The store takes the union of its named graphs for its default graph.
    UNION = "union"
    #: Publishing fills a named graph, which queries name as their default graph (SPARQL 1.1 Protocol, section 2.1.4).
    NAMED = "named"


@dataclass(frozen=True)
class Addresses:
    """Where a remote store is reached.

    :param query: URL of its query endpoint
    :param update: URL of its update endpoint
    :param graph_store: URL for the Graph Store HTTP Protocol, without ``?graph=``; "" where the store has none
    """

    query: str
    update: str
    graph_store: str = ""


@dataclass(frozen=True)
class Profile:
    """What is known of an engine.

    :param name: of its file
    :param title: its name in words
    :param server: regular expression for the ``Server`` header of its replies, or "" where it sends none of its own
    :param default_graph: how it gets the default graph
    :param triple_terms: it stores and queries the triple terms of RDF 1.2; the others get an rdf:Statement for each
    :param update: the update endpoint, relative to the query endpoint or with it in ``{query}``
    :param graph_store: the graph store, likewise; "" where it has none
    :param timeout: parameter of a query for its seconds (``timeout``) or milliseconds (``timeout:ms``), or ""
    :param partial: headers of a reply that may not be whole
    :param most_rows: that a reply can have, where no header says that there were more; 0 where there is no such limit
    :param cut_triples: it leaves out triples of a CONSTRUCT query without a word, but not rows of a SELECT query
    :param merges: it gives a triple once that several graphs have which a query names for its default graph
    :param whole_put: PUT replaces a graph at once: readers see it as it was or as it is then, also when it fails
    :param statements: in one update request, at most
    :param known: name of a question of `kb verify` that it answers otherwise -> the cause
    :param ask_as_rows: ASK may be true where there is nothing; it is asked for a row
    :param rewrites: names of the rewrites that its queries need, see `kb.remote.dialects`
    """

    name: str
    title: str
    server: str = ""
    default_graph: DefaultGraph = DefaultGraph.FILLED
    triple_terms: bool = False
    update: str = ""
    graph_store: str = ""
    timeout: str = ""
    partial: tuple[str, ...] = ()
    most_rows: int = 0
    cut_triples: bool = False
    merges: bool = False
    whole_put: bool = False
    statements: int = 1000
    ask_as_rows: bool = False
    rewrites: tuple[str, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict, hash=False)

    def addresses(self, query: str, update: str = "", graph_store: str = "") -> Addresses:
        """Return where a store of this engine is reached.

        :param query: URL of the query endpoint
        :param update: URL of the update endpoint, where it is not the usual one
        :param graph_store: URL of the graph store, where it is not the usual one
        """
        usual = [urljoin(query, relative.format(query=query)) for relative in (self.update, self.graph_store)]
        return Addresses(query, update or usual[0], graph_store or (usual[1] if self.graph_store else ""))


def profile_names() -> list[str]:
    """Return the names of all profiles, which reads none of them."""
    names = (file.name for file in files("kb.remote").joinpath("engines").iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


@cache
def load_profiles() -> Mapping[str, Profile]:
    """Read all profiles: name -> profile."""
    found = {}
    for file in sorted(files("kb.remote").joinpath("engines").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            fields = tomllib.loads(file.read_text(encoding="utf-8"))
            name = file.name.removesuffix(".toml")
            fields["default_graph"] = DefaultGraph(fields["default_graph"])
            lists = {key: tuple(value) for key, value in fields.items() if isinstance(value, list)}
            found[name] = Profile(name, **{**fields, **lists})
    return found


def find_profile(name: str) -> Profile:
    """Return the profile of that name.

    :raises UnknownName: when there is none
    """
    if name not in load_profiles():
        raise UnknownName("engine profile", name, tuple(load_profiles()))
    return load_profiles()[name]


def recognize(server: str) -> Profile:
    """Return the profile of the engine that sends a ``Server`` header, or that of an engine that is not known."""
    known = (profile for profile in load_profiles().values() if profile.server)
    return next((profile for profile in known if re.search(profile.server, server)), find_profile(OTHER))
