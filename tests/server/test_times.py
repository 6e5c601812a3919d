"""Time on pages: the timeline's order, and no date in JSON-LD that schema.org does not take."""

import csv
import io
import json
import re
from datetime import date, datetime

import pytest
from support.servers import ServerProcess

from kb.generations.generation import Generation
from kb.sparql.query import evaluate, serialize
from server.page_models.sections import Entry, Section, Table
from server.page_models.timeline import months
from server.presentation.nodes import Node
from server.provenance.support import Support, Value
from server.stored_queries.texts import stored_query

_SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
_DATES = {"startDate", "endDate", "datePublished", "dateCreated", "dateModified", "startTime", "endTime"}
#: What has a date, of whatever kind, or is of a class whose pages give dates.
_DATED = """SELECT DISTINCT ?thing {
    { ?thing ?property ?date FILTER (DATATYPE(?date) IN (
        xsd:date, xsd:dateTime, xsd:time, xsd:gYear, xsd:gYearMonth, xsd:gMonth, xsd:gMonthDay, xsd:gDay
    )) } UNION { VALUES ?class { ammtc:Event ammtc:Act ammtc:Source } ?thing a ?class }
    FILTER (ISIRI(?thing) && (STRSTARTS(STR(?thing), STR(id:)) || STRSTARTS(STR(?thing), STR(source:))))
    FILTER (!CONTAINS(STR(?thing), "#"))
}"""


@pytest.mark.xdist_group("server")
def test_each_date_in_json_ld_is_a_date_of_schema_org(server: ServerProcess, generation: Generation) -> None:
    things = serialize(evaluate(generation.store(), _DATED), "csv").decode().split()[1:]
    assert len(things) > 100
    found = []
    for iri in things:
        page = server.get("/page" + iri.removeprefix("https://w3id.org/ammtc"), "text/html")
        assert page.status == 200, iri
        for text in _SCRIPT.findall(page.text):
            content = json.loads(text)
            for name in _DATES & content.keys():
                values = content[name] if isinstance(content[name], list) else [content[name]]
                found += [(iri, value) for value in values]
    assert [pair for pair in found if not is_date(pair[1])] == []
    texts = {iri.rpartition("/")[2]: text for iri, text in found}
    assert texts["asean-summit-47"] == "2025-10"
    assert texts["ammtc-2026"] == "2026"
    assert texts["malaysiakini-2025-06-30"] == "2025-06-30T15:37:00"
    assert "vna-ammtc-19" not in texts


@pytest.mark.parametrize(
    ("name", "about"),
    [
        *(("timeline-events", "event"), ("timeline-acts", "act"), ("expected-events", "event"), ("expected", "act")),
        *(("series-meetings", "meeting"), ("series-acts", "act"), ("place-events", "event"), ("agent-events", "event")),
        *(("meeting-programme", "event"), ("meeting-alongside", "meeting")),
    ],
)
def test_a_list_is_in_the_order_of_time_with_what_has_no_date_at_its_end(
    generation: Generation, name: str, about: str
) -> None:
    store = generation.store()
    pairs = evaluate(store, "SELECT ?thing ?earliest { ?thing ammtc:earliest ?earliest }")
    earliest = dict(line.split(",") for line in serialize(pairs, "csv").decode().split()[1:])
    rows = csv.DictReader(io.StringIO(serialize(evaluate(store, stored_query(name)), "csv").decode()))
    found = [earliest.get(row[about], "~") for row in rows]
    assert len(set(found)) > 1
    assert found == sorted(found)


def is_date(text: str) -> bool:
    """Return whether https://schema.org/Date or https://schema.org/DateTime takes a text, and there is such a time."""
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?", text):
        return False
    try:
        return bool(datetime.fromisoformat(text) if "T" in text else date.fromisoformat(f"{text}-01-01"[:10]))
    except ValueError:
        return False


def test_the_timeline_is_in_the_order_of_time() -> None:
    given = {
        "a year": ("2025", "gYear"),
        "a day": ("2025-09-10", "date"),
        "a minute of that day": ("2025-09-10T09:30:00", "dateTime"),
        "the month": ("2025-09", "gYearMonth"),
        "a month of an unknown year": ("--01", "gMonth"),
        "a day of an unknown year": ("--01-15", "gMonthDay"),
        "the day before": ("2025-09-09", "date"),
        "a word": ("soon", "string"),
    }
    rows = tuple(Entry(((value(name),), (value(text, datatype),))) for name, (text, datatype) in given.items())
    found = months(table(("event", "date"), rows), table(("act",), ()))
    assert [
        (month.words if month else "", [moment.about.node.text for moment in moments]) for month, moments in found
    ] == [
        ("2025", ["a year"]),
        ("September 2025", ["the month", "the day before", "a day", "a minute of that day"]),
        ("soon", ["a word"]),
        ("January, year not stated", ["a day of an unknown year", "a month of an unknown year"]),
    ]


def test_of_several_dates_the_most_exact_counts() -> None:
    dates = (
        value("--09", "gMonth"),
        value("2025", "gYear"),
        value("2025-09-10", "date"),
        value("2025-09", "gYearMonth"),
    )
    ((month, (moment,)),) = months(table(("event", "date"), (Entry(((value("event"),), dates)),)), table(("act",), ()))
    assert month == Node("2025-09", datatype="xsd:gYearMonth")
    assert moment.first == dates[2]


def value(text: str, datatype: str = "") -> Value:
    return Value(Node(text, datatype=f"xsd:{datatype}") if datatype else Node(text, iri=f"x:{text}"), Support())


def table(columns: tuple[str, ...], rows: tuple[Entry, ...]) -> Table:
    return Table(Section("timeline-events", "Events"), columns, rows, len(rows), 1, 1, "")
