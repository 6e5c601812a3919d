"""What ordinary facts mean by the rules: the cases in consistency/, which `protege.test_meaning` puts to HermiT."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from pyoxigraph import Quad
from support.meaning import CASES, load_case, terminology

from kb.config import Project
from kb.rdf.convert import to_graph
from kb.reasoning.infer import infer


@pytest.fixture(scope="module")
def terms(project: Project) -> Sequence[Quad]:
    return terminology(project)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_facts_fit_together_and_mean_what_they_say(path: Path, terms: Sequence[Quad]) -> None:
    case = load_case(path)
    inference = infer([*terms, *(Quad(*statement) for statement in case.premises)])
    assert [inconsistency.message for inconsistency in inference.inconsistencies] == []
    known = set(inference.inferred) | set(to_graph(case.premises))
    assert [statement for statement in to_graph(case.follows) if statement not in known] == []
    assert [statement for statement in to_graph(case.does_not_follow) if statement in known] == []


def test_no_case_asks_for_what_it_states() -> None:
    for path in CASES:
        case = load_case(path)
        assert not set(case.premises) & {*case.follows, *case.does_not_follow}, path.stem


def test_each_case_says_what_it_shows() -> None:
    titles = [load_case(path).title for path in CASES]
    assert [title for title in titles if not (title[:1].isupper() and title.endswith("."))] == []
    assert len(set(titles)) == len(CASES) >= 55
