"""What the requests on one generation share: its labels, questions and search index, and the query service."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from flask import current_app, g, request
from pyoxigraph import Literal, NamedNode, Store

from kb.generations.generation import Generation
from kb.generations.read_proofs import Step, read_proofs
from kb.namespaces import AMMTC, is_passage
from kb.rdf.terms import Statement
from kb.sparql.labels import labels
from kb.sparql.questions import Question, load_questions
from server.addresses import Addresses
from server.clients import client_of
from server.config import ServerConfig
from server.dataset.statistics import Statistics, is_built, read_statistics
from server.evaluation.memory import fits_into_memory
from server.evaluation.messages import Answer, Task
from server.evaluation.service import QueryService
from server.page_models.classes import Classes, read_classes
from server.presentation.nodes import Nodes
from server.presentation.search import SearchIndex
from server.presentation.vocabulary import VOCABULARY
from server.provenance.evidence import Evidence, read_evidence
from server.provenance.provenance import Provenance
from server.stored_queries.lookups import LookUp

__all__ = ["BACKEND", "QUERIES", "Site", "current_site"]

_Made = TypeVar("_Made")

#: A store that takes more stays on the disk: the query workers have one in memory already.
_MOST_MEBIBYTES = 64

#: Key, in ``Flask.extensions``, of the `server.backend.Backend`, whose site is another one for a new generation.
BACKEND = "backend"
#: Key, in the WSGI environment, of a list that takes the queries that the request waits for, where a server gives one.
QUERIES = "kb.queries"

#: Names of things besides their labels.
_OTHER_NAMES = (
    AMMTC.nameAsGiven,
    AMMTC.titleAsGiven,
    AMMTC.headline,
    AMMTC.abbreviation,
    "http://www.w3.org/2004/02/skos/core#altLabel",
)


@dataclass(frozen=True)
class Site:
    """One served generation, already checked; what pages need of it is read at the first use.

    :param service: evaluates queries
    """

    config: ServerConfig
    generation: Generation
    service: QueryService
    _made: dict[Callable[["Site"], Any], Any] = field(default_factory=dict, repr=False)

    @property
    def hash(self) -> str:
        """Content hash of the generation."""
        return self.generation.manifest.hash

    def load(self) -> None:
        """Read now what pages need, so that the first request does not wait for it.

        :raises GenerationError: if it cannot be read
        """
        _ = self.search, self.classes, self.provenance

    @cached_property
    def addresses(self) -> Addresses:
        """The addresses of things on this server."""
        return Addresses(self.config.public_base.rstrip("/"))

    @cached_property
    def store(self) -> Store:
        """The store, which only the server's own look-ups read, never a client's query.

        A small one is copied into memory, where it is several times faster.
        """
        store = self.generation.store()
        if not fits_into_memory(self.generation, _MOST_MEBIBYTES):
            return store
        copy = Store()
        copy.bulk_extend(store)
        return copy

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """IRI -> label, of the things in the store and of the vocabularies that it uses."""
        return {**VOCABULARY, **self.own_labels}

    @cached_property
    def own_labels(self) -> Mapping[str, str]:
        """IRI -> label, of the things in the store."""
        return labels(self.store)

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Name -> competency question, in the order of their topics."""
        return {found.name: found for found in load_questions(self.config.project)} if self.config.project else {}

    @cached_property
    def search(self) -> SearchIndex:
        """The names of things, passages aside, and the questions."""
        return SearchIndex(_searchable(self))

    @cached_property
    def classes(self) -> Classes:
        """The classes of things."""
        return read_classes(self.look_up())

    @cached_property
    def evidence(self) -> Evidence:
        """The passages and derivations that statements cite."""
        return read_evidence(self.look_up(), self.nodes)

    @cached_property
    def proofs(self) -> Mapping[Statement, Step]:
        """The proofs of what was inferred."""
        return read_proofs(self.generation.folder)

    @property
    def nodes(self) -> Nodes:
        """Maker of the nodes that pages show."""
        return Nodes(self.labels, self.addresses)

    @cached_property
    def statistics(self) -> Statistics:
        """What the data are made of; counted when it is first asked for."""
        return read_statistics(self.generation)

    def look_up(self) -> LookUp:
        """Return what asks the server's own queries for one page."""
        return LookUp(self.store, union=not is_built(self.generation.manifest))

    @cached_property
    def provenance(self) -> Provenance:
        """What finds out what statements rest on."""
        return Provenance(self.store, self.nodes, self.evidence, self.proofs, self.addresses)

    def once(self, make: Callable[["Site"], _Made]) -> _Made:
        """Return what a function makes of this site, made at the first call and kept as long as the site."""
        if make not in self._made:
            self._made[make] = make(self)
        made: _Made = self._made[make]
        return made

    def run(self, task: Task) -> Answer:
        """Return the answer to a task of the current request.

        :raises Problem: see `QueryService.run_from_thread`
        """
        forwarded = request.headers.get("X-Forwarded-For", "")
        client = client_of(request.remote_addr or "", forwarded, self.config.trusted_proxies)
        return self.service.run_from_thread(task, client, request.environ.get(QUERIES, []))


def current_site() -> Site:
    """Return the site of the current request, the same one until the request is answered."""
    if "site" not in g:
        g.site = current_app.extensions[BACKEND].site
    site: Site = g.site
    return site


def _searchable(site: Site) -> Iterator[tuple[str, str]]:
    yield from ((iri, label) for iri, label in site.own_labels.items() if not is_passage(iri))
    for predicate in _OTHER_NAMES:
        for quad in site.store.quads_for_pattern(None, NamedNode(predicate), None, None):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                yield quad.subject.value, quad.object.value
    yield from ((question.name, question.title) for question in site.questions.values())
