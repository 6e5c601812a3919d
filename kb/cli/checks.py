"""`kb check` and `kb evidence`: what is wrong with the files, and whether the cited passages are in the texts."""

from collections.abc import Sequence
from pathlib import Path

import click

from kb.checks import Context, run_checks
from kb.checks.citations import RULES
from kb.checks.findings import FORMATS, Finding, ordered, render
from kb.cli.commands import FOLDER, REASONER, ExampleCommand
from kb.cli.console import deliver, progress
from kb.cli.session import Session
from kb.files.evidence import domain_statements, passages

__all__ = ["check", "evidence"]

_FORMAT = click.option(
    "--format", "form", type=click.Choice(sorted(FORMATS)), default="text", show_default=True, help="Of the findings."
)


@click.command(cls=ExampleCommand, examples=["kb check", "kb check --texts texts/ --format json"])
@_FORMAT
@click.option("--texts", type=FOLDER, metavar="DIR", help="The source texts, or some: what is cited must be in them.")
@REASONER
@click.pass_obj
def check(session: Session, form: str, texts: Path | None, reasoner: str) -> int:
    """Find what is wrong with the files: file, line or thing, rule, what to do.

    Syntax, canonical form, imports, declared terms, consistency, shapes, evidence, dates, names. Exits with 1 when
    there is an error.
    """
    with progress("Checking") as report:
        findings = run_checks(Context(session.project, texts, reasoner), report)
    return _deliver_findings(findings, form, session)


@click.command(cls=ExampleCommand, examples=["kb evidence --texts texts/"])
@click.option("--texts", type=FOLDER, required=True, metavar="DIR", help="The source texts, one *.txt a source.")
@_FORMAT
@click.pass_obj
def evidence(session: Session, texts: Path, form: str) -> int:
    """Compare every cited passage with the texts, by number and SHA-256, and name the statements without evidence.

    Exits with 1 when a passage is not in its text or a statement rests on nothing.
    """
    context = Context(session.project, texts)
    findings = ordered(finding for rule in RULES for finding in rule.findings(context))
    if form == "text":
        cited = passages(context.documents)
        statements = sum(len(list(domain_statements(doc))) for doc in context.documents if not doc.is_schema)
        sources = len({passage.source for passage in cited})
        deliver(f"{len(cited)} passages of {sources} sources, {statements:,} statements")
    return _deliver_findings(findings, form, session)


def _deliver_findings(findings: Sequence[Finding], form: str, session: Session) -> int:
    deliver(render(findings, form, session.project.root))
    return int(any(finding.severity == "error" for finding in findings))
