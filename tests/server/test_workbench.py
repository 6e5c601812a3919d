"""What the workbench asks besides queries: terms, examples, names."""

from collections.abc import Sequence
from urllib.parse import urlencode

import pytest
from support.servers import Reply, ServerProcess

from kb.config import Project
from kb.namespaces import PREFIXES
from kb.sparql.questions import load_questions

pytestmark = pytest.mark.xdist_group("server")

_ID = "https://w3id.org/ammtc/id/"


def ask_names(
    server: ServerProcess, content: Sequence[str] | bytes, media_type: str = "application/x-www-form-urlencoded"
) -> Reply:
    body = content if isinstance(content, bytes) else urlencode({"iri": content}, doseq=True).encode()
    return server.request("POST", "/sparql/names", {"Content-Type": media_type}, body)


def test_terms_are_those_of_the_graph(server: ServerProcess) -> None:
    listed = server.get("/sparql/terms.json").json
    terms = {term["name"]: term for term in listed["terms"]}
    assert listed["complete"] is True
    assert listed["prefixes"] == PREFIXES
    meeting = terms["ammtc:MinisterialMeeting"]
    assert (meeting["kind"], meeting["label"], meeting["uses"]) == ("class", "ministerial meeting", 3)
    assert meeting["definition"]
    assert terms["ammtc:atEvent"]["kind"] == "property"
    assert terms["id:melaka"] == {"name": "id:melaka", "label": "Melaka", "kind": "thing"}
    assert not [name for name in terms if name.startswith("source:") and "#" in name]


def test_each_term_can_stand_in_a_query(server: ServerProcess) -> None:
    names = [term["name"] for term in server.get("/sparql/terms.json").json["terms"]]
    reply = server.query(f"SELECT (COUNT(*) AS ?n) {{ VALUES ?term {{ {' '.join(names)} }} }}")
    assert reply.json["results"]["bindings"][0]["n"]["value"] == str(len(names)) != "0"


def test_terms_of_other_data_are_hostile_and_harmless(files: ServerProcess) -> None:
    names = [term["name"] for term in files.get("/sparql/terms.json").json["terms"]]
    assert "<http://example.org/about>" in names
    assert files.query(f"ASK {{ VALUES ?term {{ {' '.join(names)} }} }}").json["boolean"] is True


def test_examples_are_the_competency_questions(server: ServerProcess, project: Project) -> None:
    examples = server.get("/sparql/examples.json").json
    expected = {(question.name, question.title, question.topic, question.text) for question in load_questions(project)}
    assert {(one["name"], one["title"], one["topic"], one["query"]) for one in examples} == expected
    assert [one["topic"] for one in examples] == sorted(one["topic"] for one in examples)


@pytest.mark.parametrize("path", ["/sparql/terms.json", "/sparql/examples.json"])
def test_a_client_that_has_them_gets_nothing_more(server: ServerProcess, path: str) -> None:
    first = server.get(path)
    again = server.get(path, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert first.media_type == "application/json"


def test_names_say_what_to_show(server: ServerProcess) -> None:
    asked = [f"{_ID}melaka", "https://w3id.org/ammtc/source/nst-2025-09-12#p3", "http://example.org/x", "javascript:x"]
    melaka, passage, web, script = (ask_names(server, asked).json[iri] for iri in asked)
    assert melaka == {"text": "Melaka", "href": "/page/id/melaka", "place": True, "within": "Malaysia"}
    assert passage["href"] == "/page/source/nst-2025-09-12#p3"
    assert passage["passage"] is True
    assert (web["href"], web["external"]) == ("http://example.org/x", True)
    assert "href" not in script


def test_names_of_what_cannot_be_named(server: ServerProcess) -> None:
    asked = ["", "no IRI", "<script>", "__proto__", "\x00", "x" * 5000]
    shown = {iri: iri if len(iri) <= 300 else f"{iri[:299]}…" for iri in asked}
    assert ask_names(server, asked).json == {iri: {"text": text, "external": True} for iri, text in shown.items()}


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ([], 200),
        ([f"{_ID}{number}" for number in range(500)], 200),
        ([f"{_ID}{number}" for number in range(501)], 400),
        (b"other=x", 200),
        (b"iri", 200),
        (b"iri=%FF", 400),
        (b"&" * 1000, 400),
        (b" " * 300_000, 413),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_requests_for_names(server: ServerProcess, content: Sequence[str] | bytes, status: int) -> None:
    reply = ask_names(server, content)
    assert reply.status == status
    assert reply.media_type == ("application/json" if status == 200 else "application/problem+json")


@pytest.mark.parametrize("media_type", ["text/plain", "application/json", ""])
def test_names_are_asked_by_a_form(server: ServerProcess, media_type: str) -> None:
    assert ask_names(server, [], media_type).status == 415


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_the_script_is_sent_compressed_and_once(server: ServerProcess, coding: str) -> None:
    path = "/static/workbench/workbench.js"
    whole, small = server.get(path), server.get(path, Accept_Encoding=coding)
    assert small.headers["Content-Encoding"] == coding
    assert len(small.body) < len(whole.body) / 2
    assert len({whole.headers["ETag"], small.headers["ETag"]}) == 2
    for sent, accepted in ((whole, "identity"), (small, coding)):
        again = server.get(path, If_None_Match=sent.headers["ETag"], Accept_Encoding=accepted)
        assert (again.status, again.body) == (304, b"")
