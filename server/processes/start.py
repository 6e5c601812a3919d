"""The main module of the web process: it starts the fork server, imports the rest meanwhile, and serves."""

import json
import os
import signal
import sys
from typing import TextIO

from kb.errors import KbError
from server import logs
from server.config import ServerConfig
from server.evaluation.confinement import die_with_parent
from server.evaluation.processes import start_query_forks

__all__ = ["main"]


def main() -> None:
    """Serve until SIGTERM, see `server.processes.web`.

    Standard input is a JSON object: ``config``; ``listeners``, descriptors of listening sockets; ``report``, that of a
    pipe; ``parent``, a process id. The pipe gets ``{}`` when requests can come, or else the problem.
    """
    start = json.load(sys.stdin)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    die_with_parent(start["parent"])
    logs.configure()
    config = ServerConfig.from_json(start["config"])
    with os.fdopen(start["report"], "w") as report:
        try:
            query_forks = start_query_forks(config)
            from server.processes.web import serve  # noqa: PLC0415  it takes as long as the fork server's start

            serve(config, query_forks, start["listeners"], lambda: _write(report, {}))
        except KbError as error:
            _write(report, {"problem": error.problem, "remedy": error.remedy})


def _write(report: TextIO, message: dict[str, str]) -> None:
    json.dump(message, report)
    report.close()


if __name__ == "__main__":
    main()
