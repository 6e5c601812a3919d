"""Clients that ask `kb serve --endpoint` for a while in which the stores behind it die and come back.

Each client asks one question after another, again when it is told to come back later, and compares the rows with those
of the embedded engine. Another one reads pages, and one looks at the server's health all the time.
"""

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from benchmarks.answers import Answer, read_answer
from support.engines import Engine
from support.servers import Reply, Server

__all__ = ["PAGES", "Report", "quick", "soak"]

#: What is read, and what must stand in it.
PAGES = {
    "/page/id/ammtc-19": "Melaka",
    "/page/id/malaysia": "Malaysia",
    "/page/source/nst-2025-09-12": "2025",
    "/page/id/melaka": "Melaka",
    "/data/id/melaka.ttl": "melaka",
}
_PATIENCE = 90.0
_RETRY_SECONDS = 10
_ANSWER_SECONDS = 60.0


@dataclass
class Report:
    """What happened.

    :ivar answers: right answers
    :ivar pages: right pages
    :ivar later: code of the problem in replies 503 with Retry-After -> how many there were
    :ivar wrong: what came instead of a right answer
    :ivar lost: questions that had no answer after a minute and a half, and broken connections
    :ivar slowest: seconds that the slowest answer took, attempts and pauses together
    :ivar deaths: which store died, and seconds from its start until all were well again
    :ivar reasons: what the server said of a store that was down
    :ivar unnoticed: deaths that the server's health did not tell
    :ivar looks: how often the server's health was asked; it always answers within two seconds, or that is in `wrong`
    """

    answers: int = 0
    pages: int = 0
    later: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    slowest: float = 0.0
    deaths: list[tuple[int, float]] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)
    unnoticed: int = 0
    looks: int = 0


class _Soak:
    def __init__(self, server: Server, questions: Mapping[str, Answer]) -> None:
        self.server, self.questions = server, questions
        self.report, self.over = Report(), threading.Event()
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)

    def client(self, source: str) -> None:
        """Ask all questions in turn, beginning with another one each client."""
        texts = list(self.questions)
        for text in itertools.cycle(texts[hash(source) % len(texts) :] + texts):
            if self.over.is_set():
                return
            headers = {"Content-Type": "application/sparql-query", "Accept": "application/sparql-results+json"}
            body = f"{text}\n# {next(self.numbers)}".encode()  # no two are the same: nothing comes from a cache
            reply = self.insist("POST", "/sparql", headers, body, source)
            if reply is None:
                continue
            right = reply.status == 200 and read_answer(reply.body) == self.questions[text]
            self.count("answers", reply, text, right=right)

    def reader(self, source: str) -> None:
        for path, content in itertools.cycle(PAGES.items()):
            if self.over.is_set():
                return
            reply = self.insist("GET", path, {"Accept": "text/html, */*;q=0.1"}, None, source)
            if reply is not None:
                self.count("pages", reply, path, right=reply.status == 200 and content in reply.text)
            self.over.wait(0.1)

    def count(self, what: str, reply: Reply, asked: str, *, right: bool) -> None:
        with self.lock:
            if right:
                setattr(self.report, what, getattr(self.report, what) + 1)
            else:
                self.report.wrong.append(f"{reply.status} to {asked[:200]}: {reply.text[:300]}")

    def insist(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, source: str
    ) -> Reply | None:
        """Send a request again for as long as the server says to come back later; return the last reply."""
        begin = time.monotonic()
        try:
            while time.monotonic() - begin < _PATIENCE:
                reply = self.server.request(method, path, headers, body, timeout=_ANSWER_SECONDS, source=source)
                if reply.status != 503 or "Retry-After" not in reply.headers:
                    with self.lock:
                        self.report.slowest = max(self.report.slowest, time.monotonic() - begin)
                    return reply
                with self.lock:
                    self.report.later[_code(reply)] += 1
                time.sleep(min(float(reply.headers["Retry-After"]), _RETRY_SECONDS))
            failure = "no answer"
        except (OSError, HTTPException) as error:
            failure = f"{type(error).__name__}: {error}"
        with self.lock:
            self.report.lost.append(f"{failure} to {path} {(body or b'').decode()[:200]}")
        return None

    def health(self) -> dict[str, Any]:
        begin = time.monotonic()
        reply = self.server.request("GET", "/health", timeout=_ANSWER_SECONDS)
        taken = time.monotonic() - begin
        with self.lock:
            self.report.looks += 1
            if reply.status not in (200, 503) or taken > 2:
                self.report.wrong.append(f"/health: {reply.status} after {taken:.1f} s")
        found: dict[str, Any] = json.loads(reply.body)
        return found

    def die(self, number: int, stores: Sequence[Engine], seconds: float) -> None:
        """Kill a store, let it be dead for so long, start it again and wait until the server asks all."""
        stores[number].kill()
        dead_until = time.monotonic() + seconds
        noticed = False
        while time.monotonic() < dead_until and not self.over.is_set():
            state = self.health()["stores"][number]
            if state["status"] != "ok":
                noticed = True
                self.report.reasons.add(state["reason"])
            time.sleep(0.2)
        self.report.unnoticed += not noticed
        stores[number].restart()
        begin = time.monotonic()
        while self.health()["status"] != "ok" and time.monotonic() - begin < _PATIENCE:
            time.sleep(0.1)
        self.report.deaths.append((number, time.monotonic() - begin))


def quick(server: Server, questions: Mapping[str, Answer], seconds: float) -> dict[str, Answer]:
    """Return the questions that have their right answer within so many seconds while all is quiet."""
    found = {}
    for text, answer in questions.items():
        begin = time.monotonic()
        reply = server.query(text)
        if time.monotonic() - begin < seconds and reply.status == 200 and read_answer(reply.body) == answer:
            found[text] = answer
    return found


def soak(
    server: Server, stores: Sequence[Engine], questions: Mapping[str, Answer], seconds: float, period: float
) -> Report:
    """Ask for so long, while every `period` seconds the next store dies, for a third of that.

    :param questions: texts of queries and their right answers
    """
    run = _Soak(server, questions)
    threads = [
        *(threading.Thread(target=run.client, args=(f"127.0.1.{number}",)) for number in range(1, 5)),
        threading.Thread(target=run.reader, args=("127.0.4.1",)),
    ]
    for thread in threads:
        thread.start()
    begin = time.monotonic()
    try:
        for turn in itertools.count():
            next_death = begin + period * (turn + 0.3)
            if next_death + period / 2 > begin + seconds:
                break
            while time.monotonic() < next_death:
                with suppress(OSError, HTTPException):
                    run.health()
                time.sleep(0.5)
            run.die(turn % len(stores), stores, period / 3)
        run.over.wait(max(0.0, begin + seconds - time.monotonic()))
    finally:
        run.over.set()
        for thread in threads:
            thread.join()
    return run.report


def _code(reply: Reply) -> str:
    """Return the code of a problem; a page has none to read."""
    return str(reply.json["code"]) if reply.media_type == "application/problem+json" else reply.media_type
