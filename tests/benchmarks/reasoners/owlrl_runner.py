"""owlrl as it comes on some files; it reasons once, since that takes long."""

import json
import resource
import sys
import time

import owlrl
from rdflib import Graph


def main(files: list[str]) -> None:
    begin = time.monotonic()
    graph = Graph()
    for path in files:
        graph.parse(path)
    reading, given, before = time.monotonic() - begin, len(graph), peak()
    begin, spent = time.monotonic(), time.process_time()
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    figures = {
        "given": given,
        "reading": reading,
        "reasoning": time.monotonic() - begin,
        "processor": time.process_time() - spent,
        "before": before,
        "most": peak(),
        "statements": len(graph),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def peak() -> int:
    """Return the most memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(sys.argv[2:])
