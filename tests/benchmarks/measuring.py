"""What is measured: answers compared between systems, then requests a second and waiting times, in slices by turns."""

import random
import statistics
import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks import load
from benchmarks.answers import Answer, read_answer
from benchmarks.load import Job, Outcome
from benchmarks.queries import QuerySet, hostile_queries, targets
from benchmarks.systems import Running, SystemFailed

__all__ = [
    "Agreement",
    "Hostility",
    "Measured",
    "able",
    "compare",
    "from_latencies",
    "measure",
    "measured",
    "texts",
    "under_attack",
]

_VARIANTS = 500
_ANSWER_SECONDS = 30
_GRACE = 10.0
_SETTLE_SECONDS = 30
#: A set is left out for a system where so many slices would not be enough for one answer a client.
_PATIENCE = 4
_GOOD_CLIENTS = 4
_HOSTILE_CLIENTS = 4
_HOSTILE_SOURCE = "127.0.0.2"


@dataclass
class Agreement:
    """What the answers to one set of queries have in common.

    :param differing: name of a query -> systems whose answers are not those of the first one
    :param failed: name of a system -> name of a query -> why it gave no answer
    :param seconds: name of a system -> mean time of an answer
    :param stuck: systems that went on with a query that nobody waited for any more
    """

    differing: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, dict[str, str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    stuck: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Measured:
    """How fast one system answered one set of queries.

    :param clients: connections that were kept busy
    :param rate: answers a second, the median of the slices
    :param cpu: processor time of all processes for an answer, in seconds; other load changes it little
    :param p50: median of the time to an answer, in seconds
    :param p99: 99th percentile of that
    :param lost: requests without a good answer
    :param answers: how many the percentiles are made of
    """

    queries: str
    clients: int
    system: str
    rate: float
    cpu: float
    p50: float
    p99: float
    lost: int
    answers: int


@dataclass(frozen=True)
class Hostility:
    """What good clients of a system get while others attack it.

    :param attacks: hostile requests that were sent
    :param survived: whether the process that was started still runs
    """

    system: str
    quiet: Measured | None
    attacked: Measured | None
    survived: bool


def compare(
    systems: Mapping[str, Running], queries: QuerySet, meetings: int, report: Callable[[str], None]
) -> Agreement:
    """Ask every system every query, and compare the answers with those of the first system that has one."""
    found = Agreement(failed={name: {} for name in systems})
    spent: dict[str, list[float]] = {name: [] for name in systems}
    for query in queries.queries:
        report(query.name)
        text = query.variants(meetings, 1, random.Random(query.name))[0]
        expected: Answer | None = None
        for name, system in systems.items():
            if name in found.stuck:
                continue
            begin = time.monotonic()
            try:
                answer = read_answer(system.query(text, _ANSWER_SECONDS))
            except SystemFailed as error:
                found.failed[name][query.name] = str(error)
                if not system.settle(_SETTLE_SECONDS):
                    found.stuck.add(name)
                continue
            spent[name].append(time.monotonic() - begin)
            if expected is None:
                expected = answer
            elif answer != expected:
                found.differing.setdefault(query.name, []).append(name)
    found.seconds = {name: statistics.fmean(seconds) for name, seconds in spent.items() if seconds}
    return found


def texts(queries: QuerySet, differing: Container[str], meetings: int) -> list[str]:
    """Return the texts to be measured, by turns and the varied ones often.

    :param differing: names of queries that are left out, since not all systems answer them alike
    """
    chance = random.Random(queries.name)
    kept = [query for query in queries.queries if query.name not in differing]
    variants = [query.variants(meetings, _VARIANTS, chance) for query in kept]
    longest = max(map(len, variants), default=0)
    return [found[turn % len(found)] for turn in range(longest) for found in variants]


def able(systems: Mapping[str, Running], agreement: Agreement, clients: int, seconds: float) -> dict[str, Running]:
    """Return the systems that answered every query of a set, in a time in which so many clients can be served.

    :param seconds: of a slice
    """
    return {
        name: system
        for name, system in systems.items()
        if not agreement.failed[name] and agreement.seconds.get(name, 0) * clients < _PATIENCE * seconds
    }


def measure(
    queries: QuerySet, systems: Mapping[str, Running], asked: Sequence[str], clients: int, slices: Sequence[float]
) -> list[Measured]:
    """Measure queries at one number of clients: in each slice the systems take turns.

    :param asked: their texts, see `texts`
    :param slices: seconds of each slice
    """
    outcomes: dict[str, list[Outcome]] = {system: [] for system in systems}
    spent = dict.fromkeys(systems, 0.0)
    for seconds in slices:
        for system_name, system in systems.items():
            job = Job(
                system.port, targets(asked, system.system.path), clients, seconds, _GRACE, numbered=not queries.repeated
            )
            before = system.processor_seconds()
            outcomes[system_name].append(load.run(load.start(job)))
            spent[system_name] += system.processor_seconds() - before
            if outcomes[system_name][-1].unfinished:
                system.settle(_SETTLE_SECONDS)
    found = (measured(queries.name, clients, system, outcomes[system], spent[system]) for system in systems)
    return [one for one in found if one is not None]


def measured(queries: str, clients: int, system: str, outcomes: Sequence[Outcome], spent: float = 0) -> Measured | None:
    """Sum slices up; None where nothing was answered.

    :param spent: seconds of processor time
    """
    latencies = sorted(latency for outcome in outcomes for latency in outcome.latencies)
    if not latencies:
        return None
    rate = statistics.median(len(outcome.latencies) / outcome.seconds for outcome in outcomes)
    lost = sum(outcome.unfinished + sum(outcome.failures.values()) for outcome in outcomes)
    return Measured(
        queries, clients, system, rate, spent / len(latencies), *_percentiles(latencies), lost, len(latencies)
    )


def from_latencies(queries: str, system: str, latencies: Sequence[float], spent: float) -> Measured:
    """Sum up what was measured one by one, without a server."""
    rate = len(latencies) / sum(latencies)
    return Measured(
        queries, 1, system, rate, spent / len(latencies), *_percentiles(sorted(latencies)), 0, len(latencies)
    )


def under_attack(system: Running, queries: QuerySet, meetings: int, seconds: float) -> Hostility:
    """Measure small queries in peace, and then while clients with another address send hostile ones."""
    name, path = system.system.name, system.system.path
    good = targets(texts(queries, (), meetings), path)
    bad = targets([query.text for query in hostile_queries().queries], path)
    quiet = load.run(load.start(Job(system.port, good, _GOOD_CLIENTS, seconds, _GRACE)))
    attack = load.start(Job(system.port, bad, _HOSTILE_CLIENTS, seconds + 2, 0, source=_HOSTILE_SOURCE))
    time.sleep(1)
    attacked = load.run(load.start(Job(system.port, good, _GOOD_CLIENTS, seconds, _GRACE)))
    load.run(attack)
    return Hostility(
        name,
        measured("in peace", _GOOD_CLIENTS, name, [quiet]),
        measured("under attack", _GOOD_CLIENTS, name, [attacked]),
        survived=system.alive,
    )


def _percentiles(ordered: Sequence[float]) -> tuple[float, float]:
    return statistics.median(ordered), ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
