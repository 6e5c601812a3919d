"""reasonable on some files, in the environment that it is installed into; it cannot reason twice on the same data."""

import json
import resource
import shutil
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path


def main(files: list[Path]) -> None:
    begin = time.monotonic()
    reasoner = import_module("reasonable").PyReasoner()
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(files):
            copy = shutil.copy(path, Path(folder) / f"{number}.ttl")  # it reads .ttl alone
            reasoner.load_file(str(copy))
    reading, given, before = time.monotonic() - begin, len(reasoner.get_base_triples()), peak()
    begin, spent = time.monotonic(), time.process_time()
    statements = reasoner.reason()
    figures = {
        "given": given,
        "reading": reading,
        "reasoning": time.monotonic() - begin,
        "processor": time.process_time() - spent,
        "before": before,
        "most": peak(),
        "statements": len(statements),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def peak() -> int:
    """Return the most memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(list(map(Path, sys.argv[2:])))
