"""A client of a remote store: SPARQL 1.1 Protocol, Update and the Graph Store HTTP Protocol.

https://www.w3.org/TR/sparql11-protocol/, https://www.w3.org/TR/sparql11-http-rdf-update/. A reply is read whole, within
a deadline and a number of bytes; what is cut off is an error, never a shorter answer.
"""

import re
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from kb.errors import RemoteLate, RemoteRefused, RemoteTooLarge, RemoteUnreachable, without_secrets
from kb.remote.profiles import Addresses, Profile, recognize

__all__ = ["Client", "Credentials", "Reply", "find_engine"]

_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_TEXTS = "application/n-triples"
_LONGEST_WORDS = 500
_TAG = re.compile(r"(?is)<title\b.*?</title>|<[^<>]*>")
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Credentials:
    """What a store asks for. None of it is ever shown: `repr` leaves the secrets out.

    :param user: name for basic or digest authentication, whichever the store asks for
    :param password: of that user
    :param token: for ``Authorization: Bearer``, in place of a user
    """

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Reply:
    """A whole reply with a status of success.

    :param media_type: of the body, in lower case, without parameters
    :param headers: names in lower case and values
    """

    body: bytes
    media_type: str
    headers: Mapping[str, str]


class Client:
    """Reaches one remote store over connections that it keeps; close it at the end.

    :param seconds: for a request, unless the request says another number
    :param most_bytes: of a reply, likewise
    """

    def __init__(
        self,
        addresses: Addresses,
        profile: Profile,
        credentials: Credentials | None = None,
        *,
        seconds: float = 60.0,
        most_bytes: int = 1 << 30,
    ) -> None:
        self.addresses = addresses
        self.profile = profile
        self.seconds = seconds
        self._most_bytes = most_bytes
        self._http = httpx.Client(auth=_auth(credentials), trust_env=False, headers={"User-Agent": "ammtc-kb"})

    def __enter__(self) -> Self:
        """Return the client, to be closed at the end of a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def query(  # noqa: PLR0913  each is a parameter of the protocol or a limit
        self,
        text: str,
        accept: str,
        *,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        seconds: float | None = None,
        most_bytes: int | None = None,
    ) -> Reply:
        """Return the reply to a query.

        :param accept: media types of the result
        :param default_graphs: IRIs of the graphs that make up its default graph, or None for the store's own
        :param named_graphs: IRIs of its named graphs, or None for all
        :raises RemoteError: when there is no whole reply
        """
        limit = self.seconds if seconds is None else seconds
        graphs = [("default-graph-uri", iri) for iri in default_graphs or ()]
        graphs += [("named-graph-uri", iri) for iri in named_graphs or ()]
        headers = {"Accept": accept}
        form = [("query", text), *graphs, *self._timeout(limit)]
        return self._send(
            "POST", self.addresses.query, form=form, headers=headers, seconds=limit, most_bytes=most_bytes
        )

    def update(self, text: str, *, seconds: float | None = None) -> None:
        """Carry out an update.

        :raises RemoteError: when the store does not say that it is done
        """
        self._send(
            "POST",
            self.addresses.update,
            content=text.encode(),
            headers={"Content-Type": f"{_UPDATE}; charset=utf-8"},
            seconds=seconds,
        )

    def put_graph(
        self, iri: str | None, body: bytes | Iterable[bytes], media_type: str = _TEXTS, *, seconds: float | None = None
    ) -> None:
        """Replace a graph; None stands for the default graph.

        :raises RemoteError: when the store does not say that it is done
        """
        self._graph("PUT", iri, content=body, headers={"Content-Type": media_type}, seconds=seconds)

    def add_to_graph(
        self, iri: str | None, body: bytes | Iterable[bytes], media_type: str = _TEXTS, *, seconds: float | None = None
    ) -> None:
        """Add statements to a graph; None stands for the default graph.

        :raises RemoteError: when the store does not say that it is done
        """
        self._graph("POST", iri, content=body, headers={"Content-Type": media_type}, seconds=seconds)

    def delete_graph(self, iri: str | None, *, seconds: float | None = None) -> None:
        """Delete a graph, if it is there; None stands for the default graph.

        :raises RemoteError: when the store does not say that it is gone
        """
        try:
            self._graph("DELETE", iri, seconds=seconds)
        except RemoteRefused as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise

    def get_graph(self, iri: str | None, accept: str = _TEXTS, *, seconds: float | None = None) -> Reply:
        """Return a graph; None stands for the default graph.

        :raises RemoteError: when there is no whole reply; a graph that is not there is one with status 404
        """
        return self._graph("GET", iri, headers={"Accept": accept}, seconds=seconds)

    def _graph(
        self,
        method: str,
        iri: str | None,
        *,
        content: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None,
    ) -> Reply:
        url = httpx.URL(self.addresses.graph_store)
        url = url.copy_merge_params({"default": ""} if iri is None else {"graph": iri})
        return self._send(method, str(url), content=content, headers=headers or {}, seconds=seconds)

    def _timeout(self, seconds: float) -> list[tuple[str, str]]:
        """Return the parameter that tells the store how long a query may take, if it has one."""
        name, _, unit = self.profile.timeout.partition(":")
        return [(name, str(max(1, round(seconds * 1000 if unit == "ms" else seconds))))] if name else []

    def _send(  # noqa: PLR0913  a request and its limits
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | Iterable[bytes] | None = None,
        form: Sequence[tuple[str, str]] = (),
        seconds: float | None = None,
        most_bytes: int | None = None,
    ) -> Reply:
        limit = self.seconds if seconds is None else seconds
        most = self._most_bytes if most_bytes is None else most_bytes
        deadline = time.monotonic() + limit
        if form:
            content = str(httpx.QueryParams(list(form))).encode()
            headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            patience = httpx.Timeout(limit, connect=min(limit, _CONNECT_SECONDS))
            with self._http.stream(method, url, content=content, headers=dict(headers), timeout=patience) as reply:
                body = bytearray()
                for chunk in reply.iter_bytes():  # each as it comes: a reply that drips is late too
                    body += chunk
                    if len(body) > most:
                        raise RemoteTooLarge(url, most)
                    if time.monotonic() > deadline:
                        raise RemoteLate(url, limit)
        except httpx.TimeoutException as error:
            raise RemoteLate(url, limit) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RemoteUnreachable(url, str(error) or type(error).__name__) from error
        media_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not reply.is_success:
            target = reply.headers.get("location", "") if reply.is_redirect else ""
            words = f"it redirects to {without_secrets(target)}" if target else _words(bytes(body), media_type)
            raise RemoteRefused(url, reply.status_code, words, _wait(reply.headers.get("retry-after", "")))
        return Reply(bytes(body), media_type, dict(reply.headers))


def find_engine(url: str, credentials: Credentials | None = None, *, seconds: float = 10.0) -> Profile:
    """Return the profile of the engine that answers at the URL of a query endpoint.

    :raises RemoteError: when it cannot be asked
    """
    asked = Profile("", "")
    with Client(asked.addresses(url), asked, credentials, seconds=seconds) as client:
        reply = client.query("ASK {}", "application/sparql-results+json")
    return recognize(reply.headers.get("server", ""))


class _Asked(httpx.Auth):
    """Basic or digest authentication, whichever the store asks for."""

    requires_request_body = True

    def __init__(self, user: str, password: str) -> None:
        self._basic = httpx.BasicAuth(user, password)
        self._digest = httpx.DigestAuth(user, password)
        self._found: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request, again with the credentials if they are asked for."""
        if self._found is None:
            reply = yield request
            if reply.status_code != httpx.codes.UNAUTHORIZED:
                return
            is_digest = reply.headers.get("www-authenticate", "").lower().startswith("digest")
            self._found = self._digest if is_digest else self._basic
        yield from self._found.auth_flow(request)


def _auth(credentials: Credentials | None) -> httpx.Auth | None:
    if credentials is None or not (credentials.user or credentials.token):
        return None
    if credentials.token:
        return _Bearer(credentials.token)
    return _Asked(credentials.user, credentials.password)


class _Bearer(httpx.Auth):
    """A token (RFC 6750, section 2.1)."""

    def __init__(self, token: str) -> None:
        self._value = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request with the token."""
        request.headers["Authorization"] = self._value
        yield request


def _words(body: bytes, media_type: str) -> str:
    """Return the beginning of what a store says of a failure, in one line without the tags of a page."""
    text = body[: 8 * _LONGEST_WORDS].decode(errors="replace")
    if media_type == "text/html":
        text = _TAG.sub(" ", text)
    return " ".join(text.split())[:_LONGEST_WORDS]


def _wait(retry_after: str) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait (RFC 9110, section 10.2.3), or None."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
