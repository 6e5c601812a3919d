"""The W3C test suites for SPARQL 1.2, 1.1 and 1.0, queries and result formats, over HTTP against `kb serve --data`.

The suites are not part of the project: clone https://github.com/w3c/rdf-tests and name its folder in AMMTC_W3C. The
endpoint is read-only: tests of updates are left out, but those in the suite for 1.2 are sent, and must be refused.
Those of SERVICE, which it refuses, stand in other suites.

A server a dataset, of which there are 193, would take minutes. Therefore one server has every data file as a named
graph, and a test's dataset is chosen by ``default-graph-uri`` and ``named-graph-uri``, which the protocol has for this;
a query that names its dataset in FROM clauses is sent without them, and so is one whose dataset is empty. What that
leaves open, a file of the suite loaded as it is into the default graph and queried without parameters, is tested with
the files that most tests use, a server for each: two of them, or eight in a thorough run; and with all files that hold
named graphs themselves. Relative IRIs of data and named graphs resolve against the file's own address, and so do those
of a query, by a BASE before it: over HTTP they would resolve against the endpoint's.

What fails is listed in ``expected-failures.csv``, with whose it is:

- ``engine``: pyoxigraph deviates from the recommendation, or from the draft of SPARQL 1.2
- ``suite``: the test asks for more than the recommendation

A listed test fails when it passes, so that the list cannot outlive a better engine. It also fails when pyoxigraph by
itself passes it, in process and without anything of this project: what is ours is mended, not listed.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from support.examples import is_thorough

from w3c import suite
from w3c.expected import LISTED
from w3c.judging import failure
from w3c.suite import Case
from w3c.systems import Endpoint, Engine, Refused

_FOLDER = suite.folder()
_ALL = tuple(suite.cases(_FOLDER))
_CASES = tuple(case for case in _ALL if not case.is_update)
_UPDATES = tuple(case for case in _ALL if case.is_update)
#: A file that this number of tests use is served alone; in a run that is not thorough, the first of them only.
_OFTEN = 10
_FIRST = 2


def _used_often() -> dict[Path, list[Case]]:
    """Return the files that by themselves are the dataset of many tests, with these tests."""
    plain = [case for case in _CASES if case.result and case.data == (case.default,)]
    counts = Counter(case.default for case in plain)
    often = [path for path, count in counts.most_common() if path and count >= _OFTEN]
    often = often if is_thorough() else often[:_FIRST]
    return {path: [case for case in plain if case.default == path] for path in often}


_ALONE = _used_often()
_DATASETS = tuple(case for case in _CASES if case.has_dataset_file)
_CHOSEN = tuple(case for case in _CASES if not case.has_dataset_file)


@pytest.fixture(scope="session")
def cases() -> tuple[Case, ...]:
    """The tests whose data are graphs."""
    return _CHOSEN


def test_every_test_is_collected() -> None:
    kinds = Counter((case.suite, case.kind) for case in _ALL)
    assert kinds == {
        ("sparql11", "QueryEvaluationTest"): 232,
        ("sparql11", "CSVResultFormatTest"): 3,
        ("sparql11", "PositiveSyntaxTest11"): 63,
        ("sparql11", "NegativeSyntaxTest11"): 40,
        ("sparql12", "QueryEvaluationTest"): 63,
        ("sparql12", "PositiveSyntaxTest"): 102,
        ("sparql12", "NegativeSyntaxTest"): 81,
        ("sparql12", "PositiveUpdateSyntaxTest"): 18,
        ("sparql12", "NegativeUpdateSyntaxTest"): 2,
        ("sparql12", "UpdateEvaluationTest"): 3,
        ("sparql10", "QueryEvaluationTest"): 283,
        ("sparql10", "PositiveSyntaxTest"): 149,
        ("sparql10", "NegativeSyntaxTest"): 50,
    }
    assert len({case.iri for case in _ALL}) == len({str(case) for case in _ALL}) == len(_ALL)


def test_every_listed_failure_is_a_test_with_a_cause() -> None:
    of_sparql = {test for test in LISTED if "/rdf-xml/" not in test}
    assert of_sparql - {case.iri for case in _CASES} == set()
    assert {row.cause for row in LISTED.values()} <= {"engine", "suite"}
    assert all(row.reason for row in LISTED.values())


@pytest.mark.xdist_group("w3c-graphs")
@pytest.mark.parametrize("case", _CHOSEN, ids=str)
def test_dataset_chosen_by_parameters(graphs: Endpoint, case: Case) -> None:
    assert_as_listed(case, failure(case, graphs))


@pytest.mark.xdist_group("w3c-graphs")
@pytest.mark.parametrize("case", _UPDATES, ids=str)
def test_update_is_refused(graphs: Endpoint, case: Case) -> None:
    with pytest.raises(Refused, match=r"403 .*read-only"):
        graphs.update(case)


@pytest.mark.xdist_group("w3c-datasets")
@pytest.mark.parametrize("case", sorted(_DATASETS, key=lambda case: str(case.default)), ids=str)
def test_dataset_file_served_alone(serve_alone: Callable[[Path], Endpoint], case: Case) -> None:
    assert case.default
    assert_as_listed(case, failure(case, serve_alone(case.default)))


@pytest.mark.thorough
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=str(case), marks=pytest.mark.xdist_group(f"w3c-{path.parent.name}-{path.name}"))
        for path, found in _ALONE.items()
        for case in found
    ],
)
def test_data_file_served_alone(serve_alone: Callable[[Path], Endpoint], case: Case) -> None:
    assert case.default
    assert_as_listed(case, failure(case, serve_alone(case.default)))


@pytest.mark.parametrize("case", [case for case in _CASES if case.iri in LISTED], ids=str)
def test_the_engine_by_itself_fails_too(case: Case) -> None:
    assert failure(case, Engine()), "this fails over HTTP only: the cause is not the engine"


def assert_as_listed(case: Case, found: str) -> None:
    listed = LISTED.get(case.iri)
    if listed is None:
        assert not found, f"{case.iri} ({case.query}): {found}"
    else:
        assert found, f"{case.iri} passes now: take it out of expected-failures.csv"
