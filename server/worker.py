"""A query worker: a confined process that evaluates one client's query at a time and writes its result.

The engine can neither be stopped nor limited from inside its process, and a deeply nested query overflows the stack;
therefore this process may be killed at any moment and nothing but its own query is lost.
"""

import os
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from pyoxigraph import Store

from kb.errors import KbError
from kb.generation import Generation
from kb.manifest import read_manifest
from server.answers import answer
from server.config import Limits
from server.confinement import close_descriptors, die_with_parent, limit_descriptors, limit_memory
from server.errors import Problem, problem_of
from server.messages import receive_task, send_answer, send_problem

__all__ = ["work"]

_MEBIBYTE = 1024 * 1024


def work(channel: int, generation: Path, limits: Limits, parent: int) -> NoReturn:
    """Answer tasks until the web process closes the channel; the process ends here.

    :param channel: file descriptor of this worker's end of the channel
    :param generation: folder of the generation to query
    :param limits: memory and stack
    :param parent: process id of the nursery
    """
    try:
        die_with_parent(parent)
        close_descriptors(keep=channel)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        store = Generation(generation, read_manifest(generation)).store()  # the web process has checked it
        threading.stack_size(limits.stack * _MEBIBYTE)
        thread = threading.Thread(target=_serve, args=(Connection(channel), store, limits))
        thread.start()
        thread.join()
    finally:
        os._exit(os.EX_SOFTWARE)


def _serve(channel: Connection, store: Store, limits: Limits) -> None:
    limit_memory(limits.memory)
    limit_descriptors()
    while True:
        try:
            _serve_one(channel, store)
        except EOFError:
            os._exit(os.EX_OK)
        except MemoryError:
            os.abort()  # as the engine itself does


def _serve_one(channel: Connection, store: Store) -> None:
    task = receive_task(channel)
    try:
        result = answer(store, task)
    except Problem as problem:
        send_problem(channel, problem)
    except KbError as error:
        send_problem(channel, problem_of(error))
    else:
        send_answer(channel, result)
