"""Comunica, a SPARQL engine in JavaScript that queries endpoints and documents: installed, started, asked.

Its version is the newest that runs on the Node.js of Debian 12; version 5 needs another. In a fresh installation of it
two versions of rdf-data-factory meet, and language tags get lost between them: ``package.json`` keeps one. After a
change there, `npm install --package-lock-only` in its folder writes the lock file.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Self

__all__ = ["FILES", "Comunica", "ComunicaError"]

#: What is installed: the lock file and the program that answers.
FILES = Path(__file__).parent / "comunica"


class ComunicaError(Exception):
    """Comunica could not answer; the text is its own."""


class Comunica:
    """A running Comunica, ended by leaving its context."""

    def __init__(self, node: Path, installed: Path) -> None:
        self._process = subprocess.Popen(
            [node, installed / "answer.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait(30)

    def ask(self, query: str, media_type: str, sources: Sequence[Any], **context: Any) -> str:
        """Return the result of a query over sources, in a format.

        :param sources: addresses, of which Comunica finds out what they are, or what else it takes for a source
        :param context: further settings of the query (https://comunica.dev/docs/query/advanced/context/)
        :raises ComunicaError: when it reports one
        """
        request = {"query": query, "mediaType": media_type, "context": {"sources": sources, **context}}
        asked, answered = _open(self._process.stdin), _open(self._process.stdout)
        asked.write(f"{json.dumps(request)}\n")
        asked.flush()
        answer = json.loads(answered.readline())
        if "error" in answer:
            raise ComunicaError(answer["error"])
        result: str = answer["result"]
        return result


def _open(pipe: IO[str] | None) -> IO[str]:
    assert pipe
    return pipe
