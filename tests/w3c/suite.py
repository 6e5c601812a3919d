"""The W3C test suites as they are published: manifests read into test cases.

The vocabulary of the manifests: https://www.w3.org/2001/sw/DataAccess/tests/README.html.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

__all__ = ["Case", "cases", "folder"]

_FROM = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^<>]+)>")

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_UT = "http://www.w3.org/2009/sparql/tests/test-update#"
_QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
_MANIFESTS = (
    "sparql/sparql11/manifest-sparql11-query.ttl",
    "sparql/sparql11/manifest-sparql11-results.ttl",
    "sparql/sparql10/manifest-evaluation.ttl",
    "sparql/sparql10/manifest-syntax.ttl",
    "sparql/sparql12/manifest.ttl",
)
_SUITES = ("sparql10", "sparql11", "sparql12")

Node = NamedNode | BlankNode
Term = Node | Literal | Triple


@dataclass(frozen=True)
class Case:
    """One test.

    :param iri: of the test
    :param suite: ``sparql10``, ``sparql11`` or ``sparql12``
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
    def is_update(self) -> bool:
        """Whether this is a test of an update."""
        return "Update" in self.kind

    @property
    def has_dataset_file(self) -> bool:
        """Whether the file of its data holds named graphs too."""
        return self.default is not None and self.default.suffix in (".trig", ".nq")

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


def folder() -> Path:
    """Return the folder that holds the suites: AMMTC_W3C or one beside the checkout; skip the module without one."""
    named = os.environ.get("AMMTC_W3C")
    if named:
        return Path(named).resolve(strict=True)
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "w3c"
    if not beside.is_dir():
        pytest.skip(
            "the W3C test suites are not here: clone https://github.com/w3c/rdf-tests and name its folder in AMMTC_W3C",
            allow_module_level=True,
        )
    return beside


def cases(root: Path) -> Iterator[Case]:
    """Yield the tests of SPARQL 1.2, 1.1 and 1.0, in the manifests' order; of updates those of 1.2 alone."""
    for manifest in _MANIFESTS:
        yield from _cases(root / manifest)


def _cases(manifest: Path) -> Iterator[Case]:
    read = _Manifest(manifest)
    for included in read.listed(f"{_MF}include"):
        yield from _cases(_path(included))
    for test in read.listed(f"{_MF}entries"):
        yield _case(read, test)


def _case(read: "_Manifest", test: Node) -> Case:
    (action,) = read.values(test, f"{_MF}action")
    assert isinstance(action, Node)
    kind = next(iter(read.values(test, f"{_RDF}type")))
    assert isinstance(kind, NamedNode)
    (query,) = read.values(action, f"{_QT}query") or read.values(action, f"{_UT}request") or [action]
    default = read.values(action, f"{_QT}data")
    result = read.values(test, f"{_MF}result")
    return Case(
        iri=_iri(test),
        suite=next(name for name in _SUITES if name in _path(query).parts),
        kind=kind.value.removeprefix(_MF),
        query=_path(query),
        default=_path(default[0]) if default else None,
        named=tuple(sorted(_path(data) for data in read.values(action, f"{_QT}graphData"))),
        result=_path(result[0]) if result and isinstance(result[0], NamedNode) else None,  # of an update it is a node
        lax=NamedNode(f"{_MF}LaxCardinality") in read.values(test, f"{_MF}resultCardinality"),
    )


class _Manifest:
    """The statements of a manifest; pyoxigraph reads one in a tenth of the time that rdflib takes."""

    def __init__(self, path: Path) -> None:
        self._values: dict[tuple[Node, str], list[Term]] = defaultdict(list)
        for quad in parse(path=path, format=RdfFormat.TURTLE, base_iri=path.as_uri()):
            assert not isinstance(quad.subject, Triple)
            self._values[quad.subject, quad.predicate.value].append(quad.object)

    def values(self, subject: Node, predicate: str) -> list[Term]:
        return self._values.get((subject, predicate), [])

    def listed(self, predicate: str) -> Iterator[Node]:
        """Yield the members of the lists that are values of a predicate."""
        rests = [head for (_, found), values in self._values.items() if found == predicate for head in values]
        while rests:
            rest = rests.pop()
            if rest != NamedNode(f"{_RDF}nil"):
                assert isinstance(rest, Node)
                (member,) = self.values(rest, f"{_RDF}first")
                assert isinstance(member, Node)
                yield member
                rests += self.values(rest, f"{_RDF}rest")


def _iri(node: Term) -> str:
    assert isinstance(node, NamedNode), node
    return node.value


def _path(node: Term) -> Path:
    return Path(unquote(urlsplit(_iri(node)).path))
