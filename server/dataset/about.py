"""What the data are: their name, description, creators and licences, as far as the data state them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from kb.generations.manifest import Manifest
from kb.namespaces import OWL, RDF, expand
from kb.rdf.terms import Term
from kb.sparql.labels import cut
from server.dataset.statistics import is_built
from server.stored_queries.lookups import LookUp, text_of

__all__ = ["About", "read_about"]

_NEUTRAL = Literal("RDF dataset", language="en")
#: What no single document of a generation that `kb build` made states of the whole.
_NAME = Literal("AMMTC knowledge graph", language="en")
_DESCRIPTION = Literal(
    "ASEAN's cooperation against transnational crime as a graph of statements, each with the source and the paragraph "
    "that it rests on.",
    language="en",
)
_CREATORS = (Literal("AMMTC knowledge graph contributors", language="en"),)

_TITLES = (expand("dcterms:title"), expand("rdfs:label"))
_DESCRIPTIONS = (expand("dcterms:description"), expand("rdfs:comment"))
_LICENCES = (expand("dcterms:license"), expand("dcterms:rights"))
_MAKERS = (expand("dcterms:creator"), expand("dcterms:publisher"))
_PARTS = (expand("void:subset"), expand("dcterms:hasPart"), OWL.imports)
_DATASETS = {expand("void:Dataset"), expand("dcat:Dataset")}
_LONGEST_NAME = 200
_LONGEST_TEXT = 2000
_MOST_MAKERS = 10
_MOST_ROWS = 4000  # as the query says

#: Property -> its values, of one dataset.
_Said = Mapping[str, Sequence[Term]]


@dataclass(frozen=True)
class About:
    """What the data are; of files that were not built, only what they state.

    :param name: the title, or a neutral name
    :param description: what they are about, or None
    :param creators: who made or publishes them: names or IRIs
    :param licensed: a dataset or document in the data, and the licence that it states
    :param licence: the licence of all of the data, or None where none is stated, or several are
    :param built: `kb build` made the generation, where each statement rests on a passage or a derivation
    """

    name: Literal = _NEUTRAL
    description: Literal | None = None
    creators: tuple[Term, ...] = ()
    licensed: tuple[tuple[Term, Term], ...] = ()
    licence: Term | None = None
    built: bool = False

    @classmethod
    def unread(cls, manifest: Manifest) -> "About":
        """Return what is known of a generation without reading its data."""
        if is_built(manifest):
            return cls(_NAME, _DESCRIPTION, _CREATORS, built=True)
        return cls()

    @property
    def is_named(self) -> bool:
        """Whether the data have a name of their own."""
        return self.name != _NEUTRAL

    @property
    def licences(self) -> Mapping[Term, int]:
        """Licence -> number of the datasets and documents in the data that state it, the most frequent first."""
        return dict(Counter(licence for _, licence in self.licensed).most_common())


def read_about(look_up: LookUp, manifest: Manifest) -> About:
    """Return what the data of a generation say of themselves.

    The name and the rest are those of the one dataset or document that is part of no other one; where there are
    several, only the licences are known, each of its own part.
    """
    rows = look_up.rows("about")
    said: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        values = said[row["dataset"]]
        if "property" in row:
            values[text_of(row["property"])].append(_bounded(row["value"]))
    licensed = tuple(
        sorted(((found, value) for found, values in said.items() for value in _all(values, _LICENCES)), key=str)
    )
    licences = {licence for _, licence in licensed}
    unread = About.unread(manifest)
    (licence,) = licences if len(licences) == 1 else (None,)
    if unread.built:
        return About(unread.name, unread.description, unread.creators, licensed, licence, built=True)
    whole = _whole(said, manifest) if len(rows) < _MOST_ROWS else None
    if whole is None:
        return About(licensed=licensed)
    return About(
        _best(whole, _TITLES, _LONGEST_NAME) or _NEUTRAL,
        _best(whole, _DESCRIPTIONS, _LONGEST_TEXT),
        tuple(_all(whole, _MAKERS))[:_MOST_MAKERS],
        licensed,
        licence if licence in _all(whole, _LICENCES) else None,
    )


def _whole(said: Mapping[Term, _Said], manifest: Manifest) -> _Said | None:
    """Return what is said of the one dataset or, where there is none, document that is part of no other one.

    The name of one graph among several is none of the whole.
    """
    graphs = manifest.sizes.named_graphs
    others = len(graphs) + (manifest.sizes.default_graph > 0) > 1
    parts = {part for values in said.values() for part in _all(values, _PARTS)}
    wholes = [
        values
        for found, values in said.items()
        if found not in parts and not (others and isinstance(found, NamedNode) and found.value in graphs)
    ]
    datasets = [values for values in wholes if _DATASETS & {text_of(class_) for class_ in values[RDF.type]}]
    found = datasets or wholes
    return found[0] if len(found) == 1 else None


def _all(said: _Said, properties: Iterable[str]) -> list[Term]:
    """Return the values of some properties, those of the first one first, each once."""
    return list(dict.fromkeys(value for name in properties for value in sorted(said.get(name, ()), key=str)))


def _best(said: _Said, properties: Iterable[str], most: int) -> Literal | None:
    """Return the text of the first property that has one: in English, else in no language, else in any other."""
    for name in properties:
        texts = [value for value in said.get(name, ()) if isinstance(value, Literal) and value.value.strip()]
        if texts:
            best = min(texts, key=lambda text: (_foreign(text), text.language or "", text.value))
            return Literal(cut(best.value, most), language=best.language)
    return None


def _foreign(text: Literal) -> int:
    language = (text.language or "").partition("-")[0].lower()
    return {"en": 0, "": 1}.get(language, 2)


def _bounded(term: Term) -> Term:
    if not isinstance(term, Literal) or len(term.value) <= _LONGEST_TEXT:
        return term
    return Literal(cut(term.value, _LONGEST_TEXT), language=term.language)
