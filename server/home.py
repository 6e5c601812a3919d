"""The way in: the home page, search, and the ready questions with their answers."""

from flask import Blueprint, Response, render_template, request

from kb.errors import UnknownName
from kb.namespaces import BASE
from kb.questions import Question
from server.formats import PAGE
from server.messages import Answer, Task
from server.site import Site, current_site
from server.tables import table_of

__all__ = ["blueprint"]

blueprint = Blueprint("home", __name__)

#: What readers come for stands first; topics that are not named here follow by name.
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
_PAGE_BYTES = 4 * 1024 * 1024


@blueprint.get("/")
def home() -> Response:
    """Say what this is, offer search and the ready questions."""
    site = current_site()
    manifest = site.generation.manifest
    sources = [site.nodes.of_iri(iri) for iri in manifest.sources]
    return _page("home.html", manifest=manifest, sources=sources, topics=_by_topic(site))


@blueprint.get("/search")
def search() -> Response:
    """Show the things and the questions whose names fit."""
    site = current_site()
    query = request.args.get("q", "").strip()
    hits = site.search.find(query, _MOST_HITS) if query else []
    questions = [site.questions[hit.key] for hit in hits if hit.key in site.questions]
    reader = site.reader()
    things = [
        (site.nodes.of_iri(hit.key), hit.text, reader.description(hit.key).types[:1])
        for hit in hits
        if hit.key not in site.questions
    ]
    return _page("search.html", query=query, questions=questions, things=things)


@blueprint.get("/question/<name>")
def question(name: str) -> Response:
    """Show a ready question with its answer and its query."""
    site = current_site()
    if name not in site.questions:
        raise UnknownName("question", name)
    found = site.questions[name]
    return _page("question.html", question=found, table=table_of(_answer(site, found), site.nodes))


def _answer(site: Site, found: Question) -> Answer:
    kinds = dict.fromkeys(("rows", "boolean", "graph"), PAGE)
    return site.run(Task(found.text, BASE, kinds, site.config.limits.page_rows, _PAGE_BYTES))


def _by_topic(site: Site) -> dict[str, list[Question]]:
    topics: dict[str, list[Question]] = {topic: [] for topic in _TOPICS}
    for found in sorted(site.questions.values(), key=lambda question: question.topic):
        topics.setdefault(found.topic, []).append(found)
    return {topic: questions for topic, questions in topics.items() if questions}


def _page(template: str, **values: object) -> Response:
    return Response(render_template(template, **values), content_type="text/html; charset=utf-8")
