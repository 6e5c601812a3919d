"""The module that the web process runs: it starts the fork server, imports everything else meanwhile, and serves."""

import json
import os
import signal
import sys
from typing import TextIO

from kb.errors import KbError
from server import logs
from server.config import ServerConfig
from server.evaluation.confinement import die_with_parent
from server.evaluation.processes import start_fork_server

__all__ = ["main"]


def main() -> None:
    """Serve until SIGTERM, see `server.processes.web`.

    Standard input is JSON: ``config``; the descriptors of listening sockets, ``listeners``; that of a pipe, ``told``;
    the process id of the ``parent``. The pipe gets ``{}`` when requests can come, or else what prevents it.
    """
    start = json.load(sys.stdin)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    die_with_parent(start["parent"])
    logs.configure()
    config = ServerConfig.from_json(start["config"])
    with os.fdopen(start["told"], "w") as told:
        try:
            fork_server = start_fork_server(config)
            from server.processes.web import serve  # noqa: PLC0415  it takes as long as the fork server's start

            serve(config, fork_server, start["listeners"], lambda: _tell(told, {}))
        except KbError as error:
            _tell(told, {"problem": error.problem, "remedy": error.remedy})


def _tell(told: TextIO, message: dict[str, str]) -> None:
    json.dump(message, told)
    told.close()


if __name__ == "__main__":
    main()
