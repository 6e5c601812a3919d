"""`kb terms`: the term sheet, which kinds of things there are and what is written of each."""

import json
from collections.abc import Iterator

import click
from rdflib import Literal
from rdflib.namespace import XSD
from rdflib.term import Node

from kb.cli.commands import ExampleCommand
from kb.cli.console import deliver, is_terminal
from kb.cli.session import Session
from kb.cli.tables import text_table
from kb.files.templates import template
from kb.files.term_sheet import Kind, Property, TermSheet, load_term_sheet
from kb.namespaces import SOURCE, is_passage, shorten
from kb.rdf.convert import empty_graph

__all__ = ["terms"]

_COLUMNS = ("", "property", "name", "value", "how many", "need", "example")


@click.command(cls=ExampleCommand, examples=["kb terms", "kb terms meeting", "kb terms ammtc:ActReport --format json"])
@click.argument("kind", nargs=-1, metavar="[KIND]")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def terms(session: Session, *, kind: tuple[str, ...], form: str) -> None:
    """List the kinds of things; of one, by its label, class or shape, what is written, and a template in Turtle.

    A property is needed, one of a set of which one is needed, usual (half of the things have it) or given if a source
    says it. A name and a type that several sources share belong in entities.ttl, what a source says in its own file.
    """
    sheet = load_term_sheet(session.project)
    if not kind:
        deliver(_json(list(map(_summary, sheet.kinds))) if form == "json" else _list(sheet))
        return
    found = sheet.find(" ".join(kind))
    deliver(_json(_details(sheet, found)) if form == "json" else "".join(_sheet(sheet, found, terminal=is_terminal())))


def _list(sheet: TermSheet) -> str:
    rows = [(kind.label, shorten(kind.iri), kind.comment) for kind in sheet.kinds]
    return text_table(("kind", "class", "what it is"), rows, terminal=is_terminal())


def _sheet(sheet: TermSheet, kind: Kind, *, terminal: bool) -> Iterator[str]:
    example = f" Example: {shorten(str(kind.example))}." if kind.example else ""
    yield f"{kind.label} ({shorten(kind.iri)}): {kind.comment}{example}\n\n"
    yield text_table(_COLUMNS, map(_row, sheet.properties(kind)), terminal=terminal)
    if demands := sheet.demands(kind):
        yield "\nWhat else is checked:\n\n" + "".join(f"* {demand}\n" for demand in demands)
    text = template(sheet, kind)
    yield f"\nTemplate:\n\n{text}" if terminal else f"\nTemplate:\n\n```turtle\n{text}```\n"


def _row(part: Property) -> tuple[str, ...]:
    return (
        part.group,
        _path(part),
        part.name,
        part.value,
        part.number,
        part.need,
        ", ".join(map(_turtle, part.examples)),
    )


def _summary(kind: Kind) -> dict[str, str | None]:
    example = None if kind.example is None else shorten(str(kind.example))
    return {"kind": kind.label, "class": shorten(kind.iri), "comment": kind.comment, "example": example}


def _details(sheet: TermSheet, kind: Kind) -> dict[str, object]:
    properties = [
        {
            "group": part.group,
            "property": _path(part),
            "name": part.name,
            "description": part.description,
            "value": part.value,
            "least": part.least,
            "most": part.most,
            "need": part.need,
            "users": part.users,
            "examples": [_turtle(example) for example in part.examples],
            "message": part.message,
        }
        for part in sheet.properties(kind)
    ]
    return {
        **_summary(kind),
        "things": len(sheet.things(kind)),
        "properties": properties,
        "demands": sheet.demands(kind),
        "template": template(sheet, kind),
    }


def _path(part: Property) -> str:
    return f"{'^' if part.inverse else ''}{shorten(part.path)}"


def _turtle(term: Node) -> str:
    """Return a term as one writes it in Turtle; a passage has its document as prefix."""
    if isinstance(term, Literal):
        return str(term) if term.datatype == XSD.integer else term.n3(_NAMES)
    iri = str(term)
    return iri.removeprefix(SOURCE).replace("#", ":") if is_passage(iri) else shorten(iri)


_NAMES = empty_graph().namespace_manager


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)
