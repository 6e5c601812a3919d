"""The W3C test suites as they are published: manifests read into test cases.

The vocabulary of the manifests: https://www.w3.org/2001/sw/DataAccess/tests/README.html.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.term import Node

__all__ = ["Case", "cases", "folder"]

_FROM = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^<>]+)>")

_MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
_MANIFESTS = (
    "sparql/sparql11/manifest-sparql11-query.ttl",
    "sparql/sparql11/manifest-sparql11-results.ttl",
    "sparql/sparql10/manifest-evaluation.ttl",
    "sparql/sparql10/manifest-syntax.ttl",
)


@dataclass(frozen=True)
class Case:
    """One test.

    :param iri: of the test
    :param suite: ``sparql10`` or ``sparql11``
    :param kind: local name of its class in the manifest vocabulary, for example ``QueryEvaluationTest``
    :param query: file of the query
    :param default: file of the default graph, or None where it is empty
    :param named: files of the named graphs; a graph's name is its file's IRI
    :param result: file of the expected result, or None for a syntax test
    :param lax: duplicates may be missing in the result
    """

    iri: str
    suite: str
    kind: str
    query: Path
    default: Path | None
    named: tuple[Path, ...]
    result: Path | None
    lax: bool

    def __str__(self) -> str:
        return f"{self.suite}-{self.query.parent.name}-{self.iri.rpartition('#')[2]}"

    @property
    def is_positive(self) -> bool:
        """Whether this is a syntax test of a query that is well-formed."""
        return self.kind.startswith("PositiveSyntaxTest")

    @property
    def is_negative(self) -> bool:
        """Whether this is a syntax test of a query that is not well-formed."""
        return self.kind.startswith("NegativeSyntaxTest")

    @property
    def text(self) -> str:
        """The query."""
        return self.query.read_bytes().decode()

    @property
    def clauses(self) -> tuple[Path, ...]:
        """The files that the query's own FROM and FROM NAMED clauses name; they come before the manifest's dataset."""
        if self.result is None:
            return ()
        return tuple(path for name in _FROM.findall(self.text) if (path := self.query.with_name(name)).is_file())

    @property
    def data(self) -> tuple[Path, ...]:
        """All files of the dataset."""
        return (*([self.default] if self.default else ()), *self.named, *self.clauses)


def folder() -> Path | None:
    """Return the folder that holds the suites, or None where it is neither in AMMTC_W3C nor beside the checkout."""
    named = os.environ.get("AMMTC_W3C")
    if named:
        return Path(named).resolve(strict=True)
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "w3c"
    return beside if beside.is_dir() else None


def cases(root: Path) -> Iterator[Case]:
    """Yield the query, syntax and result format tests of SPARQL 1.1 and 1.0, in the manifests' order."""
    for manifest in _MANIFESTS:
        yield from _cases(root / manifest)


def _cases(manifest: Path) -> Iterator[Case]:
    graph = Graph().parse(manifest, format="turtle", publicID=manifest.as_uri())
    for included in graph.objects(None, _MF.include):
        for other in graph.items(included):
            yield from _cases(_path(other))
    for entries in graph.objects(None, _MF.entries):
        for test in graph.items(entries):
            yield _case(graph, test)


def _case(graph: Graph, test: Node) -> Case:
    action, kind, result = (graph.value(test, predicate) for predicate in (_MF.action, RDF.type, _MF.result))
    assert action is not None
    query = graph.value(action, _QT.query) or action
    default = graph.value(action, _QT.data, any=False)
    return Case(
        iri=str(test),
        suite=_path(query).parent.parent.name,
        kind=str(kind).removeprefix(str(_MF)),
        query=_path(query),
        default=_path(default) if default else None,
        named=tuple(sorted(_path(data) for data in graph.objects(action, _QT.graphData))),
        result=_path(result) if result else None,
        lax=graph.value(test, _MF.resultCardinality) == _MF.LaxCardinality,
    )


def _path(node: Node) -> Path:
    assert isinstance(node, URIRef), node
    return Path(unquote(urlsplit(node).path))
