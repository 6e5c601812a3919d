"""A worker: a confined process that answers one client's task at a time.

The engine can neither be stopped nor limited from inside its process, and a deeply nested query overflows the stack;
therefore this process may be killed at any moment and nothing but its own task is lost.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import NoReturn, TypeAlias

from kb.errors import KbError
from server.config import Limits
from server.evaluation.confinement import (
    close_descriptors,
    deny_files,
    die_with_parent,
    limit_descriptors,
    limit_memory,
)
from server.evaluation.messages import READY, Answer, Frame, Frames, send, write_answer, write_problem
from server.problems import Problem, problem_of

__all__ = ["Make", "work"]

#: Makes the answer to the task in a message; a `Problem` or a `KbError` may come in its place.
Make: TypeAlias = Callable[[Frame], Answer]

_MEBIBYTE = 1024 * 1024
_RECEIVE_BYTES = 256 * 1024


def work(channel: int, prepare: Callable[[], Make], limits: Limits, parent: int, sockets: int = 0) -> NoReturn:
    """Answer tasks until the web process closes the channel; the process ends here.

    :param channel: file descriptor of this worker's end of the channel
    :param prepare: opens what the answers are made of, while files can be opened
    :param limits: memory and stack
    :param parent: process id of the fork server
    :param sockets: how many it may open
    """
    try:
        die_with_parent(parent)
        close_descriptors(keep=channel)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        make = prepare()
        threading.stack_size(limits.stack_mib * _MEBIBYTE)
        thread = threading.Thread(target=_serve, args=(socket.socket(fileno=channel), make, limits, sockets))
        thread.start()
        thread.join()
    finally:
        os._exit(os.EX_SOFTWARE)


def _serve(channel: socket.socket, make: Make, limits: Limits, sockets: int) -> None:
    limit_memory(limits.memory_mib)
    limit_descriptors(sockets)
    if sockets:
        deny_files()
    frames = Frames()
    try:
        send(channel, READY)
        while data := channel.recv(_RECEIVE_BYTES):
            for frame in frames.feed(data):
                send(channel, _reply(make, frame))
    except OSError:
        pass
    except MemoryError:
        os.abort()  # as the engine itself does
    os._exit(os.EX_OK)  # the web process is gone, or needs this worker no longer


def _reply(make: Make, frame: Frame) -> Frame:
    try:
        return write_answer(make(frame))
    except Problem as problem:
        return write_problem(problem)
    except KbError as error:
        return write_problem(problem_of(error))
