"""A query worker: a confined process that evaluates one client's query at a time and writes its result.

The engine can neither be stopped nor limited from inside its process, and a deeply nested query overflows the stack;
therefore this process may be killed at any moment and nothing but its own query is lost.
"""

import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from pyoxigraph import Store

from kb.errors import KbError
from server.config import Limits
from server.evaluation.answers import answer
from server.evaluation.confinement import close_descriptors, die_with_parent, limit_descriptors, limit_memory
from server.evaluation.messages import SKIP, Frame, Frames, read_task, send, write_answer, write_problem
from server.problems import Problem, problem_of

__all__ = ["READY", "work"]

#: What a worker says first, when it can be asked.
READY = Frame(0, b"ready")

_MEBIBYTE = 1024 * 1024
_RECEIVE_BYTES = 256 * 1024


def work(channel: int, open_store: Callable[[], Store], limits: Limits, parent: int) -> NoReturn:
    """Answer tasks until the web process closes the channel; the process ends here.

    :param channel: file descriptor of this worker's end of the channel
    :param open_store: opens the store to query
    :param limits: memory and stack
    :param parent: process id of the nursery
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
    inbox = _Inbox(channel)
    try:
        send(channel, READY)
        while True:
            send(channel, _answer(store, inbox.next()))
    except (EOFError, OSError):  # the web process is gone, or does without this worker
        os._exit(os.EX_OK)
    except MemoryError:
        os.abort()  # as the engine itself does


class _Inbox:
    """What the web process has sent and this worker has not begun."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._frames = Frames()
        self._tasks: deque[Frame] = deque()

    def next(self) -> Frame:
        """Wait for the next task.

        A task that waited here behind another one may have been given to another worker meanwhile: then it comes back
        as the message to skip it.

        :raises EOFError: when the web process is gone
        """
        if self._tasks:
            with suppress(BlockingIOError):
                self._read(socket.MSG_DONTWAIT)
        while not self._tasks:
            self._read()
        return self._tasks.popleft()

    def _read(self, flags: int = 0) -> None:
        data = self._channel.recv(_RECEIVE_BYTES, flags)
        if not data:
            raise EOFError
        for frame in self._frames.feed(data):
            if frame.head == SKIP:
                self._tasks = deque(frame if task.number == frame.number else task for task in self._tasks)
            else:
                self._tasks.append(frame)


def _answer(store: Store, frame: Frame) -> Frame:
    if frame.head == SKIP:
        return frame
    try:
        return write_answer(frame.number, answer(store, read_task(frame)))
    except Problem as problem:
        return write_problem(frame.number, problem)
    except KbError as error:
        return write_problem(frame.number, problem_of(error))
