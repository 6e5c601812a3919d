"""How long pages take, a median for each kind, beside the time that the engine takes for their queries.

The server tells both itself (``Server-Timing``); the time to the answer is measured from outside, one request after
another on one connection, on the shipped graph. From the folder of the checkout: ``python tests/benchmarks/pages.py``.
"""

import argparse
import http.client
import re
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from browser.kinds import PAGES
from support.servers import KbServe

__all__ = ["Measured", "measure", "table"]

_TIMING = re.compile(r'engine;dur=([\d.]+);desc="(\d+) queries"')
_LEAST = 0.05


@dataclass(frozen=True)
class Measured:
    """The medians of one kind of page.

    :param name: of the kind
    :param milliseconds: to the whole answer
    :param engine: milliseconds of the engine's in it
    :param queries: that the page took
    :param kilobytes: of the page
    """

    name: str
    milliseconds: float
    engine: float
    queries: int
    kilobytes: float

    @property
    def ratio(self) -> float:
        """The page as a multiple of the engine's own time for its queries."""
        return self.milliseconds / max(self.engine, _LEAST)


def measure(port: int, rounds: int) -> Iterator[Measured]:
    """Yield the medians of each kind of page that tells what the engine took for it."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        for name, address in PAGES.items():
            answers = [_ask(connection, address) for _ in range(rounds)]
            told = [_TIMING.search(timing) for _, timing, _ in answers]
            engine = [(float(found[1]), int(found[2])) for found in told if found]
            if engine:
                yield Measured(
                    name,
                    statistics.median(seconds for seconds, _, _ in answers) * 1000,
                    statistics.median(spent for spent, _ in engine),
                    engine[0][1],
                    answers[0][2] / 1000,
                )


def table(found: list[Measured]) -> str:
    """Return a Markdown table."""
    lines = [
        "| page | ms | of it the engine's | page / engine | queries | KB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {page.name} | {page.milliseconds:.1f} | {page.engine:.1f} | {page.ratio:.1f} | {page.queries} "
        f"| {page.kilobytes:.0f} |"
        for page in found
    ]
    times = [page.milliseconds for page in found]
    return "\n".join(
        [*lines, "", f"Median of the kinds {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms."]
    )


def _ask(connection: http.client.HTTPConnection, address: str) -> tuple[float, str, int]:
    """Return how long an answer took, what it says of its time, and its bytes."""
    start = time.perf_counter()
    connection.request("GET", address, headers={"Accept": "text/html"})
    response = connection.getresponse()
    body = response.read()
    return time.perf_counter() - start, response.headers.get("Server-Timing", ""), len(body)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="requests for each page")
    rounds: int = parser.parse_args().rounds
    with KbServe() as server:
        sys.stdout.write(f"{table(list(measure(server.port, rounds)))}\n")


if __name__ == "__main__":
    main()
