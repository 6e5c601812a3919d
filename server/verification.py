"""`kb verify`: whether a store elsewhere answers as the embedded engine does."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from kb.cli.commands import ExampleCommand
from kb.cli.console import deliver, is_terminal, progress
from kb.cli.session import Session
from kb.cli.tables import text_table
from kb.errors import without_secrets
from kb.generations.generation import Generation
from kb.remote.access import open_client, read_credentials
from kb.remote.profiles import profile_names
from kb.remote.verify import Answer, Kind, Outcome, Report, Trial
from kb.remote.verify import verify as verify_stores
from kb.sparql.questions import load_questions
from server.stored_queries.trials import page_trials

__all__ = ["tables", "trials", "verify"]

_HELP = """Ask a SPARQL 1.1 store what the graph must be able to answer, and compare its rows with those found here.

That is: the competency questions, the queries of the pages, and small cases that engines are known to get wrong. URL is
that of its query endpoint; several are verified one after the other. The exit code is 1 where anything differs for a
cause that is not known of the engine.

The environment says who asks: KB_STORE_USER and KB_STORE_PASSWORD, or KB_STORE_TOKEN.
"""
_KINDS = {Kind.QUESTION: "questions", Kind.PAGE: "queries of pages", Kind.CASE: "cases"}
_WRONG = (Outcome.DIFFERENT, Outcome.NOT_AT_ALL)


@click.command(
    cls=ExampleCommand,
    help=_HELP,
    examples=[
        "kb verify http://localhost:7878/query",
        "kb verify http://localhost:8890/sparql --user publisher --write",
        "kb verify http://localhost:3030/ammtc/query --engine jena --format markdown",
    ],
)
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--engine", type=click.Choice(profile_names()), metavar="NAME", help="What it is, unless it says so.")
@click.option("--update", default="", metavar="URL", help="Its update endpoint, if not the engine's usual one.")
@click.option("--user", default="", metavar="NAME", help="Instead of KB_STORE_USER.")
@click.option(
    "--write", is_flag=True, help="Ask the cases that need data, in a graph of their own that is removed afterwards."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 86400),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="For each question.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["table", "markdown", "json"]),
    metavar="FORMAT",
    help="table, markdown or json. Without: a table on a terminal, Markdown in a pipe.",
)
@click.pass_obj
def verify(  # noqa: PLR0913  one parameter an option
    session: Session,
    *,
    urls: tuple[str, ...],
    engine: str | None,
    update: str,
    user: str,
    write: bool,
    timeout: float,
    format_name: str | None,
) -> int:
    """Verify stores and return the exit code."""
    credentials = read_credentials(user)
    generation = session.generation()
    clients = [
        open_client(url, update=update, engine=engine or "", credentials=credentials, seconds=timeout) for url in urls
    ]
    try:
        with progress("Verifying") as report:
            report("choosing what to ask")
            asked = trials(session, generation)
            reports = verify_stores(clients, generation, asked, writing=write, seconds=timeout, report=report)
    finally:
        for client in clients:
            client.close()
    if format_name == "json":
        deliver(json.dumps([_as_json(each) for each in reports], ensure_ascii=False, indent=2))
    else:
        terminal = is_terminal() if format_name is None else format_name == "table"
        deliver(tables(reports, terminal=terminal))
    return 0 if all(each.is_alike for each in reports) else 1


def trials(session: Session, generation: Generation) -> list[Trial]:
    """Return what stores are asked: the competency questions and the queries of pages."""
    questions = (Trial(Kind.QUESTION, question.name, question.text) for question in load_questions(session.project))
    return [*questions, *page_trials(generation.store())]


def tables(reports: Sequence[Report], *, terminal: bool) -> str:
    """Return what differs at some stores: a table of all, and one for each that differs.

    :param terminal: for a terminal, and not in Markdown
    """
    columns = ["store", *(f"{words} alike" for words in _KINDS.values()), "known differences", "other differences"]
    parts = [text_table(columns, [[*_summary(each)] for each in reports], terminal=terminal)]
    for report in reports:
        told = [answer for answer in report.answers if answer.outcome in _WRONG]
        if report.unlike:
            parts.append(f"{_name(report)}: {report.unlike}\n")
        if told:
            rows = [[answer.trial.name, answer.outcome, answer.cause or answer.words] for answer in told]
            parts += [
                f"{_name(report)}:\n",
                text_table(["asked", "answered", "why, or the first row"], rows, terminal=terminal),
            ]
        if report.changed:
            parts.append(
                f"{_name(report)} has another form of literals: {', '.join(sorted(report.changed.values()))}\n"
            )
    return "\n".join(parts)


def _summary(report: Report) -> Iterator[str]:
    yield report.engine
    for kind in _KINDS:
        asked = report.number(kind) - report.number(kind, Outcome.NOT_ASKED)
        yield f"{report.number(kind, Outcome.ALIKE)} of {asked}" if asked else ""
    known = sum(bool(answer.cause) for answer in report.answers)
    yield str(known)
    yield "it does not hold the generation" if report.unlike else str(len(report.differing))


def _name(report: Report) -> str:
    return f"{report.engine} at {without_secrets(report.url)}"


def _as_json(report: Report) -> Mapping[str, Any]:
    return {
        "url": without_secrets(report.url),
        "engine": report.engine,
        "alike": report.is_alike,
        "unlike": report.unlike or None,
        "literals": [*report.changed.values()],
        "answers": [_answer_as_json(answer) for answer in report.answers],
    }


def _answer_as_json(answer: Answer) -> Mapping[str, Any]:
    return {
        "kind": answer.trial.kind,
        "name": answer.trial.name,
        "outcome": answer.outcome,
        "words": answer.words or None,
        "cause": answer.cause or None,
        "seconds": round(answer.seconds, 3),
    }
