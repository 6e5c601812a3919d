"""kb's engine on some files: from the files to columns, from columns to all that follows, then some changes."""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from rdflib import URIRef

from kb.reasoning.dictionary import TextDictionary
from kb.reasoning.inconsistencies import Triple
from kb.reasoning.materialization import Materialization, read
from kb.sparql.query import read_statements

_CHAIR = URIRef("https://w3id.org/ammtc/ontology#chair")
_NEW = "https://w3id.org/ammtc/id/new"
#: How often each change is made; the quickest counts.
_CHANGES = 5


def main(repeat: int, files: list[Path]) -> None:
    runs = [run(files) for _ in range(repeat)]
    figures, _ = min(runs, key=lambda found: found[0]["reasoning"])
    sys.stdout.write(json.dumps(figures | {"changes": dict(changes(runs[-1][1]))}) + "\n")


def run(files: list[Path]) -> tuple[dict[str, float], Materialization]:
    """Read and reason, all anew."""
    dictionary = TextDictionary()
    begin = time.monotonic()
    statements = read(chain.from_iterable(map(read_statements, files)), dictionary)
    reading, before = time.monotonic() - begin, peak()
    begin, spent = time.monotonic(), time.process_time()
    materialization = Materialization(dictionary, statements)
    clashes = materialization.clashes()  # the others look for contradictions too
    reasoning, processor = time.monotonic() - begin, time.process_time() - spent
    most, given = peak(), materialization.asserted.height
    figures = {
        "given": given,
        "reading": reading,
        "reasoning": reasoning,
        "processor": processor,
        "before": before,
        "most": most,
        "statements": given + materialization.conclusions().height,
        "clashes": len(clashes),
    }
    return figures, materialization


def changes(materialization: Materialization) -> Iterator[tuple[str, float]]:
    """Yield how many seconds of processor time it takes to add and to remove statements with four consequences each."""
    for size in (1, 1000):
        times = []
        for attempt in range(_CHANGES):
            statements = [chair(f"{size}-{attempt}-{number}") for number in range(size)]
            times.append((seconds(materialization.add, statements), seconds(materialization.remove, statements)))
        yield f"add {size:,}", min(adding for adding, _ in times)
        yield f"remove {size:,}", min(removing for _, removing in times)


def chair(name: str) -> Triple:
    return URIRef(f"{_NEW}-meeting-{name}"), _CHAIR, URIRef(f"{_NEW}-person-{name}")


def seconds(change: Callable[[list[Triple]], None], statements: list[Triple]) -> float:
    begin = time.process_time()
    change(statements)
    return time.process_time() - begin


def peak() -> int:
    """Return the most memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), list(map(Path, sys.argv[2:])))
