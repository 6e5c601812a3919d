"""Problems: replies that are errors, with their status and what the client can do (RFC 9457).

https://www.rfc-editor.org/rfc/rfc9457
"""

import json
import logging
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

from kb.errors import (
    KbError,
    QueryError,
    QuerySyntaxError,
    RemoteCut,
    RemoteError,
    RemoteLate,
    RemoteOther,
    RemoteRefused,
    RemoteTooLarge,
    RemoteUnreachable,
    TermNotInFormat,
    UnknownName,
)
from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS, Format
from server.reply import Reply

__all__ = ["OF_STORES", "PROBLEM_TYPE", "STATUSES", "Problem", "internal", "problem_of", "unknown_name"]

PROBLEM_TYPE = "application/problem+json"

#: Code of a problem -> its HTTP status. Each status also has a code of its own, its phrase: ``method-not-allowed``.
STATUSES: Mapping[str, HTTPStatus] = {
    **{status.phrase.lower().replace(" ", "-"): status for status in HTTPStatus},
    "query-syntax": HTTPStatus.BAD_REQUEST,
    "query-refused": HTTPStatus.BAD_REQUEST,
    "unknown-graph": HTTPStatus.BAD_REQUEST,
    "unknown-format": HTTPStatus.BAD_REQUEST,
    "read-only": HTTPStatus.FORBIDDEN,
    "body-too-slow": HTTPStatus.REQUEST_TIMEOUT,
    "body-too-long": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "query-too-long": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too-complex": HTTPStatus.UNPROCESSABLE_ENTITY,
    "result-too-large": HTTPStatus.UNPROCESSABLE_ENTITY,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "time-limit": HTTPStatus.SERVICE_UNAVAILABLE,
    "memory-limit": HTTPStatus.SERVICE_UNAVAILABLE,
    "engine-failed": HTTPStatus.SERVICE_UNAVAILABLE,
    "store-unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "store-failed": HTTPStatus.BAD_GATEWAY,
    "service-failed": HTTPStatus.BAD_GATEWAY,
}

#: Codes of problems by which a worker says that a remote store has let it down.
OF_STORES = ("store-unavailable", "store-failed")

_MOST_NAMES = 10
_RETRY_SECONDS = "5"

_log = logging.getLogger("server.problems")


class Problem(Exception):
    """A reply that is an error.

    :param code: name of the kind of problem, stable for programs: one of `STATUSES`
    :param detail: what is wrong, one or more sentences without the last full stop
    :param remedy: what the client can do, one sentence without a full stop
    :param headers: headers of the reply besides the common ones, for example ``Retry-After``
    :param members: additional members of the JSON object, for example ``line`` and ``column``
    :param cause: what the operator is told besides, and no client
    """

    def __init__(  # noqa: PLR0913  what there is to tell
        self,
        code: str,
        detail: str,
        remedy: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, int | str | list[str]] | None = None,
        cause: str = "",
    ) -> None:
        super().__init__(f"{detail}. {remedy}{'' if remedy.endswith('?') else '.'}")
        self.code = code
        self.detail = detail
        self.remedy = remedy
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        self.cause = cause

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status."""
        return STATUSES[self.code]

    @property
    def title(self) -> str:
        """The status in words."""
        return self.status.phrase

    def to_json(self) -> str:
        """Return this problem as text, for another process: what its constructor takes."""
        return json.dumps(vars(self))

    @property
    def advice(self) -> str:
        """The remedy as a sentence."""
        return self.remedy if self.remedy.endswith("?") else f"{self.remedy}."

    def as_json(self) -> dict[str, Any]:
        """Return the members of the problem object (RFC 9457, section 3.1)."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": f"{self.detail}.",
            "remedy": self.advice,
            "code": self.code,
            **self.members,
        }

    def as_reply(self) -> Reply:
        """Return the reply that tells this problem to a program."""
        own = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps(self.as_json(), ensure_ascii=False).encode() + b"\n"
        return Reply(self.status, {"content-type": PROBLEM_TYPE, **own}, body, varies=True)


def problem_of(error: KbError) -> Problem:
    """Return the problem that an error of kb is to a client; errors about files become a plain 500."""
    match error:
        case QuerySyntaxError(line=line, column=column):
            members = {"line": line, "column": column or 1} if line is not None else {}
            return Problem("query-syntax", error.problem, error.remedy, members=members)
        case QueryError():
            return Problem("query-refused", error.problem, error.remedy)
        case TermNotInFormat():
            formats: Mapping[str, Format] = {**RESULT_FORMATS, **RDF_FORMATS}
            offers = [formats[name].media_type for name in error.formats]
            return Problem("not-acceptable", error.problem, error.remedy, members={"available": offers})
        case RemoteError():
            return _of_store(error)
        case UnknownName():
            return Problem("not-found", error.problem, error.remedy)
        case _:
            _log.error("%s", error)
            return internal()


def _of_store(error: RemoteError) -> Problem:
    """Return the problem that an error of a remote store is to a client, who is not told where the store is."""
    later = {"Retry-After": _RETRY_SECONDS}
    match error:
        case RemoteTooLarge() | RemoteCut():
            detail = "The result is larger than a limit here"
            return Problem("result-too-large", detail, "Add LIMIT and OFFSET, or ask for less", cause=error.problem)
        case RemoteLate():
            detail = "The store did not answer within the time limit"
            return Problem("time-limit", detail, "Make the query more specific", headers=later, cause=error.problem)
        case (
            RemoteUnreachable()
            | RemoteOther()
            | RemoteRefused(status=HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE)
        ):
            detail = "The store that answers queries here cannot be asked now"
            remedy = "Send the request again later"
            return Problem("store-unavailable", detail, remedy, headers=later, cause=error.problem)
        case RemoteRefused():
            detail = f"The store that answers queries here replied with an error, status {error.status}"
        case _:
            detail = "The store that answers queries here replied with no whole result"
    remedy = "Send the request again later; if that does not help, tell the operator"
    return Problem("store-failed", detail, remedy, cause=error.problem)


def unknown_name(kind: str, name: str, known: Collection[str]) -> Problem:
    """Return the problem that a name stands for nothing here.

    :param kind: of what was looked for, in the singular
    :param known: names of that kind
    """
    if not known:
        detail = f"No {kind} is called {name!r}: there is none in these data"
        return Problem("not-found", detail, "Search from the home page, or send a query")
    near = get_close_matches(name, known) or sorted(known)[:_MOST_NAMES]
    return Problem("not-found", f"No {kind} is called {name!r}", f"Did you mean: {', '.join(near)}?")


def internal() -> Problem:
    """Return the problem that a fault of this server is to a client."""
    detail = "The server could not answer because of a fault of its own"
    return Problem("internal", detail, "Tell the operator when it happened")
