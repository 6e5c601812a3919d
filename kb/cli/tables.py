"""Tables for people: results with labels instead of IRIs, and the size of a generation."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import Literal, NamedNode, QuerySolutions, Triple
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kb.generations.generation import Generation
from kb.namespaces import DISCOVERY, INFERRED, PREFIXES
from kb.rdf.terms import Term
from kb.sparql.labels import display
from kb.sparql.query import engine_errors

__all__ = ["result_table", "size_table", "text_table"]

_NUMBERS = frozenset(
    f"{PREFIXES['xsd']}{name}"
    for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger", "positiveInteger")
)
_KINDS = {"act_reports": "reports of acts", "passages": "passages cited", "derived": "derived statements"}
_DEEPEST = 4  # triple terms in each other whose parts are shown
_WIDE = 100_000  # columns: a table that no terminal shows is never folded


def result_table(rows: QuerySolutions, label_of: Mapping[str, str], *, terminal: bool) -> str:
    """Return the rows of a result, one per line, under the names of the variables.

    Columns of numbers are right-aligned. A table for a terminal folds to its width and links IRIs; another one is
    Markdown.

    :param label_of: IRI -> label
    """
    with engine_errors():
        solutions = [tuple(row) for row in rows]
    caption = "1 row" if len(solutions) == 1 else f"{len(solutions):,} rows"
    table = Table(box=box.ROUNDED if terminal else box.MARKDOWN, caption=caption if terminal else None)
    for index, variable in enumerate(rows.variables):
        numeric = bool(solutions) and all(_is_number(row[index]) for row in solutions)
        table.add_column(variable.value, justify="right" if numeric else "left", overflow="fold")
    for row in solutions:
        table.add_row(*(_cell(term, label_of, terminal=terminal) for term in row))
    return _drawn(table, terminal=terminal)


def size_table(generation: Generation, *, terminal: bool) -> str:
    """Return what a generation holds: statements a source, things a kind, triples."""
    manifest = generation.manifest
    table = Table(box=box.ROUNDED if terminal else box.MARKDOWN)
    table.add_column("")
    table.add_column("number", justify="right")
    for iri in manifest.sources:
        table.add_row(f"statements of {iri.rpartition('/')[2]}", f"{manifest.statements.get(iri, 0):,}")
    _separate(table, terminal=terminal)
    for kind, number in manifest.things.items():
        table.add_row(_KINDS.get(kind, kind), f"{number:,}")
    _separate(table, terminal=terminal)
    sizes = manifest.sizes
    inferred, discovery = (sizes.named_graphs.get(iri, 0) for iri in (INFERRED, DISCOVERY))
    table.add_row("asserted triples", f"{sizes.default_graph - manifest.reification - inferred - discovery:,}")
    table.add_row("inferred triples", f"{inferred:,}")
    table.add_row("triples for discovery", f"{discovery:,}")
    return _drawn(table, terminal=terminal)


def text_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, terminal: bool) -> str:
    """Return rows of texts under the names of the columns."""
    table = Table(*columns, box=box.ROUNDED if terminal else box.MARKDOWN)
    for row in rows:
        table.add_row(*(Text(_printable(text if terminal else text.replace("|", "\\|"))) for text in row))
    return _drawn(table, terminal=terminal)


def _separate(table: Table, *, terminal: bool) -> None:
    if terminal:  # Markdown has no line inside a table
        table.add_section()


def _is_number(term: Term | None) -> bool:
    return term is None or (isinstance(term, Literal) and term.datatype.value in _NUMBERS)


def _cell(term: Term | None, label_of: Mapping[str, str], *, terminal: bool, depth: int = 0) -> Text:
    if isinstance(term, NamedNode):
        text = Text(_printable(display(term.value, label_of)))
        if terminal and term.value.startswith(("http://", "https://")):
            text.stylize(f"link {term.value}")
        return text
    if isinstance(term, Literal):
        return Text(_printable(term.value if terminal else " ".join(term.value.split()).replace("|", "\\|")))
    if isinstance(term, Triple):
        if depth == _DEEPEST:
            return Text("…")
        parts = Text(" ").join(_cell(part, label_of, terminal=terminal, depth=depth + 1) for part in term)
        return Text.assemble("<<( ", parts, " )>>")
    return Text("" if term is None else _printable(str(term)))


def _printable(text: str) -> str:
    """Return the text without the control characters that would command the terminal."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(letter) == "Cc" and letter not in "\n\t" else letter
        for letter in text
    )


def _drawn(table: Table, *, terminal: bool) -> str:
    console = Console(force_terminal=terminal, width=None if terminal else _WIDE)
    with console.capture() as capture:
        console.print(table)
    lines = (line.rstrip() for line in capture.get().split("\n"))  # Markdown has no lines above and below
    return "".join(f"{line}\n" for line in lines if line)
