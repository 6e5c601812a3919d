"""The checks: rules that the files of the graph keep, and what they find.

A rule is a function from a `Context` to findings, in a module of its family, listed in that module's ``RULES`` and
from there in `RULES` here. Its test cases are files in ``tests/kb/checks/<rule>/``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from kb.checks import chronology, citations, files, identity, semantics, statements, terms, words
from kb.checks.context import Context, Rule, finding_of
from kb.checks.findings import Finding, ordered
from kb.errors import DataError

__all__ = ["RULES", "Context", "Finding", "Rule", "run_checks"]

#: All rules, in the order in which they run; those in `files.FILE_RULES` need no documents that load.
RULES = (
    *files.FILE_RULES,
    *files.GRAPH_RULES,
    *terms.RULES,
    *statements.RULES,
    *semantics.RULES,
    *citations.RULES,
    *words.RULES,
    *chronology.RULES,
    *identity.RULES,
)


def run_checks(context: Context, progress: Callable[[str], None] = lambda _: None) -> tuple[Finding, ...]:
    """Return what the rules find, ordered by file and line; what they have loaded and inferred stays in the context.

    Where the files do not load, only the rules about the files as such are applied.

    :param progress: is told the title of each rule before the rule runs
    :raises MissingFile: when there is no such project
    """
    first = files.FILE_RULES
    findings = list(_run(first, context, progress))
    try:
        context.documents  # noqa: B018  # read here, so that a failure is told once
    except DataError as error:  # perhaps one that none of the rules about files explains
        return ordered(findings or [replace(finding_of(error), rule="loading")])
    return ordered([*findings, *_run((rule for rule in RULES if rule not in first), context, progress)])


def _run(rules: Iterable[Rule], context: Context, progress: Callable[[str], None]) -> Iterator[Finding]:
    for rule in rules:
        progress(rule.title)
        yield from rule.findings(context)
