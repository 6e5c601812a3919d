"""Comunica, a SPARQL engine in JavaScript that queries endpoints and documents: installed, started, asked.

Its version is the newest that runs on the Node.js of Debian 12; version 5 needs another. In a fresh installation of it
two versions of rdf-data-factory meet, and language tags get lost between them: ``package.json`` keeps one. After a
change there, `npm install --package-lock-only --omit-lockfile-registry-resolved` in its folder writes the lock file.
Its link traversal comes with an older version of it, and so has a folder of its own.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

__all__ = ["COMUNICA", "TRAVERSAL", "Comunica", "ComunicaError", "Engine"]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Engine:
    """A query engine of Comunica.

    :param package: its name
    :param files: folder with the lock file of what is installed for it
    """

    package: str
    files: Path


COMUNICA = Engine("@comunica/query-sparql", _HERE / "comunica")
TRAVERSAL = Engine("@comunica/query-sparql-link-traversal", _HERE / "traversal")


class ComunicaError(Exception):
    """Comunica could not answer; the text is its own."""


class Comunica:
    """A running Comunica, ended by leaving its context."""

    def __init__(self, node: Path, engine: Engine, installed: Path) -> None:
        command = [node, _HERE / "answer.mjs", installed, engine.package]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

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
        result: str = self._answer(query, media_type, sources, context)["result"]
        return result

    def follow(
        self, query: str, media_type: str, sources: Sequence[Any], redirect: tuple[str, str]
    ) -> tuple[str, list[str]]:
        """Return the result of a query by link traversal, and the addresses of the documents that were read for it.

        :param redirect: what the addresses begin with that are fetched, and from where instead
        :raises ComunicaError: when it reports one, other than that a document does not exist
        """
        answer = self._answer(query, media_type, sources, {"redirect": redirect, "lenient": True})
        return answer["result"], answer["documents"]

    def _answer(self, query: str, media_type: str, sources: Sequence[Any], context: Mapping[str, Any]) -> Any:
        request = {"query": query, "mediaType": media_type, "context": {"sources": sources, **context}}
        asked, answered = _open(self._process.stdin), _open(self._process.stdout)
        asked.write(f"{json.dumps(request)}\n")
        asked.flush()
        answer = json.loads(answered.readline())
        if "error" in answer:
            raise ComunicaError(answer["error"])
        return answer


def _open(pipe: IO[str] | None) -> IO[str]:
    assert pipe
    return pipe
