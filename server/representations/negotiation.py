"""Content negotiation: which of the offered representations a request's Accept header asks for.

RFC 9110, sections 12.4.2 and 12.5.1 (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1), with two decisions that
the RFC leaves to the server: among offers of equal quality the one that the client names more closely wins, then the
server's order; and an offer can ask to be named, so that ``*/*`` gets data and a browser gets the page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Choice", "MediaRange", "Offer", "best", "parse_accept"]

_MOST_RANGES = 100
_QUALITY_DIGITS = 3
_UTF8 = frozenset(("utf-8", "utf8", "us-ascii", "*"))


@dataclass(frozen=True)
class Offer:
    """A representation that the server can make.

    :param name: the server's own name for it, for example ``json``
    :param media_types: its media type, then others under which clients ask for it
    :param must_be_named: only an Accept header that spells the media type out gets it
    """

    name: str
    media_types: tuple[str, ...]
    must_be_named: bool = False


@dataclass(frozen=True)
class Choice:
    """An offer and the media type under which the client asked for it."""

    offer: Offer
    media_type: str


@dataclass(frozen=True)
class MediaRange:
    """One element of an Accept header.

    :param type: for example ``text``, or ``*``
    :param subtype: for example ``turtle``, or ``*``
    :param parameters: names in lower case and values, ``q`` left out
    :param quality: weight in thousandths, 0 to 1000
    """

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...]
    quality: int

    def specificity(self, media_type: str) -> int:
        """Return how closely this range names a media type: 0 not at all, 1 ``*/*``, 2 ``text/*``, 3 and more itself.

        Parameters are the client's wishes about a representation that exists in one variant only (``profile``,
        ``version``): they make the range more specific and exclude nothing. A ``charset`` other than UTF-8 excludes.
        """
        if dict(self.parameters).get("charset", "utf-8").lower() not in _UTF8:
            return 0
        if f"{self.type}/{self.subtype}" == media_type:
            return 3 + len(self.parameters)
        if self.subtype == "*" and self.type in ("*", media_type.partition("/")[0]):
            return 1 if self.type == "*" else 2
        return 0


def parse_accept(header: str) -> tuple[MediaRange, ...]:
    """Return the media ranges of an Accept header; elements that are malformed are left out."""
    elements = _split(header, ",")[:_MOST_RANGES]
    return tuple(found for element in elements if (found := _media_range(element)) is not None)


def best(header: str | None, offers: Sequence[Offer]) -> Choice | None:
    """Return the offer that an Accept header prefers, or None where it accepts none of them (status 406).

    :param header: the header's value; None or one without any well-formed element accepts everything
    :param offers: in the server's order of preference
    """
    ranges = parse_accept(header or "") or (MediaRange("*", "*", (), 1000),)
    rated = [(_rate(ranges, choice), choice) for choice in _choices(offers)]
    (quality, _), choice = max(rated, key=lambda pair: pair[0], default=((0, 0), None))
    return choice if quality > 0 else None


def _choices(offers: Sequence[Offer]) -> Iterator[Choice]:
    for offer in offers:
        for media_type in offer.media_types:
            yield Choice(offer, media_type)


def _rate(ranges: Sequence[MediaRange], choice: Choice) -> tuple[int, int]:
    specificity, quality = max(
        ((found.specificity(choice.media_type), found.quality) for found in ranges), key=lambda pair: pair[0]
    )
    alias = choice.media_type != choice.offer.media_types[0]
    if specificity < (3 if choice.offer.must_be_named or alias else 1):
        return 0, 0
    return quality, specificity


def _media_range(element: str) -> MediaRange | None:
    essence, *parts = _split(element, ";")
    kind, slash, subtype = essence.strip().lower().partition("/")
    if not slash or not kind or not subtype or (kind == "*" and subtype != "*"):
        return None
    quality = 1000
    parameters = []
    for part in parts:
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name.lower() == "q":
            parsed = _quality(value)
            if parsed is None:
                return None
            quality = parsed
        elif name:
            parameters.append((name.lower(), value.strip('"')))
    return MediaRange(kind, subtype, tuple(parameters), quality)


def _quality(text: str) -> int | None:
    """Return a qvalue in thousandths: ``0``, ``1``, ``0.`` and up to three digits (RFC 9110, section 12.4.2)."""
    whole, _, fraction = text.partition(".")
    if whole not in ("0", "1") or len(fraction) > _QUALITY_DIGITS or not (fraction or "0").isascii():
        return None
    if not (fraction or "0").isdigit():
        return None
    quality = int(whole) * 1000 + int(fraction.ljust(_QUALITY_DIGITS, "0"))
    return quality if quality <= 1000 else None  # noqa: PLR2004  (1, in thousandths)


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator outside quoted strings (RFC 9110, section 5.6.4)."""
    parts, start, quoted, escaped = [], 0, False, False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\" and quoted:
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]
