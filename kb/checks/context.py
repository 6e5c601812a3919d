"""What every rule works on, and what a rule is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from rdflib import Graph, URIRef
from rdflib.term import Node

from kb.checks.findings import Finding, locate
from kb.checks.shacl import PreparedGraph
from kb.config import Project
from kb.errors import DataError, RdfSyntaxError
from kb.files.documents import Document, load_documents, load_shapes, merged, named_graphs
from kb.rdf.convert import Triple
from kb.rdf.turtle import is_canonical
from kb.reasoning.infer import Inference, infer

__all__ = ["Context", "Finding", "Rule", "finding_of"]


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
class Rule:
    """One rule.

    :param id: its name in findings and of the folder with its test cases
    :param title: what is true of files that keep it, one sentence without a full stop
    :param function: yields the findings, without the rule
    """

    id: str
    title: str
    function: Callable[[Context], Iterator[Finding]]

    def findings(self, context: Context) -> Iterator[Finding]:
        """Yield what the rule finds. Files with which it cannot work are a finding too."""
        try:
            for finding in self.function(context):
                yield replace(finding, rule=self.id, line=_line(finding))
        except DataError as error:
            yield replace(finding_of(error), rule=self.id)


def finding_of(error: DataError, file: Path | None = None) -> Finding:
    """Return an error as a finding; the file and the line that it names are not repeated in the message.

    :param file: the file that it is about, where the error does not know
    """
    path, line = getattr(error, "path", file), getattr(error, "line", None)
    message = error.detail if isinstance(error, RdfSyntaxError) else error.problem.removeprefix(f"{path}: ")
    return Finding(path, None, message[:1].upper() + message[1:], error.remedy, line)


def _line(finding: Finding) -> int | None:
    """Return the line of a finding; where the rule gives none, that at which the block of the focus starts."""
    if finding.line is not None or finding.file is None or not isinstance(finding.focus, URIRef):
        return finding.line
    return locate(finding.file, str(finding.focus))


def _form_of(path: Path) -> bool | RdfSyntaxError:
    try:
        return is_canonical(path)
    except RdfSyntaxError as error:
        return error
