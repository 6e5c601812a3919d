"""What the requests on one generation share: its labels, its questions, its search index, and who answers queries."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from flask import current_app, g, request
from pyoxigraph import Literal, NamedNode, Store

from kb.generations.generation import Generation
from kb.generations.read_proofs import Step, read_proofs
from kb.namespaces import AMMTC
from kb.rdf.terms import Statement
from kb.sparql.labels import labels
from kb.sparql.questions import Question, load_questions
from server.addresses import Addresses, is_passage
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

__all__ = ["QUERIES", "SITE", "Site", "current_site", "open_site"]

_Made = TypeVar("_Made")

#: A store that takes more stays on the disk: the query workers have one in memory already.
_MOST_MEBIBYTES = 64

#: Key, in ``Flask.extensions``, of what has the `site`: another one when there is a new generation.
SITE = "site"
#: Key, in the WSGI environment, of a list that takes the queries that the request waits for, where a server gives one.
QUERIES = "kb.queries"

#: Names of things besides their labels.
_OTHER_NAMES = (
    str(AMMTC.nameAsGiven),
    str(AMMTC.titleAsGiven),
    str(AMMTC.headline),
    str(AMMTC.abbreviation),
    "http://www.w3.org/2004/02/skos/core#altLabel",
)


@dataclass(frozen=True)
class Site:
    """One served generation.

    :param store: opened read-only; only the server's own look-ups read it, never a client's query
    :param questions: name -> competency question, in the order of their topics
    :param service: evaluates queries
    :param proofs: of what was inferred
    """

    config: ServerConfig
    generation: Generation
    store: Store
    labels: Mapping[str, str]
    questions: Mapping[str, Question]
    search: SearchIndex
    addresses: Addresses
    service: QueryService
    classes: Classes
    evidence: Evidence
    proofs: Mapping[Statement, Step]
    _made: dict[Callable[["Site"], Any], Any] = field(default_factory=dict, repr=False)

    @property
    def hash(self) -> str:
        """Content hash of the generation."""
        return self.generation.manifest.hash

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
        return _look_up(self.store, self.generation)

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
        """Return the result of a task of the current request.

        :raises Problem: see `QueryService.run_from_thread`
        """
        forwarded = request.headers.get("X-Forwarded-For", "")
        client = client_of(request.remote_addr or "", forwarded, self.config.trusted_proxies)
        return self.service.run_from_thread(task, client, request.environ.get(QUERIES, []))


def open_site(config: ServerConfig, generation: Generation, service: QueryService) -> Site:
    """Open a generation that was found whole.

    :raises GenerationError: when it cannot be read all the same
    """
    store = _store(generation)
    label_of = labels(store)
    addresses = Addresses(config.public_base.rstrip("/"))
    look_up = _look_up(store, generation)
    nodes = Nodes({**VOCABULARY, **label_of}, addresses)
    questions = {found.name: found for found in load_questions(config.project)} if config.project else {}
    return Site(
        config=config,
        generation=generation,
        store=store,
        labels={**VOCABULARY, **label_of},
        questions=questions,
        search=SearchIndex(_searchable(store, label_of, questions)),
        addresses=addresses,
        service=service,
        classes=read_classes(look_up),
        evidence=read_evidence(look_up, nodes),
        proofs=read_proofs(generation.folder),
    )


def _store(generation: Generation) -> Store:
    """Return the store that pages read; a small one is copied into memory, where it is several times faster."""
    store = generation.store()
    if not fits_into_memory(generation, _MOST_MEBIBYTES):
        return store
    copy = Store()
    copy.bulk_extend(store)
    return copy


def current_site() -> Site:
    """Return the site of the current request, the same one until the request is answered."""
    if SITE not in g:
        g.site = current_app.extensions[SITE].site
    site: Site = g.site
    return site


def _look_up(store: Store, generation: Generation) -> LookUp:
    return LookUp(store, union=not is_built(generation.manifest))


def _searchable(
    store: Store, label_of: Mapping[str, str], questions: Mapping[str, Question]
) -> Iterator[tuple[str, str]]:
    """Yield what search finds: the names of things, passages aside, and the questions."""
    for iri, label in label_of.items():
        if not is_passage(iri):
            yield iri, label
    for predicate in _OTHER_NAMES:
        for quad in store.quads_for_pattern(None, NamedNode(predicate), None, None):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                yield quad.subject.value, quad.object.value
    yield from ((question.name, question.title) for question in questions.values())
