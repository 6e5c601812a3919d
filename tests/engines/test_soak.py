"""A store that dies every minute behind `kb serve --endpoint`: no answer is lost, none is wrong.

It takes five minutes with two stores and as long with one, or half as many seconds each as ``AMMTC_ENGINE_SOAK`` says.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from benchmarks.answers import Answer, read_answer
from support.commands import run_kb
from support.engines import Engine
from support.servers import KbServe

from engines.soak import Report, quick, soak
from kb.config import Project
from kb.generations.generation import Generation
from kb.sparql.query import evaluate, serialize
from kb.sparql.questions import load_questions

ROOT = Path(__file__).parents[2]

_SECONDS = float(os.environ.get("AMMTC_ENGINE_SOAK", "600")) / 2
_QUICK_SECONDS = 5.0
_PERIOD = min(60.0, _SECONDS / 2)


@pytest.fixture(scope="module")
def questions(project: Project, generation: Generation) -> Mapping[str, Answer]:
    """Text of each competency question -> its answer from the embedded engine."""
    store = generation.store()
    return {
        question.text: read_answer(serialize(evaluate(store, question.text), "json"))
        for question in load_questions(project)
    }


def _replicas(count: int, start_engine: Callable[..., Engine], general: Sequence[str | Path]) -> list[Engine]:
    """Start so many stores and publish the graph to each of them."""
    stores = [start_engine("oxigraph", union=False) for _ in range(count)]
    for store in stores:
        done = run_kb(*general, "publish", store.query_url, cwd=ROOT)
        assert done.returncode == 0, done.stderr
    return stores


@pytest.mark.parametrize("count", [2, 1], ids=["two stores", "one store"])
def test_answers_while_stores_die(
    count: int,
    start_engine: Callable[..., Engine],
    generation: Generation,
    project: Project,
    questions: Mapping[str, Answer],
) -> None:
    general = ["--project", project.root, "--build-dir", generation.folder.parent]
    stores = _replicas(count, start_engine, general)
    endpoints = [option for store in stores for option in ("--endpoint", store.query_url)]
    with KbServe(endpoints, general=general) as server:
        asked = quick(server, questions, _QUICK_SECONDS)
        report = soak(server, stores, asked, _SECONDS, _PERIOD)
        log = server.log_text()
    sys.stdout.write(_summary(count, report))
    assert not report.wrong, report.wrong[:5]
    assert not report.lost, report.lost[:5]
    assert report.deaths
    assert report.unnoticed == 0
    assert all(report.reasons)
    assert max(seconds for _, seconds in report.deaths) < 15
    assert len(asked) == len(questions), [text[:300] for text in questions if text not in asked]
    assert bool(report.later) == (count == 1)
    assert report.answers > _SECONDS
    assert report.pages > _SECONDS / 4
    assert "Traceback" not in log


def _summary(count: int, report: Report) -> str:
    back = ", ".join(f"{seconds:.1f}" for _, seconds in report.deaths)
    return (
        f"\n{count} stores: {report.answers} answers and {report.pages} pages, told to come later "
        f"{dict(report.later)}, {len(report.wrong)} wrong, {len(report.lost)} lost; the slowest "
        f"took {report.slowest:.1f} s\n"
        f"{len(report.deaths)} deaths, in use again after {back} s; {report.looks} looks at the health, "
        f"which said: {'; '.join(sorted(report.reasons))}\n"
    )
