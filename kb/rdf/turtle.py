"""Turtle files: read unchanged, and written in one canonical form.

The canonical form has one predicate and one object per line, so that a new statement adds a line and no more:

- the prefixes in use, in the order of `kb.namespaces.PREFIXES`, then one for the passages of each source document;
- the ontology header, then the other subjects by IRI, each followed by the axioms (`owl:Axiom`) that annotate it;
- in a block the types first, then the predicates by IRI; IRIs before literals before blank nodes;
- nested blank nodes ordered by their content; labels, by content too, only for shared and cyclic ones.

Files are read with pyoxigraph: rdflib rewrites literals while it parses (``"01"^^xsd:integer`` becomes ``1``) unless
a switch of the whole process is set, resolves relative IRIs against the working directory, and accepts IRIs that no
other tool does. It also takes nearly twice as long (20,000 statements: 0.56 s against 0.34 s).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyoxigraph
from pyoxigraph import RdfFormat, Triple
from rdflib import Graph

from kb.atomic import read_bytes, write_text
from kb.errors import RdfSyntaxError, UsageError
from kb.namespaces import PREFIXES
from kb.rdf.canonical import write_statements
from kb.rdf.comments import annotated
from kb.rdf.comments import comments as find_comments
from kb.rdf.convert import to_graph, to_statements
from kb.rdf.reading import line_of_object, remedy_of, without_mark
from kb.rdf.terms import Rdf11Statement, Rdf11Term, written

__all__ = ["Change", "format_files", "is_canonical", "parse", "parse_statements", "serialize"]

#: Namespaces that nobody misses: the project's own and common ones, and the one that every XML document has.
_KNOWN = {*PREFIXES.values(), "http://www.w3.org/XML/1998/namespace"}
_OF_COMMENTS = (
    "Keep them as rdfs:comment of what they stand at by --comments annotate, or let them go by --comments drop"
)
_SHOWN = 5


@dataclass(frozen=True)
class Change:
    """What the canonical form changes in a file.

    :param text: the canonical text
    :param comments: lines of the comments that it does not have
    :param prefixes: prefixes that nothing in it uses, or that a file of the project does not have; none of them stands
        for one of the project's namespaces
    """

    path: Path
    text: str
    comments: tuple[int, ...]
    prefixes: tuple[str, ...]

    @property
    def comments_in_words(self) -> str:
        """How many comments are lost, and where they stand."""
        shown = ", ".join(map(str, self.comments[:_SHOWN])) + (", …" if len(self.comments) > _SHOWN else "")
        number = len(self.comments)
        return f"{number} {'line' if number == 1 else 'lines'} of comments ({shown})"


def parse(path: Path) -> Graph:
    """Read a Turtle file (https://www.w3.org/TR/turtle/) into a graph in memory.

    Literals keep their lexical form. Language tags are in lower case. Blank nodes of two files never have the same
    label.

    :raises MissingFile: when the file cannot be read
    :raises RdfSyntaxError: with the line, when it is not Turtle or has relative IRIs
    """
    return to_graph(parse_statements(read_bytes(path), path))


def parse_statements(content: bytes, path: Path) -> set[Rdf11Statement]:
    """Return the statements of a Turtle document, as `parse` reads them.

    :param path: its name, for the error message
    :raises RdfSyntaxError: with the line, when it is not Turtle or has relative IRIs
    """
    return _parse(content, path)[0]


def serialize(graph: Graph) -> str:
    """Write a graph in the canonical form: the same text for isomorphic graphs, and the same graph when read again.

    :raises DataError: when RDF 1.1 has no such term, for example an IRI with a space
    """
    return write_statements(set(to_statements(graph)))


def is_canonical(path: Path) -> bool:
    """Return whether a file is byte for byte what `serialize` writes for its graph. Comments are not canonical.

    :raises MissingFile: when the file cannot be read
    :raises RdfSyntaxError: when it is not Turtle
    """
    content = read_bytes(path)
    return write_statements(parse_statements(content, path)).encode() == content


def format_files(
    paths: Iterable[Path],
    *,
    check: bool = False,
    comments: Literal["refuse", "drop", "annotate"] = "refuse",
    ours: Collection[Path] = (),
) -> list[Change]:
    """Bring Turtle files into the canonical form and return what changed; with ``check`` only return it.

    Nothing is written if any of the files cannot be read or is not Turtle.

    :param paths: files named ``*.ttl``, and folders, which stand for all such files inside
    :param comments: what becomes of comments, which the canonical form does not have: a file with some is refused, or
        they are dropped, or become annotations, see `kb.rdf.comments`. Those that the OWL API writes are always dropped
    :param ours: files that have the project's prefixes only; others keep their own that are in use
    :raises UsageError: when a file has another name, or comments that are to be neither dropped nor kept
    :raises MissingFile: when a file cannot be read
    :raises RdfSyntaxError: when a file is not Turtle
    :raises UnwritablePath: when a file cannot be replaced; those before it are written
    """
    changes: list[Change] = []
    resolved = {path.resolve() for path in ours}
    for path in dict.fromkeys(file for named in paths for file in _turtle_files(named)):
        change = _formatted(path, annotate=comments == "annotate", is_ours=path.resolve() in resolved)
        if change is not None:
            changes.append(change)
    if comments == "refuse" and not check and (lossy := [change for change in changes if change.comments]):
        losses = "; ".join(f"{change.path}: would lose {change.comments_in_words}" for change in lossy)
        raise UsageError(losses, _OF_COMMENTS)
    for change in () if check else changes:
        write_text(change.path, change.text)
    return changes


def _formatted(path: Path, *, annotate: bool, is_ours: bool) -> Change | None:
    """Return what changes in a file, or None where it is canonical."""
    content = read_bytes(path)
    statements, declared = _parse(content, path)
    text = without_mark(content, path).decode()
    found = find_comments(text)
    if annotate and found:
        statements, _ = _parse(annotated(text).encode(), path)
        found = []
    canonical = write_statements(statements, None if is_ours else declared)
    if canonical.encode() == content:
        return None
    kept = {namespace for _, namespace in re.findall(r"^@prefix (\S*): <(.*)> \.$", canonical, re.MULTILINE)}
    lost = [prefix for prefix, namespace in declared.items() if namespace not in kept and namespace not in _KNOWN]
    lines = tuple(line for comment in found for line in comment.lines)
    return Change(path, canonical, lines, tuple(sorted(lost)))


def _turtle_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.rglob("*.ttl"))
    if path.suffix != ".ttl":
        raise UsageError(f"{path}: only Turtle files have a canonical form", "Name files that end in .ttl, or folders")
    return [path]


def _parse(content: bytes, path: Path) -> tuple[set[Rdf11Statement], dict[str, str]]:
    """Return the statements of a Turtle document, and its prefixes."""
    try:
        quads = pyoxigraph.parse(
            without_mark(content, path), RdfFormat.TURTLE, without_named_graphs=True, rename_blank_nodes=True
        )
        statements = {(quad.subject, quad.predicate, _rdf_1_1(quad.object, path)) for quad in quads}
    except SyntaxError as error:
        raise RdfSyntaxError(path, _detail(error), error.lineno, remedy_of(error.msg)) from error
    return statements, dict(quads.prefixes)


def _detail(error: SyntaxError) -> str:
    """Return the message without the line, which `RdfSyntaxError` states itself."""
    message = error.msg.partition(": ")[2] if error.msg.startswith("Parser error ") else error.msg
    return f"column {error.offset}: {message}" if error.offset else message


def _rdf_1_1(term: Rdf11Term | Triple, path: Path) -> Rdf11Term:
    if isinstance(term, Triple):
        raise RdfSyntaxError(path, f"the triple term {written(term)} is not RDF 1.1", line_of_object(path, term))
    if isinstance(term, pyoxigraph.Literal) and term.direction is not None:
        raise RdfSyntaxError(path, f"the base direction of {term} is not RDF 1.1", line_of_object(path, term))
    return term
