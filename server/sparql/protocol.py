"""The parameters of the query operation of the SPARQL 1.1 Protocol, read from an HTTP request.

https://www.w3.org/TR/sparql11-protocol/#query-operation. The three ways to send a query are told apart and decoded
here; everything else is refused.
"""

import binascii
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from werkzeug.http import parse_options_header

from server.problems import Problem
from server.representations.preconditions import Headers

__all__ = ["operation_parameters", "read_parameters", "single"]

_SEND_A_QUERY = "Send application/sparql-query or application/x-www-form-urlencoded"
_UPDATE_PARAMETERS = ("update", "using-graph-uri", "using-named-graph-uri")
_MOST_PARAMETERS = 1000


def operation_parameters(method: str, query_string: bytes, headers: Headers, body: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a query operation, from the address and, of a POST request, from its body.

    :param headers: those about the body are read
    :raises Problem: 400 for parameters that cannot be read, 403 for an update, 415 for a body of another type
    """
    parameters = read_parameters(query_string)
    if method == "POST":
        parameters += _body_parameters(headers, body)
    if any(name in _UPDATE_PARAMETERS for name, _ in parameters):
        raise _read_only()
    return parameters


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
            raise _unsupported("The request has no Content-Type", _SEND_A_QUERY)
        case _:
            raise _unsupported(f"The Content-Type {media_type!r} is not accepted", _SEND_A_QUERY)


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
