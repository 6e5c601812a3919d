"""The engine called in process, one query after another: what a server at best adds nothing to; a process of its own.

``python -m benchmarks.engine STORE SECONDS`` reads the queries as a JSON list of texts from standard input, takes them
in turn for so many seconds, and writes as JSON how many seconds each one took, and the processor time of all.
"""

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time

from pyoxigraph import QueryResultsFormat, QueryTriples, Store

__all__ = ["main", "measure"]


def measure(store: Path, texts: Sequence[str], seconds: float) -> tuple[list[float], float]:
    """Return how long evaluating and writing JSON took, in seconds a query, and the processor time of all.

    :param store: folder of an Oxigraph store, which is copied into memory first, as ``kb serve`` does
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engine", str(store), str(seconds)],
        cwd=Path(__file__).resolve().parent.parent,
        input=json.dumps(list(texts)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    latencies, spent = json.loads(done.stdout)
    return latencies, spent


def main() -> None:
    """Measure the queries on standard input."""
    store = Store()
    store.bulk_extend(Store.read_only(sys.argv[1]))
    texts = json.load(sys.stdin)
    spent = process_time()
    end = perf_counter() + float(sys.argv[2])
    latencies: list[float] = []
    while (begin := perf_counter()) < end:
        output = io.BytesIO()
        result = store.query(f"{texts[len(latencies) % len(texts)]}\n#{len(latencies)}")
        if isinstance(result, QueryTriples):
            raise TypeError("rows and booleans only")
        result.serialize(output, QueryResultsFormat.JSON)
        latencies.append(perf_counter() - begin)
    json.dump((latencies, process_time() - spent), sys.stdout)


if __name__ == "__main__":
    main()
