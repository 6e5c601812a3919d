"""The home page, search with suggestions, and the ready questions with their answers."""

import json
from collections.abc import Iterator

from flask import Blueprint, Response, request

from kb.namespaces import BASE
from kb.rdf.formats import RESULT_FORMATS
from kb.sparql.labels import cut
from kb.sparql.objects import objects
from kb.sparql.questions import Question
from kb.sparql.scan import Scanned
from server.citables import citable_result
from server.dataset.schema_org import as_dataset
from server.evaluation.messages import QueryTask
from server.openapi.documented import QUERY_PROBLEMS, TEXT, Json, documented, in_path, in_query
from server.page_models.sections import Section, read_section
from server.pages.rendering import classes_of, render, simple_metadata
from server.presentation.search import Hit
from server.presentation.tables import table_of
from server.problems import unknown_name
from server.representations.formats import PAGE
from server.site import Site, current_site

__all__ = ["blueprint"]

blueprint = Blueprint("home", __name__)

#: What readers come for stands first; other topics follow by name.
_TOPICS = (
    "Proposals",
    "Instruments",
    "Meetings",
    "Consultations",
    "People",
    "States and bodies",
    "Time",
    "Comparison",
    "Unknown",
    "Statements",
)
_MOST_HITS = 60
_MOST_SUGGESTIONS = 8
_MOST_CLASSES = 30
_FIRST_ROWS = 8
_LONGEST_DESCRIPTION = 280
_MEETINGS = Section("largest-meetings", "The two big meetings")
_ADOPTED = Section("adopted", "Adopted, approved, endorsed or released")
_EXPECTED = Section("expected", "Expected, and not reported as done")
_SUGGESTIONS: Json = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["text", "kind", "address"],
        "properties": dict.fromkeys(("text", "also", "kind", "address"), TEXT),
    },
}


@blueprint.get("/")
def home() -> Response:
    """Say what this is; offer search, the two big meetings, what was adopted and what is expected, ready questions."""
    site = current_site()
    manifest = site.generation.manifest
    look_up = site.look_up()
    page = simple_metadata(
        site.about.name.value,
        _described(site),
        "/",
        "Dataset",
        **as_dataset(
            site.addresses.public(request.host_url),
            site.generation,
            site.about,
            site.labels,
            [kind.title for kind, _ in site.classes.kinds] if site.about.built else (),
        ),
    )
    return render(
        "home.html",
        look_up,
        manifest=manifest,
        sources=site.evidence.sources or [site.nodes.of_iri(iri) for iri in manifest.sources],
        meetings=read_section(look_up, site.provenance, _MEETINGS),
        adopted=read_section(look_up, site.provenance, _ADOPTED, rows=_FIRST_ROWS),
        expected=read_section(look_up, site.provenance, _EXPECTED, rows=_FIRST_ROWS),
        topics=_by_topic(site),
        kinds=site.classes.kinds,
        classes=[(site.nodes.of_iri(iri), size) for iri, size in site.classes.sizes[:_MOST_CLASSES]],
        page_metadata=page,
    )


@blueprint.get("/search")
@documented(in_query("q", TEXT, "Words of names, in any case and without diacritics."))
def search() -> Response:
    """Show the things and the questions whose names match."""
    site = current_site()
    query = request.args.get("q", "").strip()
    hits = site.search.find(query, _MOST_HITS) if query else []
    questions = [site.questions[hit.key] for hit in hits if hit.key in site.questions]
    things = [
        (site.nodes.of_iri(hit.key), hit.text, classes_of(site, hit.key)[:1])
        for hit in hits
        if hit.key not in site.questions
    ]
    page = simple_metadata("Search", "Search the names of things.", "/search")
    return render("search.html", query=query, questions=questions, things=things, page_metadata=page)


@blueprint.get("/suggest")
@documented(
    in_query("q", TEXT, "The beginning of a name, in any case and without diacritics."),
    content={"application/json": {"schema": _SUGGESTIONS}},
)
def suggest() -> Response:
    """Return what the beginning of a name may mean: a JSON array of objects with text, kind and address."""
    site = current_site()
    hits = site.search.find(request.args.get("q", ""), _MOST_SUGGESTIONS, typing=True)
    return Response(json.dumps(list(_suggested(site, hits))), content_type="application/json")


@blueprint.get("/question/<name>")
@documented(
    in_path("name", "Name of the question.", lambda site, _word: site.questions, closed=True), problems=QUERY_PROBLEMS
)
def question(name: str) -> Response:
    """Show a ready question with its answer and its query."""
    site = current_site()
    if name not in site.questions:
        raise unknown_name("question", name, site.questions)
    found = site.questions[name]
    page = simple_metadata(found.title, found.note or "A ready question, answered with its sources.", request.path)
    limits = site.config.limits
    answer = site.run(QueryTask(found.text, BASE, PAGE, PAGE, limits.page_rows, limits.page_bytes))
    table = table_of(answer, site.nodes, objects(Scanned(found.text), BASE), site.addresses)
    return render(
        "question.html",
        question=found,
        table=table,
        downloads=RESULT_FORMATS,
        citable=citable_result(site, found.text, site.addresses.endpoint(request.host_url)),
        page_metadata=page,
    )


def _described(site: Site) -> str:
    """Return what the data are about or, where they do not say it, how much there is."""
    if site.about.description is not None:
        return cut(site.about.description.value, _LONGEST_DESCRIPTION)
    return f"{site.statistics.usage.total.triples:,} statements to read and to query."


def _by_topic(site: Site) -> dict[str, list[Question]]:
    topics: dict[str, list[Question]] = {topic: [] for topic in _TOPICS}
    for found in sorted(site.questions.values(), key=lambda question: question.topic):
        topics.setdefault(found.topic, []).append(found)
    return {topic: questions for topic, questions in topics.items() if questions}


def _suggested(site: Site, hits: list[Hit]) -> Iterator[dict[str, str]]:
    for hit in hits:
        question = site.questions.get(hit.key)
        if question:
            yield {"text": question.title, "kind": "question", "address": site.addresses.link(f"/question/{hit.key}")}
            continue
        node = site.nodes.of_iri(hit.key)
        kind = next((site.nodes.of_iri(told).text for _, told in site.classes.told_by(hit.key)), "")
        if node.href and not node.external:
            also = hit.text if hit.text != node.text else ""
            yield {"text": node.text, "also": also, "kind": kind, "address": node.href}
