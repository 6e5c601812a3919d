"""The process that brings up query workers: it has everything imported, forks on demand and buries the dead.

A web process has threads, and a fork of it could inherit a lock that nobody will ever release; a fresh interpreter
would take a third of a second for each worker. This process has one thread and forks in a millisecond. It listens on
one socket: ``{"spawn": …}`` with a file descriptor, the worker's end of its channel, is answered with the worker's
process id; ``{"reap": pid}`` with the status that it ended with. When the web process goes away, so do this process
and all workers.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path

from server.answers import warm_up
from server.config import Limits
from server.worker import work

__all__ = ["MESSAGE_BYTES", "ORPHANED", "main"]

MESSAGE_BYTES = 65536
#: Stands for the exit status of a worker that died with its nursery: no worker ends well by itself.
ORPHANED = 0


def main() -> None:
    """Serve requests on the inherited socket whose number is the first argument, until its other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the web process, which then closes the socket
    warm_up()
    control = socket.socket(fileno=int(sys.argv[1]))
    workers: set[int] = set()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, 1)
        if not message:
            break
        control.sendall(json.dumps(_serve(json.loads(message), descriptors, workers)).encode())
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


def _serve(request: dict[str, dict[str, object] | int], descriptors: list[int], workers: set[int]) -> dict[str, int]:
    match request:
        case {"spawn": {"generation": str(generation), "limits": dict(limits)}}:
            worker = _spawn(Path(generation), Limits(**limits), descriptors[0])
            workers.add(worker)
            return {"pid": worker}
        case {"reap": int(worker)} if worker in workers:
            workers.discard(worker)
            return {"status": os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])}
        case {"reap": _}:
            return {"status": ORPHANED}  # a worker of another nursery, with which it died
        case _:
            raise ValueError(request)


def _spawn(generation: Path, limits: Limits, channel: int) -> int:
    nursery = os.getpid()
    worker = os.fork()
    if worker == 0:
        work(channel, generation, limits, nursery)
    os.close(channel)
    return worker


if __name__ == "__main__":
    main()
