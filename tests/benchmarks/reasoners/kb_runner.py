"""kb's engine on some files: from the files to columns, from columns to all that follows."""

import json
import resource
import sys
import time
from itertools import chain
from pathlib import Path

from kb.query import read_statements
from kb.reasoning.dictionary import TextDictionary
from kb.reasoning.materialization import Materialization, read


def main(repeat: int, files: list[Path]) -> None:
    begin = time.monotonic()
    dictionary = TextDictionary()
    statements = read(chain.from_iterable(map(read_statements, files)), dictionary)
    reading = time.monotonic() - begin
    before = peak()
    times = []
    for _ in range(repeat):
        begin, spent = time.monotonic(), time.process_time()
        materialization = Materialization(dictionary, statements)
        materialization.clashes()  # the others look for contradictions too
        times.append((time.monotonic() - begin, time.process_time() - spent))
    figures = {
        "given": materialization.asserted.height,
        "reading": reading,
        "reasoning": min(seconds for seconds, _ in times),
        "processor": min(seconds for _, seconds in times),
        "before": before,
        "most": peak(),
        "statements": materialization.asserted.height + materialization.conclusions().height,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def peak() -> int:
    """Return the most memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), list(map(Path, sys.argv[2:])))
