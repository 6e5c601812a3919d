"""What every rule works on, and what a rule is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rdflib import Graph, URIRef
from rdflib.namespace import OWL
from rdflib.term import Node

from kb.checks.findings import Finding, Severity, locate
from kb.checks.shacl import PreparedGraph
from kb.config import Project
from kb.errors import DataError, RdfSyntaxError
from kb.files.documents import Document, load_documents, load_shapes, merged, named_graphs
from kb.namespaces import shorten
from kb.rdf.convert import Triple
from kb.rdf.turtle import is_canonical
from kb.reasoning.infer import Inference, infer

__all__ = ["Context", "Problem", "Rule", "owner", "problem_of"]


@dataclass(frozen=True)
class Context:
    """The files under check, and what is computed from them: once, when a rule first asks for it.

    :param project: the folders
    :param texts: folder of the source texts, for the rules that compare them; None leaves these rules out
    :param reasoner: its name in `kb.reasoning.infer.REASONERS`
    """

    project: Project
    texts: Path | None = None
    reasoner: str = "kb"

    @cached_property
    def canonical(self) -> Mapping[Path, bool | RdfSyntaxError]:
        """Each Turtle file: whether it is in canonical form, or why it is no Turtle."""
        try:
            forms = {document.path: document.is_canonical for document in self.documents}
        except DataError:
            forms = {}
        return {path: forms[path] if path in forms else _form_of(path) for path in self.project.turtle_files()}

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The ontology and the graph, without the shapes and ``all.ttl``; raises `DataError` where they do not load."""
        return load_documents(self.project)

    @cached_property
    def schema(self) -> tuple[Document, ...]:
        """The documents of the ontology."""
        return tuple(document for document in self.documents if document.is_schema)

    @cached_property
    def shapes(self) -> Graph:
        """The shapes graph."""
        return load_shapes(self.project)

    @cached_property
    def asserted(self) -> Graph:
        """What all documents state."""
        return merged(self.documents)

    @cached_property
    def inference(self) -> Inference:
        """What follows from `asserted`, and the inconsistencies."""
        return infer(named_graphs(self.documents), self.reasoner)

    @cached_property
    def closure(self) -> Graph:
        """What is asserted together with what is inferred: what the shapes, and most rules of a domain, look at."""
        return PreparedGraph(self.asserted, self.inference.inferred)

    def file_of(self, *statements: Triple) -> Path | None:
        """Return the first file that asserts one of some statements, the earlier ones first."""
        found = (document.path for triple in statements for document in self.documents if triple in document.graph)
        return next(found, None)

    def home(self, node: Node) -> Path | None:
        """Return the file that says most about a thing, the first of them in the order of the documents."""
        sizes = {document.path: len(list(document.graph.predicate_objects(node))) for document in self.documents}
        best = max(sizes, key=lambda path: sizes[path], default=None)
        return best if best is not None and sizes[best] else None


@dataclass(frozen=True)
class Problem:
    """What a rule found; `Rule.findings` makes a `Finding` of it.

    :param file: the file to correct, or None where it is no single one
    :param focus: the thing that it is about, or None where it is the file
    :param message: what is wrong, one sentence without a full stop
    :param remedy: what to do, one sentence without a full stop
    :param line: line in the file; without one, that of the focus' block is looked up
    :param severity: where it is another one than the rule's
    """

    file: Path | None
    focus: Node | None
    message: str
    remedy: str
    line: int | None = None
    severity: Severity | None = None


@dataclass(frozen=True)
class Rule:
    """One rule.

    :param id: its name in findings and of the folder with its test cases
    :param title: what is true of files that keep it, one sentence without a full stop
    :param function: yields the problems
    :param severity: an error makes the check fail, a warning does not
    """

    id: str
    title: str
    function: Callable[[Context], Iterator[Problem]]
    severity: Severity = "error"

    def findings(self, context: Context) -> Iterator[Finding]:
        """Yield what the rule finds. Files with which it cannot work are a finding too."""
        try:
            for problem in self.function(context):
                yield self._finding(problem)
        except DataError as error:
            yield self._finding(problem_of(error))

    def _finding(self, problem: Problem) -> Finding:
        focus, line = problem.focus, problem.line
        if line is None and problem.file is not None and isinstance(focus, URIRef):
            line = locate(problem.file, str(focus))
        return Finding(
            rule=self.id,
            severity=problem.severity or self.severity,
            file=problem.file,
            focus=shorten(str(focus)) if isinstance(focus, URIRef) else None,
            message=problem.message,
            remedy=problem.remedy,
            line=line,
        )


def problem_of(error: DataError, file: Path | None = None) -> Problem:
    """Return an error as a problem; the file and the line that it names are not repeated in the message.

    :param file: the file that it is about, where the error does not know
    """
    path, line = getattr(error, "path", file), getattr(error, "line", None)
    message = error.detail if isinstance(error, RdfSyntaxError) else error.problem.removeprefix(f"{path}: ")
    return Problem(path, None, message[:1].upper() + message[1:], error.remedy, line)


def owner(graph: Graph, node: Node) -> URIRef | None:
    """Return the named thing to which a node belongs: itself, the subject of an annotated axiom, what contains it."""
    seen: set[Node] = set()
    waiting = [node]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, URIRef):
            return node
        if node not in seen:
            seen.add(node)
            waiting += sorted({*graph.objects(node, OWL.annotatedSource), *graph.subjects(None, node)}, key=str)
    return None


def _form_of(path: Path) -> bool | RdfSyntaxError:
    try:
        return is_canonical(path)
    except RdfSyntaxError as error:
        return error
