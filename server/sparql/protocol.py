"""The query operation of the SPARQL 1.1 Protocol: what an HTTP request asks for.

https://www.w3.org/TR/sparql11-protocol/#query-operation. The three ways to send a query are told apart and decoded
here; everything else is refused.
"""

import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from werkzeug.http import parse_options_header

from server.problems import Problem
from server.representations.validators import Headers

__all__ = ["QUERY_TYPE", "Operation", "read_operation", "read_parameters", "single"]

QUERY_TYPE = "application/sparql-query"

_FORM_TYPE = "application/x-www-form-urlencoded"
_UPDATE_PARAMETERS = ("update", "using-graph-uri", "using-named-graph-uri")
_MOST_PARAMETERS = 1000


@dataclass(frozen=True)
class Operation:
    """A query operation.

    :param query: the query, or None where the request has none: it asks for the service description
    :param default_graphs: IRIs given by ``default-graph-uri``, or None where the request gives no dataset
    :param named_graphs: IRIs given by ``named-graph-uri``, or None where the request gives no dataset
    :param formats: values of ``format``, which is no part of the protocol: clients repeat it with several names
    """

    query: str | None
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    formats: tuple[str, ...]


def read_operation(method: str, query_string: bytes, headers: Headers, body: bytes, query_bytes: int) -> Operation:
    """Return the query operation that a request asks for.

    :param headers: those about the body are read
    :param query_bytes: most bytes of a query in UTF-8
    :raises Problem: 400 for parameters that cannot be read or are repeated, 403 for updates, 413 for a longer query,
        415 for a body of another type
    """
    parameters = read_parameters(query_string)
    if method == "POST":
        parameters += _body_parameters(headers, body)
    if any(name in _UPDATE_PARAMETERS for name, _ in parameters):
        raise _read_only()
    query = single(parameters, "query")
    if query is None and (method == "POST" or any(name != "format" for name, _ in parameters)):
        raise _bad_request("The request has no query", "Send it as the parameter `query`")
    if query is not None and len(query.encode()) > query_bytes:
        raise Problem(
            "query-too-long", f"The query is longer than {query_bytes // 1024} KiB", "Split it into several queries"
        )
    default, named, formats = (
        tuple(value for found, value in parameters if found == name)
        for name in ("default-graph-uri", "named-graph-uri", "format")
    )
    return Operation(query, default, named, formats) if default or named else Operation(query, None, None, formats)


def read_parameters(encoded: bytes) -> list[tuple[str, str]]:
    """Decode ``application/x-www-form-urlencoded`` once; unlike Werkzeug's own decoding, an error is an error.

    :raises Problem: 400 for text that is not UTF-8, and for more than a thousand parameters
    """
    if encoded.count(b"&") >= _MOST_PARAMETERS:
        raise _bad_request("The request has too many parameters", "Send fewer")
    pairs = (pair.partition(b"=") for pair in encoded.split(b"&") if pair)
    try:
        return [(_unescaped(name).decode(), _unescaped(value).decode()) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise _bad_request("The parameters are not UTF-8", "Encode them as UTF-8, then percent-encode") from None


def single(parameters: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the value of a parameter that may be given once, or None where it is not given.

    :raises Problem: 400 where it is given more often
    """
    values = [value for found, value in parameters if found == name]
    if len(values) > 1:
        raise _bad_request(f"The parameter `{name}` is given {len(values)} times", "Give it once")
    return values[0] if values else None


def _body_parameters(headers: Headers, body: bytes) -> list[tuple[str, str]]:
    """Return the parameters in the body of a POST request; a direct query counts as the parameter ``query``."""
    if (coding := (headers.get("content-encoding") or "identity").lower()) != "identity":
        raise _unsupported(f"The content coding {coding!r} is not accepted", "Send the body as it is")
    media_type, options = parse_options_header(headers.get("content-type"))
    if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise _unsupported(f"The charset {options['charset']!r} is not accepted", "Send UTF-8")
    match media_type.lower():
        case "application/x-www-form-urlencoded":
            return read_parameters(body)
        case "application/sparql-query":
            return [("query", _text(body))]
        case "application/sparql-update":
            raise _read_only()
        case "":
            raise _unsupported("The request has no Content-Type", f"Send {QUERY_TYPE} or {_FORM_TYPE}")
        case _:
            raise _unsupported(f"The Content-Type {media_type!r} is not accepted", f"Send {QUERY_TYPE} or {_FORM_TYPE}")


def _unescaped(part: bytes) -> bytes:
    """Decode ``+`` and percent-escapes once; what is no escape stays.

    A query has hundreds of them, for which the standard library's function takes longer than everything else that is
    done to a request here. Its decoder of quoted-printable text does the same with another character, but for escapes
    that are none: each true one makes the text two bytes shorter.
    """
    part = part.replace(b"+", b" ")
    escapes = part.count(b"%")
    if not escapes or b"\r" in part or b"\n" in part:
        return unquote_to_bytes(part)
    decoded = binascii.a2b_qp(part.replace(b"=", b"=3D").replace(b"%", b"="))
    return decoded if len(decoded) == len(part) - 2 * escapes else unquote_to_bytes(part)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise _bad_request("The query is not UTF-8", "Encode it as UTF-8") from None


def _bad_request(detail: str, remedy: str) -> Problem:
    return Problem("bad-request", detail, remedy)


def _unsupported(detail: str, remedy: str) -> Problem:
    return Problem("unsupported-media-type", detail, remedy)


def _read_only() -> Problem:
    return Problem("read-only", "This endpoint is read-only: updates are refused", "Send a query")
