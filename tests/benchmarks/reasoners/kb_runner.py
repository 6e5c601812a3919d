"""kb's engine on some files: from the files to numbers, from numbers to all that follows."""

import json
import resource
import sys
import time
from itertools import chain
from pathlib import Path

from kb.rdf.reading import read_statements
from kb.reasoning.dictionary import Dictionary
from kb.reasoning.materialization import Materialization


def main(repeat: int, files: list[Path]) -> None:
    figures = min((run(files) for _ in range(repeat)), key=lambda found: found["reasoning"])
    sys.stdout.write(json.dumps(figures) + "\n")


def run(files: list[Path]) -> dict[str, float]:
    """Read and reason from the beginning."""
    dictionary = Dictionary()
    begin = time.monotonic()
    statements = dictionary.read_statements(chain.from_iterable(map(read_statements, files)))
    reading, before = time.monotonic() - begin, peak()
    begin, spent = time.monotonic(), time.process_time()
    materialization = Materialization(dictionary, statements)
    inconsistencies = materialization.inconsistencies()  # the others look for them too
    reasoning, processor = time.monotonic() - begin, time.process_time() - spent
    most, given = peak(), materialization.asserted.shape[1]
    return {
        "given": given,
        "reading": reading,
        "reasoning": reasoning,
        "processor": processor,
        "before": before,
        "most": most,
        "statements": given + materialization.conclusions().shape[1],
        "inconsistencies": len(inconsistencies),
    }


def peak() -> int:
    """Return the most memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), list(map(Path, sys.argv[2:])))
