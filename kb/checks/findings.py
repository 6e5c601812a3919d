"""Findings: what a check found, where, and what to do about it; as text, JSON and GitHub annotations."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Literal as OneOf

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL
from rdflib.term import Node

from kb.errors import UnknownName
from kb.namespaces import PREFIXES, shorten
from kb.rdf.convert import Triple

__all__ = ["FORMATS", "Finding", "Severity", "locate", "node_text", "ordered", "owner", "render", "statement_text"]

Severity = OneOf["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or might be.

    :param file: the file to correct, or None where it is no single one
    :param focus: the thing that it is about, or None where it is the whole file
    :param message: what is wrong, one sentence without a full stop
    :param remedy: what to do, one sentence without a full stop
    :param line: line in the file, counted from 1, or None
    :param severity: an error fails the check, a warning does not
    :param rule: identifier of the rule that found it, for example ``"declared-terms"``
    """

    file: Path | None
    focus: Node | None
    message: str
    remedy: str
    line: int | None = None
    severity: Severity = "error"
    rule: str = ""

    @property
    def name(self) -> str | None:
        """The CURIE or IRI of the focus, if it has one."""
        return shorten(str(self.focus)) if isinstance(self.focus, URIRef) else None


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings without repetitions: by file, line, rule, focus and message."""
    return tuple(
        sorted(set(findings), key=lambda f: (str(f.file or ""), f.line or 0, f.rule, f.name or "", f.message, f.remedy))
    )


def render(findings: Sequence[Finding], form: str, root: Path | None = None) -> str:
    """Write findings in one of the `FORMATS`, each line ended with a line feed.

    - ``text``: by file, at most three lines per finding, and the counts at the end;
    - ``json``: an array of objects with the attributes of `Finding`, null for None; the focus is its CURIE or IRI;
    - ``github``: a workflow command per finding
      (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).

    :param root: folder to which the paths are written relative, with ``/``; None leaves them as they are
    :raises UnknownName: when there is no such format
    """
    if form not in FORMATS:
        raise UnknownName("format of findings", form, sorted(FORMATS))
    return FORMATS[form]([_relative(finding, root) for finding in ordered(findings)])


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


def statement_text(statement: Triple) -> str:
    """Return a statement for a message: its IRIs as CURIEs, literals in quotation marks."""
    return " ".join(map(node_text, statement))


def node_text(node: Node) -> str:
    """Return a node for a message: an IRI as CURIE, a literal in quotation marks."""
    return f'"{node}"' if isinstance(node, Literal) else shorten(str(node))


def locate(path: Path, focus: str) -> int | None:
    """Return the line, counted from 1, at which a subject's block starts in a file of canonical Turtle.

    Blocks start in the first column. None where the file has no such block, or cannot be read.

    :param focus: the subject's IRI, absolute
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    declared = (match for match in map(_PREFIX_LINE.fullmatch, lines) if match)
    prefixes = {match["prefix"]: match["namespace"] for match in declared} or PREFIXES
    names = {f"<{focus}>", *(f"{p}:{focus[len(n) :]}" for p, n in prefixes.items() if focus.startswith(n))}
    return next((number for number, line in enumerate(lines, 1) if line.split(" ", 1)[0] in names), None)


#: `@prefix` in canonical Turtle (https://www.w3.org/TR/turtle/#grammar-production-prefixID).
_PREFIX_LINE = re.compile(r"@prefix (?P<prefix>[^:]*): <(?P<namespace>[^>]*)> \.")


def _relative(finding: Finding, root: Path | None) -> Finding:
    if finding.file is None or root is None or not finding.file.is_relative_to(root):
        return finding
    return replace(finding, file=finding.file.relative_to(root))


def _text(findings: Sequence[Finding]) -> str:
    blocks = [
        f"{file.as_posix() if file else 'the graph as a whole'}\n" + "".join(map(_text_of_one, group))
        for file, group in groupby(findings, key=lambda finding: finding.file)
    ]
    numbers = Counter(finding.severity for finding in findings)
    errors, warnings = numbers["error"], numbers["warning"]
    counts = f"{errors} error{'s'[: errors != 1]}, {warnings} warning{'s'[: warnings != 1]}\n"
    return "\n".join([*blocks, counts])


def _text_of_one(finding: Finding) -> str:
    line = "" if finding.line is None else f", line {finding.line}"
    focus = f": {finding.name}" if finding.name else ""
    sentences = "".join(f"    {' '.join(sentence.split())}.\n" for sentence in (finding.message, finding.remedy))
    return f"  {finding.severity} {finding.rule}{line}{focus}\n{sentences}"


def _json(findings: Sequence[Finding]) -> str:
    keys = ("rule", "severity", "file", "focus", "message", "remedy", "line")
    rows = [(f.rule, f.severity, f.file and f.file.as_posix(), f.name, f.message, f.remedy, f.line) for f in findings]
    records = [dict(zip(keys, row, strict=True)) for row in rows]
    return f"{json.dumps(records, indent=2, ensure_ascii=False)}\n"


def _github(finding: Finding) -> str:
    file = finding.file and finding.file.as_posix()
    given = {"file": file, "line": finding.line, "title": finding.rule}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in given.items() if value is not None)
    focus = f"{finding.name}: " if finding.name else ""
    return f"::{finding.severity} {properties}::{_data(f'{focus}{finding.message}. {finding.remedy}.')}\n"


def _data(text: str) -> str:
    """Escape a command's message (escapeData of https://github.com/actions/toolkit, packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a command's property (escapeProperty of the same file)."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


#: Format -> the function that writes the findings, which are in order.
FORMATS: dict[str, Callable[[Sequence[Finding]], str]] = {
    "text": _text,
    "json": _json,
    "github": lambda findings: "".join(map(_github, findings)),
}
