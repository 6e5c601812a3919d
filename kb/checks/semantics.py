"""Rules about what the statements mean together: OWL consistency and the shapes."""

from collections.abc import Iterator
from pathlib import Path

from rdflib import URIRef
from rdflib.namespace import SH

from kb.checks.context import Context, Finding, Rule, finding_of
from kb.checks.findings import node_text, statement_text
from kb.checks.shacl import Violation, validate
from kb.errors import DataError
from kb.namespaces import shorten
from kb.rdf.convert import Triple

__all__ = ["RULES"]


def consistency(context: Context) -> Iterator[Finding]:
    """Nothing in the graph, with all that follows from it, contradicts itself."""
    for inconsistency in context.inference.inconsistencies:
        nodes = (node for triple in inconsistency.statements for node in triple)
        focus = next((node for node in nodes if isinstance(node, URIRef)), None)
        file = context.file_of(*inconsistency.statements) or (context.home(focus) if focus is not None else None)
        first_two = inconsistency.statements[:2]
        origin = "; ".join(f"{statement_text(triple)} ({_origin(context, triple)})" for triple in first_two)
        remedy = f"Correct one of these: {origin}"
        yield Finding(file, focus, f"{inconsistency.message} (rule {inconsistency.rule})", remedy)


def shacl(context: Context) -> Iterator[Finding]:
    """Hold the graph, with all that follows from it, against ontology/shapes.ttl."""
    closure = context.closure
    try:
        violations = validate(closure, context.shapes)
    except DataError as error:
        yield finding_of(error, context.project.shapes)
        return
    for violation in violations:
        focus = violation.focus
        value = "" if violation.value in {None, focus} else f" ({node_text(violation.value)})"
        path = f" at {violation.path}" if violation.path else ""
        message = f"The thing does not conform to {shorten(violation.shape)}{path}{value}"
        yield Finding(
            file=_file_of(context, violation),
            focus=focus,
            message=message,
            remedy=violation.message.rstrip("."),
            severity="error" if violation.severity == SH.Violation else "warning",
        )


RULES = (
    Rule("consistency", "Nothing contradicts itself, by the rules of OWL 2 RL", consistency),
    Rule("shacl", "The graph conforms to its shapes", shacl),
)


def _origin(context: Context, triple: Triple) -> str:
    file = context.file_of(triple)
    return f"{file.parent.name}/{file.name}" if file else "inferred"


def _file_of(context: Context, violation: Violation) -> Path | None:
    """Return the file that states the wrong value, else the one that says most about the focus node."""
    if violation.value not in {None, violation.focus}:
        for document in context.documents:
            if (violation.focus, None, violation.value) in document.graph:
                return document.path
    return context.home(violation.focus)
