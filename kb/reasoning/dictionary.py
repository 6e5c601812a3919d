"""Terms and their numbers."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
import pyoxigraph
from pyoxigraph import RdfFormat, parse
from rdflib import BNode, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from kb.rdf.convert import to_engine
from kb.rdf.datatypes import datatype_of
from kb.reasoning.vocabulary import TERMS

__all__ = [
    "BLANK",
    "IRI",
    "LITERAL",
    "TYPED",
    "VOCABULARIES",
    "VOCABULARY",
    "Dictionary",
    "NodeDictionary",
    "TextDictionary",
    "text_of",
]

#: Kinds of terms; the IRIs of OWL, RDF, RDFS and XML Schema are one of their own, and so are literals with a datatype
#: other than those of strings and texts of a language. From `LITERAL` on all are literals.
IRI, VOCABULARY, BLANK, LITERAL, TYPED = range(5)

Kinds = npt.NDArray[np.uint8]

#: What the IRIs of vocabulary start with.
VOCABULARIES = tuple(str(namespace) for namespace in (OWL, RDF, RDFS, XSD))
_PLAIN = {None, XSD.string, RDF.langString}


class Dictionary:
    """Terms and their numbers; the vocabulary comes first, the others in the order in which they are met."""

    def __init__(self) -> None:
        self._kinds: Kinds = np.zeros(0, dtype=np.uint8)

    def __len__(self) -> int:
        raise NotImplementedError

    def number(self, node: Node) -> int:
        """Return the number of a term, a new one where it is not known."""
        raise NotImplementedError

    def numbers_of(self, nodes: list[Node]) -> pl.Series:
        """Return the numbers of some terms."""
        return pl.Series(list(map(self.number, nodes)), dtype=pl.UInt64)

    def find(self, node: Node) -> int | None:
        """Return the number of a term, or None where it is not known."""
        raise NotImplementedError

    def node(self, number: int) -> Node:
        """Return a term."""
        raise NotImplementedError

    def nodes(self, numbers: list[int]) -> list[Node]:
        """Return some terms."""
        return list(map(self.node, numbers))

    def texts(self, numbers: pl.Series) -> pl.Series:
        """Return terms as N-Triples writes them."""
        unique = numbers.unique()
        written = {number: text_of(self.node(number)) for number in unique}
        return numbers.replace_strict(written, return_dtype=pl.String)

    def literals(self, *, texts: bool = False) -> Iterator[tuple[int, Literal]]:
        """Yield the literals.

        :param texts: whether strings and texts of a language are wanted too
        """
        numbers = np.flatnonzero(self.kinds() >= (LITERAL if texts else TYPED)).tolist()
        for number, node in zip(numbers, self.nodes(numbers), strict=True):
            if isinstance(node, Literal):
                yield number, node

    def datatypes(self, numbers: list[int]) -> list[str | None]:
        """Return the IRIs of the datatypes of some terms, None for what is no literal."""
        raise NotImplementedError

    def kinds(self) -> Kinds:
        """Return the kind of each term, in the order of the numbers: `IRI`, `VOCABULARY` and so on."""
        if len(self._kinds) < len(self):
            self._kinds = np.concatenate([self._kinds, self._kinds_from(len(self._kinds))])
        return self._kinds

    def _kinds_from(self, start: int) -> Kinds:
        raise NotImplementedError


class NodeDictionary(Dictionary):
    """A dictionary of rdflib's terms."""

    def __init__(self) -> None:
        super().__init__()
        self._nodes: list[Node] = list(TERMS)
        self._numbers: dict[Node, int] = {node: number for number, node in enumerate(TERMS)}

    def __len__(self) -> int:
        return len(self._nodes)

    def number(self, node: Node) -> int:
        """See `Dictionary.number`."""
        number = self.find(node)
        if number is None:
            number = self._numbers[node] = len(self._nodes)
            self._nodes.append(node)
        return number

    def find(self, node: Node) -> int | None:
        """See `Dictionary.find`; a plain string and an xsd:string are the same term, which rdflib's do not show."""
        number = self._numbers.get(node)
        if number is None and isinstance(node, Literal) and not node.language and node.datatype in _PLAIN:
            other = None if node.datatype else XSD.string
            number = self._numbers.get(Literal(str(node), datatype=other))
        return number

    def node(self, number: int) -> Node:
        """See `Dictionary.node`."""
        return self._nodes[number]

    def datatypes(self, numbers: list[int]) -> list[str | None]:
        """See `Dictionary.datatypes`."""
        nodes = map(self.node, numbers)
        return [str(datatype_of(node)) if isinstance(node, Literal) else None for node in nodes]

    def _kinds_from(self, start: int) -> Kinds:
        return np.array([_kind(node) for node in self._nodes[start:]], dtype=np.uint8)


class TextDictionary(Dictionary):
    """A dictionary of terms as N-Triples writes them, kept in columns: for more terms than Python objects bear."""

    def __init__(self) -> None:
        super().__init__()
        self._type = pl.Categorical(pl.Categories.random(physical=pl.UInt32))
        self._seed = pl.Series([text_of(term) for term in TERMS]).cast(self._type)  # the numbers live as long as this
        self._size = len(TERMS)

    def __len__(self) -> int:
        return self._size

    def numbers(self, texts: pl.Series) -> pl.Series:
        """Return the numbers of terms, new ones where they are not known."""
        numbers = texts.cast(self._type).to_physical().cast(pl.UInt64)
        self._size = max(self._size, int(numbers.max() or 0) + 1)  # type: ignore[arg-type]
        return numbers

    def texts(self, numbers: pl.Series) -> pl.Series:
        """See `Dictionary.texts`."""
        return numbers.cast(pl.UInt32).cat.to(self._type).cast(pl.String)

    def number(self, node: Node) -> int:
        """See `Dictionary.number`."""
        return int(self.numbers(pl.Series([text_of(node)]))[0])

    def numbers_of(self, nodes: list[Node]) -> pl.Series:
        """See `Dictionary.numbers_of`."""
        return self.numbers(pl.Series([text_of(node) for node in nodes], dtype=pl.String))

    def find(self, node: Node) -> int | None:
        """See `Dictionary.find`; a term that is not known becomes known, which costs less than to tell."""
        return self.number(node)

    def node(self, number: int) -> Node:
        """See `Dictionary.node`."""
        return self.nodes([number])[0]

    def nodes(self, numbers: list[int]) -> list[Node]:
        """See `Dictionary.nodes`."""
        texts = self.texts(pl.Series(numbers, dtype=pl.UInt64)).to_list()
        literals = _literals([text for text in texts if text.startswith('"')])
        return [next(literals) if text.startswith('"') else _resource(text) for text in texts]

    def datatypes(self, numbers: list[int]) -> list[str | None]:
        """See `Dictionary.datatypes`; from the texts alone, which is quick."""
        texts = self.texts(pl.Series(numbers, dtype=pl.UInt64)).to_list()
        endings = [text.rpartition('"')[2] if text.startswith('"') else None for text in texts]
        known = {ending: _datatype(ending) for ending in set(endings)}
        return [known[ending] for ending in endings]

    def _kinds_from(self, start: int) -> Kinds:
        text = pl.col("text").str
        kind = (
            pl.when(text.starts_with('"'))
            .then(pl.when(text.ends_with(">")).then(TYPED).otherwise(LITERAL))
            .when(text.starts_with("_"))
            .then(BLANK)
            .when(pl.any_horizontal(text.starts_with(f"<{iri}") for iri in VOCABULARIES))
            .then(VOCABULARY)
            .otherwise(IRI)
        )
        numbers = pl.int_range(start, self._size, dtype=pl.UInt64, eager=True)
        return pl.select(text=self.texts(numbers)).select(kind.cast(pl.UInt8)).to_series().to_numpy()


def _kind(node: Node) -> int:
    if isinstance(node, URIRef):
        return VOCABULARY if str(node).startswith(VOCABULARIES) else IRI
    if isinstance(node, Literal):
        return LITERAL if node.language or node.datatype in _PLAIN else TYPED
    return BLANK


def _datatype(ending: str | None) -> str | None:
    """Return the datatype of a literal by what stands behind its last quotation mark in N-Triples."""
    if ending is None or ending.startswith("^^"):
        return None if ending is None else ending[3:-1]
    return str(RDF.langString if ending else XSD.string)


def text_of(node: Node) -> str:
    """Return a term as N-Triples writes it."""
    return str(to_engine(node))


def _resource(text: str) -> Node:
    return URIRef(text[1:-1]) if text.startswith("<") else BNode(text[2:])


def _literals(texts: list[str]) -> Iterator[Literal]:
    """Yield the literals that N-Triples writes so."""
    document = "".join(f"<a:> <a:> {text} .\n" for text in texts)
    for statement in parse(document, RdfFormat.N_TRIPLES):
        found = statement.object
        if isinstance(found, pyoxigraph.Literal) and found.language:
            yield Literal(found.value, lang=found.language)
        elif isinstance(found, pyoxigraph.Literal):
            yield Literal(found.value, datatype=URIRef(found.datatype.value), normalize=False)
