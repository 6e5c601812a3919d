"""What the pages about one generation share: its store, labels, questions, search index and proofs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from flask import current_app
from pyoxigraph import Literal, NamedNode, Store

from kb.errors import KbError
from kb.files.versions import load_mappings, load_shapes_text, load_versions
from kb.generations.generation import Generation
from kb.generations.merged import merged_texts
from kb.generations.read_proofs import Step, read_proofs
from kb.namespaces import AMMTC, expand, is_passage
from kb.rdf.terms import Statement
from kb.sparql.labels import cut, labels
from kb.sparql.questions import Question, load_questions
from server.addresses import Addresses
from server.config import ServerConfig
from server.dataset.about import About, read_about
from server.dataset.statistics import Statistics, read_statistics
from server.evaluation.answers import answer
from server.evaluation.messages import Answer, QueryTask
from server.page_models.classes import Classes, read_classes
from server.presentation.nodes import Nodes
from server.presentation.search import SearchIndex
from server.presentation.vocabulary import VOCABULARY
from server.problems import problem_of
from server.provenance.evidence import Evidence, read_evidence
from server.provenance.paragraphs import Paragraphs, read_paragraphs
from server.provenance.provenance import Provenance
from server.stored_queries.lookups import LookUp

if TYPE_CHECKING:  # its libraries are for servers in front of remote stores alone
    from server.evaluation.remote import Remote

__all__ = ["SITE", "Site", "current_site"]

_Made = TypeVar("_Made")

#: Key, in ``Flask.extensions``, of what returns the site whose pages an application makes.
SITE = "site"

#: What a site reads of its files, some of it with queries that look at every statement.
_READ = (
    "about",
    "own_labels",
    "questions",
    "versions",
    "texts",
    "mappings",
    "search",
    "classes",
    "members",
    "evidence",
    "paragraphs",
    "proofs",
    "statistics",
)
_LONGEST_NAME = 200

#: Names of things besides the labels that are shown: other names, and labels in other languages.
_OTHER_NAMES = (
    expand("rdfs:label"),
    expand("skos:prefLabel"),
    expand("skos:altLabel"),
    AMMTC.nameAsGiven,
    AMMTC.titleAsGiven,
    AMMTC.headline,
    AMMTC.abbreviation,
)


@dataclass(frozen=True)
class Site:
    """One served generation, already checked; what pages need of it is read at the first use.

    :param open_store: opens its store
    :param remote: asks remote stores with the same content the queries of readers and most of those of pages, or None
    """

    config: ServerConfig
    generation: Generation
    open_store: Callable[[], Store]
    remote: "Remote | None" = None
    _made: dict[Callable[["Site"], Any], Any] = field(default_factory=dict, repr=False)

    @property
    def hash(self) -> str:
        """Content hash of the generation."""
        return self.generation.manifest.hash

    def read(self) -> Mapping[str, Any]:
        """Read all that pages need but the store, and return it, for `adopt`.

        :raises GenerationError: if it cannot be read
        """
        return {name: getattr(self, name) for name in _READ}

    def adopt(self, read: Mapping[str, Any]) -> None:
        """Take what another site of the same generation has read."""
        vars(self).update(read)

    @cached_property
    def addresses(self) -> Addresses:
        """The addresses of things on this server."""
        return Addresses(self.config.public_base.rstrip("/"))

    @cached_property
    def store(self) -> Store:
        """The store, opened at the first use."""
        return self.open_store()

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """IRI -> label, of the things in the store and of the vocabularies that it uses."""
        return {**VOCABULARY, **self.own_labels}

    @cached_property
    def own_labels(self) -> Mapping[str, str]:
        """IRI -> label, of the things in the store; a name that is too long for one is cut."""
        return {iri: cut(label, _LONGEST_NAME) for iri, label in labels(self.store).items()}

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Name -> competency question, in the order of their topics."""
        return {found.name: found for found in load_questions(self.config.project)} if self.config.project else {}

    @cached_property
    def versions(self) -> Mapping[str, bytes]:
        """Version IRI -> Turtle, of earlier versions of the ontology."""
        return load_versions(self.config.project) if self.config.project else {}

    @cached_property
    def texts(self) -> Mapping[str, bytes]:
        """IRI -> Turtle, of what is served and not in the store: earlier versions, the shapes, merged documents."""
        merged = merged_texts(self.generation)
        project = self.config.project
        return {**merged, **self.versions, **load_shapes_text(project)} if project else merged

    @cached_property
    def mappings(self) -> Mapping[str, bytes]:
        """IRI -> tab-separated values, of the sets that map terms and topics to other vocabularies."""
        return load_mappings(self.config.project) if self.config.project else {}

    @cached_property
    def search(self) -> SearchIndex:
        """The names of things, passages aside, and the questions."""
        return SearchIndex(_searchable(self))

    @cached_property
    def classes(self) -> Classes:
        """The classes of things."""
        return read_classes(self.store)

    @cached_property
    def members(self) -> Mapping[str, Sequence[str]]:
        """Name of a kind -> IRIs of its things, in the order of their names."""
        shown = {iri: self.nodes.of_iri(iri).text.casefold() for kind in self.classes.members.values() for iri in kind}
        return {name: sorted(iris, key=shown.__getitem__) for name, iris in self.classes.members.items()}

    @cached_property
    def evidence(self) -> Evidence:
        """The passages and derivations that statements cite."""
        return read_evidence(self.look_up_here(), self.nodes)

    @cached_property
    def paragraphs(self) -> Paragraphs:
        """The words of the passages, where the operator has the texts."""
        return read_paragraphs(self.config.texts, self.look_up_here())

    @cached_property
    def proofs(self) -> Mapping[Statement, tuple[Step, ...]]:
        """The proofs of what was inferred, the shortest of each statement first."""
        return read_proofs(self.generation.folder)

    @property
    def nodes(self) -> Nodes:
        """Maker of the nodes that pages show."""
        return Nodes(self.labels, self.addresses)

    @cached_property
    def statistics(self) -> Statistics:
        """What the data are made of."""
        return read_statistics(self.generation, self.store, self.look_up_here())

    @cached_property
    def about(self) -> About:
        """What the data are, as far as they say it."""
        return read_about(self.look_up_here(), self.generation.manifest)

    def look_up(self) -> LookUp:
        """Return what asks the server's own queries for one page."""
        return LookUp(self.store, union=self.generation.manifest.is_split, elsewhere=self.remote)

    def look_up_here(self) -> LookUp:
        """Return what asks the generation's own store alone."""
        return LookUp(self.store, union=self.generation.manifest.is_split)

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

    def run(self, task: QueryTask, *, here: bool = False) -> Answer:
        """Return the answer to a query that the current page shows.

        :param here: the generation's own store answers
        :raises Problem: see `answer`; its other errors too
        """
        try:
            return answer(self.store, task, None if here else self.remote)
        except KbError as error:
            raise problem_of(error) from None


def current_site() -> Site:
    """Return the site whose pages the current application makes."""
    site: Site = current_app.extensions[SITE]()
    return site


def _searchable(site: Site) -> Iterator[tuple[str, str]]:
    yield from ((iri, label) for iri, label in site.own_labels.items() if not is_passage(iri))
    for predicate in _OTHER_NAMES:
        for quad in site.store.quads_for_pattern(None, NamedNode(predicate), None, None):
            thing, name = quad.subject, quad.object
            if isinstance(thing, NamedNode) and isinstance(name, Literal) and not is_passage(thing.value):
                yield thing.value, cut(name.value, _LONGEST_NAME)
    yield from ((question.name, question.title) for question in site.questions.values())
