"""The supervisor's watch over the web process, where what it is told comes in an order that a real start seldom has."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from support.servers import HANG_SECONDS

from server.config import ServerConfig
from server.processes.supervisor import Supervisor


def test_a_web_process_that_died_before_it_was_known_to_be_ready_is_missed() -> None:
    told, tells = os.pipe()
    signals, signalled = os.pipe()
    with subprocess.Popen([sys.executable, "-c", ""]) as web:
        web.wait()
    os.write(signalled, bytes([signal.SIGCHLD]))
    os.write(tells, b"{}")
    os.close(tells)
    ended: list[bool] = []
    supervisor = Supervisor(ServerConfig(generation=Path("nowhere")), [])
    watch = supervisor._watch  # noqa: SLF001  from outside the order cannot be arranged
    watching = threading.Thread(target=lambda: ended.append(watch(web, told, signals)), daemon=True)
    watching.start()
    watching.join(HANG_SECONDS)
    assert ended == [False]  # not the end of the server: the web process is started again
    for descriptor in (told, signals, signalled):
        os.close(descriptor)
