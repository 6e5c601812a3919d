"""The checks: rules that the files of the graph keep, and what they find.

A rule is a function from a `Context` to problems, in a module of its family, listed in that module's ``RULES`` and
from there in `RULES` here. Its test cases are files in ``tests/kb/checks/<rule>/``.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from kb.checks import chronology, citations, files, identity, semantics, statements, terms
from kb.checks.context import Context, Problem, Rule
from kb.checks.findings import Finding, ordered
from kb.config import Project
from kb.errors import DataError

__all__ = ["RULES", "Context", "Problem", "Rule", "check_context", "run_checks"]

#: All rules, in the order in which they run; those in `files.FILE_RULES` need no documents that load.
RULES: tuple[Rule, ...] = (
    *files.FILE_RULES,
    *files.GRAPH_RULES,
    *terms.RULES,
    *statements.RULES,
    *semantics.RULES,
    *citations.RULES,
    *chronology.RULES,
    *identity.RULES,
)


def run_checks(
    project: Project,
    texts: Path | None = None,
    progress: Callable[[str], None] | None = None,
    reasoner: str = "kb",
) -> tuple[Finding, ...]:
    """Return what the rules find, ordered by file and line.

    Where the files do not load, only the rules about the files as such are applied.

    :param texts: folder of the source texts; None leaves out the rules that need them
    :param progress: is told the title of each rule before the rule runs
    :param reasoner: its name in `kb.reasoning.infer.REASONERS`
    :raises MissingFile: when there is no such project
    """
    return check_context(Context(project, texts, reasoner), progress)


def check_context(context: Context, progress: Callable[[str], None] | None = None) -> tuple[Finding, ...]:
    """Return what `run_checks` returns; what the rules have loaded and inferred stays in the context.

    :param progress: is told the title of each rule before the rule runs
    :raises MissingFile: when there is no such project
    """
    first = files.FILE_RULES
    findings = list(_run(first, context, progress))
    try:
        context.documents  # noqa: B018  # read here, so that a failure is told once
    except DataError as error:
        return ordered(findings or _unloadable(error, context))
    return ordered([*findings, *_run((rule for rule in RULES if rule not in first), context, progress)])


def _run(rules: Iterable[Rule], context: Context, progress: Callable[[str], None] | None) -> Iterator[Finding]:
    for rule in rules:
        if progress is not None:
            progress(rule.title)
        yield from rule.findings(context)


def _unloadable(error: DataError, context: Context) -> Iterator[Finding]:
    """Report an error that none of the rules about files explains."""

    def raise_it(_: Context) -> Iterator[Problem]:
        raise error

    return Rule("loading", "The files load", raise_it).findings(context)
