"""Content negotiation: which of the offered formats a request's Accept header asks for.

RFC 9110, sections 12.4.2 and 12.5.1 (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1), with two decisions that
the RFC leaves to the server: among formats of equal quality the one that the client names more closely wins, then the
server's order; and only a client that names ``text/html`` gets a page, so that ``*/*`` gets data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from werkzeug.http import parse_accept_header, parse_options_header

from kb.rdf.formats import Format
from kb.rdf.versions import newest
from server.representations.formats import PAGE_FORMAT

__all__ = ["Choice", "best"]

_MOST_RANGES = 100
_UTF8 = frozenset(("utf-8", "utf8", "us-ascii", "*"))


@dataclass(frozen=True)
class Choice:
    """A format and the media type under which the client asked for it.

    :param version: label of the newest version of RDF that the client asked for, or ""
    """

    format: Format
    media_type: str
    version: str = ""


def best(header: str | None, offered: Sequence[Format]) -> Choice | None:
    """Return the format that an Accept header prefers, or None where it accepts none of them (status 406).

    :param header: the header's value; None or one without any well-formed element accepts everything
    :param offered: in the server's order of preference
    """
    ranges = _parse(header or "") or [("*/*", {}, 1.0)]
    choices = [Choice(found, media_type) for found in offered for media_type in found.media_types]
    rated = [(_rate(ranges, choice), choice) for choice in choices]
    (quality, _, version), choice = max(rated, key=lambda pair: pair[0][:2], default=((0.0, 0, ""), None))
    return replace(choice, version=version) if choice and quality > 0 else None


def _parse(header: str) -> list[tuple[str, Mapping[str, str], float]]:
    """Return media range, parameters and quality of the elements of an Accept header that are well-formed."""
    elements = parse_accept_header(header)[:_MOST_RANGES]
    return [(*parse_options_header(value), quality) for value, quality in elements if "/" in value]


def _rate(ranges: Sequence[tuple[str, Mapping[str, str], float]], choice: Choice) -> tuple[float, int, str]:
    """Return the quality of a choice, how closely the client names it, and the newest version that it takes."""
    rated = [
        (_specificity(found, parameters, choice.media_type), quality, parameters.get("version", ""))
        for found, parameters, quality in ranges
    ]
    specificity, quality, _ = max(rated, key=lambda found: found[0])
    must_be_named = choice.format is PAGE_FORMAT or choice.media_type != choice.format.media_type
    if specificity < (3 if must_be_named else 1):
        return 0.0, 0, ""
    taken = (version for found, quality, version in rated if found and quality) if choice.format.versioned else ()
    return quality, specificity, newest(taken)


def _specificity(media_range: str, parameters: Mapping[str, str], media_type: str) -> int:
    """Return how closely a range names a media type: 0 not at all, 1 ``*/*``, 2 ``text/*``, 3 and more itself.

    Parameters are the client's wishes about a representation that exists in one variant only (``profile``,
    ``version``): they make the range more specific and exclude nothing here, before the result is there. A ``charset``
    other than UTF-8 excludes.
    """
    if parameters.get("charset", "utf-8").lower() not in _UTF8:
        return 0
    kind, _, subtype = media_range.lower().partition("/")
    if f"{kind}/{subtype}" == media_type:
        return 3 + len(parameters)
    if subtype == "*" and kind in ("*", media_type.partition("/")[0]):
        return 1 if kind == "*" else 2
    return 0
