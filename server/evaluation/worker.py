"""A query worker: a confined process that evaluates one client's query at a time and writes its result.

The engine can neither be stopped nor limited from inside its process, and a deeply nested query overflows the stack;
therefore this process may be killed at any moment and nothing but its own query is lost.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import NoReturn

from pyoxigraph import Store

from kb.errors import KbError
from server.config import Limits
from server.evaluation.answers import answer
from server.evaluation.confinement import close_descriptors, die_with_parent, limit_descriptors, limit_memory
from server.evaluation.messages import READY, Frame, Frames, read_task, send, write_answer, write_problem
from server.problems import Problem, problem_of

__all__ = ["work"]

_MEBIBYTE = 1024 * 1024
_RECEIVE_BYTES = 256 * 1024


def work(channel: int, open_store: Callable[[], Store], limits: Limits, parent: int) -> NoReturn:
    """Answer tasks until the web process closes the channel; the process ends here.

    :param channel: file descriptor of this worker's end of the channel
    :param open_store: opens the store to query
    :param limits: memory and stack
    :param parent: process id of the fork server
    """
    try:
        die_with_parent(parent)
        close_descriptors(keep=channel)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        store = open_store()
        threading.stack_size(limits.stack_mib * _MEBIBYTE)
        thread = threading.Thread(target=_serve, args=(socket.socket(fileno=channel), store, limits))
        thread.start()
        thread.join()
    finally:
        os._exit(os.EX_SOFTWARE)


def _serve(channel: socket.socket, store: Store, limits: Limits) -> None:
    limit_memory(limits.memory_mib)
    limit_descriptors()
    frames = Frames()
    try:
        send(channel, READY)
        while data := channel.recv(_RECEIVE_BYTES):
            for frame in frames.feed(data):
                send(channel, _reply(store, frame))
    except OSError:
        pass
    except MemoryError:
        os.abort()  # as the engine itself does
    os._exit(os.EX_OK)  # the web process is gone, or needs this worker no longer


def _reply(store: Store, frame: Frame) -> Frame:
    try:
        return write_answer(answer(store, read_task(frame)))
    except Problem as problem:
        return write_problem(problem)
    except KbError as error:
        return write_problem(problem_of(error))
