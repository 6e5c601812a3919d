"""SHACL validation: what in a data graph violates a shapes graph, with queries prepared once."""

import difflib
import logging
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import pyoxigraph
import pyshacl.shape
from pyparsing import ParseException
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.errors import ReportableRuntimeError, ShapeRecursionWarning
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.plugins.stores.memory import SimpleMemory
from rdflib.query import Result
from rdflib.term import Node

from kb.checks.findings import owner
from kb.errors import DataError, QuerySyntaxError
from kb.namespaces import shorten
from kb.rdf.lists import broken_lists
from kb.sparql.scan import Scanned
from kb.sparql.syntax_errors import PADDING, explain

__all__ = ["PreparedGraph", "Violation", "path_text", "validate"]


@dataclass(frozen=True)
class Violation:
    """One result of a validation (https://www.w3.org/TR/shacl/#results-validation-result).

    :param focus: the node that does not conform
    :param path: the path to the value as a SPARQL property path with CURIEs, or None for the focus node itself
    :param value: the value that is wrong, or None where there is none or one is missing
    :param shape: IRI of the shape, or of the nearest named shape that contains it
    :param severity: `sh:Violation`, `sh:Warning` or `sh:Info`
    :param message: what is wrong and what to do, as the shape says
    """

    focus: Node
    path: str | None
    value: Node | None
    shape: str
    severity: URIRef
    message: str


def validate(data: Graph, shapes: Graph) -> tuple[Violation, ...]:
    """Return what in a data graph does not conform to a shapes graph, ordered by focus node, shape, path and value.

    Nothing is inferred (merge the inferences into the data first), imported or fetched. SHACL Core and SHACL-SPARQL
    (https://www.w3.org/TR/shacl/) are supported, the advanced features are not.

    :param data: copied first unless it is a `PreparedGraph`: on one in an Oxigraph store, which rewrites literals,
        pySHACL overlooks violations, and on one of rdflib's it is slow
    :raises DataError: when the shapes graph is broken: an unknown term of SHACL, a malformed list, a constraint or a
        query that cannot be used
    """
    _require_well_formed(shapes)
    graph = data if isinstance(data, PreparedGraph) else PreparedGraph(data)
    copy = PreparedGraph(shapes)  # pySHACL adds statements of its own
    return tuple(sorted(_violations(_report(graph, copy), shapes), key=_order))


class PreparedGraph(Graph):
    """A graph in memory on which pySHACL is fast: it parses each SPARQL query once.

    pySHACL evaluates the query of a SHACL-SPARQL constraint once per focus node, with the node bound, and rdflib
    parses its text again each time; that takes many times as long as the evaluation.

    :param graphs: what it holds from the start
    """

    def __init__(self, *graphs: Graph) -> None:
        super().__init__(_OneGraph())
        for graph in graphs:
            for triple in graph:
                self.store.add(triple, self)

    def query(
        self,
        query_object: str | Query,
        processor: Any = "sparql",  # noqa: ANN401  # rdflib's signature
        result: Any = "sparql",  # noqa: ANN401
        initNs: Any = None,  # noqa: ANN401, N803
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> Result:
        """Evaluate a query as `rdflib.Graph.query` does, without the graph's prefixes: it declares those it uses."""
        query = _prepared(query_object) if isinstance(query_object, str) and not initNs else query_object
        # Given no prefixes, rdflib would collect those of the graph for each focus node.
        return super().query(query, processor, result, initNs or _PREFIXES, *args, **kwargs)


_PREFIXES = {"sh": str(SH)}
_prepared = lru_cache(maxsize=256)(prepareQuery)


class _OneGraph(SimpleMemory):
    """The store of one graph, with half the work of rdflib's default one; pySHACL refuses one that has no contexts.

    It asks for the number of statements thousands of times.
    """

    context_aware = True
    graph_aware = True
    _size: int | None = None

    def add(self, triple: Any, context: Any, quoted: bool = False) -> None:  # noqa: ANN401
        """Add a statement."""
        super().add(triple, context, quoted)
        self._size = None

    def remove(self, triple_pattern: Any, context: Any = None) -> None:  # noqa: ANN401
        """Remove the statements that match a pattern."""
        super().remove(triple_pattern, context)
        self._size = None

    def __len__(self, context: Any = None) -> int:  # noqa: ANN401
        if self._size is None:
            self._size = super().__len__(context)
        return self._size


def path_text(shapes: Graph, path: Node) -> str:
    """Return a SHACL path (https://www.w3.org/TR/shacl/#property-paths) as a SPARQL property path with CURIEs."""
    if isinstance(path, URIRef):
        return shorten(str(path))
    if (path, RDF.first, None) in shapes:
        return "/".join(_operand(shapes, step) for step in shapes.items(path))
    for operator, text in _OPERATORS.items():
        operand = shapes.value(path, operator)
        if operand is not None:
            if operator == SH.alternativePath:
                return "|".join(_operand(shapes, choice) for choice in shapes.items(operand))
            return text.format(_operand(shapes, operand))
    raise _broken(f"{path} is no path")


#: Property -> how its value is written in SPARQL (https://www.w3.org/TR/sparql11-query/#propertypaths).
_OPERATORS = {
    SH.inversePath: "^{}",
    SH.zeroOrMorePath: "{}*",
    SH.oneOrMorePath: "{}+",
    SH.zeroOrOnePath: "{}?",
    SH.alternativePath: "",
}
_SHACL = str(SH)


def _operand(shapes: Graph, path: Node) -> str:
    text = path_text(shapes, path)
    return text if isinstance(path, URIRef) else f"({text})"


def _report(graph: PreparedGraph, shapes: Graph) -> Graph:
    """Return pySHACL's validation report."""
    # pySHACL looks for each property of each shape among the parameters of constraints, which it has in a list.
    pyshacl.shape.CONSTRAINT_PARAMS = frozenset(CONSTRAINT_PARAMETERS_MAP), CONSTRAINT_PARAMETERS_MAP  # type: ignore[attr-defined]
    logging.getLogger("pyshacl-validate").disabled = True  # it prints what it raises as well
    with warnings.catch_warnings():
        warnings.simplefilter("error", ShapeRecursionWarning)
        try:
            _, report, text = pyshacl.validate(
                graph, shacl_graph=shapes, inference="none", do_owl_imports=False, advanced=False, meta_shacl=False
            )
        except ShapeRecursionWarning as error:
            raise _broken("a shape refers to itself, which SHACL leaves undefined") from error
        except (ReportableRuntimeError, ParseException, re.error) as error:
            raise _broken(str(error)) from error
    if not isinstance(report, Graph):
        raise _broken(text)
    return report


def _violations(report: Graph, shapes: Graph) -> Iterator[Violation]:
    for result in report.objects(None, SH.result):
        focus, shape = report.value(result, SH.focusNode), report.value(result, SH.sourceShape)
        path, severity = report.value(result, SH.resultPath), report.value(result, SH.resultSeverity)
        yield Violation(
            focus=focus or BNode(),
            path=None if path is None else path_text(report, path),
            value=report.value(result, SH.value, any=True),
            shape=_named(shapes, shape),
            severity=URIRef(str(severity)),
            message=_message(report, result),
        )


def _message(report: Graph, result: Node) -> str:
    """Return the message in English where there are several."""
    texts = [text for text in report.objects(result, SH.resultMessage) if isinstance(text, Literal)]
    return str(min(texts, key=lambda text: (text.language != "en", text), default="does not conform"))


def _order(v: Violation) -> tuple[str, ...]:
    return str(v.focus), v.shape, v.path or "", str(v.value), str(v.severity), v.message


def _require_well_formed(shapes: Graph) -> None:
    """Refuse what pySHACL passes over in silence, or reports without the shape."""
    for problem in chain(_bad_lists(shapes), _bad_terms(shapes), _bad_paths(shapes), _bad_queries(shapes)):
        raise _broken(problem)


def _bad_lists(shapes: Graph) -> Iterator[str]:
    for cell in broken_lists(shapes):
        yield f"an RDF list in {_name(shapes, cell)} has lost its members"


def _bad_terms(shapes: Graph) -> Iterator[str]:
    used = {node for triple in shapes for node in triple if isinstance(node, URIRef) and node.startswith(_SHACL)}
    for term in sorted(term for term in used if term not in SH):
        nearest = difflib.get_close_matches(term, dir(SH), 1, cutoff=0.9)
        yield f"{shorten(term)} is no term of SHACL" + (f"; did you mean {shorten(nearest[0])}" if nearest else "")


def _bad_paths(shapes: Graph) -> Iterator[str]:
    for shape in shapes.objects(None, SH.property):
        if len(list(shapes.objects(shape, SH.path))) != 1:
            yield f"a property shape of {_name(shapes, shape)} has not exactly one sh:path"


def _bad_queries(shapes: Graph) -> Iterator[str]:
    """Parse the queries with an engine that says what is wrong; rdflib raises a bare Exception for a lacking prefix."""
    for constraint, select in shapes.subject_objects(SH.select):
        declarations = [
            f"PREFIX {shapes.value(declared, SH.prefix)}: <{shapes.value(declared, SH.namespace)}>"
            for prefixes in shapes.objects(constraint, SH.prefixes)
            for declared in shapes.objects(prefixes, SH.declare)
        ]
        text = f"{' '.join(declarations)} {select}"
        try:
            pyoxigraph.Store().query(text + PADDING)
        except SyntaxError as error:
            found = explain(Scanned(text), error.msg)
            detail = found.detail if isinstance(found, QuerySyntaxError) else found.problem
            yield f"a query of {_name(shapes, constraint)} is no SPARQL: {detail}"


def _named(shapes: Graph, shape: Node | None) -> str:
    """Return the IRI of a shape or, if it is anonymous, of the nearest named shape around it."""
    named = None if shape is None else owner(shapes, shape)
    return "anonymous shape" if named is None else str(named)


def _name(shapes: Graph, node: Node) -> str:
    return shorten(_named(shapes, node))


def _broken(problem: str) -> DataError:
    detail = " ".join(problem.split()).rstrip(".?")
    return DataError(f"The shapes graph cannot be used: {detail}", "Correct the shape (ontology/shapes.ttl)")
