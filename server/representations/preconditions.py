"""Preconditions and ranges: whether a client gets a representation whole, in part, not again, or not at all.

RFC 9110, sections 13 and 14 (https://www.rfc-editor.org/rfc/rfc9110#section-13). They are evaluated in the order of
section 13.2.2, and only where the reply would be 200 without them (sections 13.2.1 and 14.2).
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from server.problems import Problem

__all__ = ["Headers", "Validators", "has_it", "part", "require_match"]

_ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_RANGES = re.compile(r"bytes=(.*)", re.IGNORECASE | re.DOTALL)
_RANGE = re.compile(r"([0-9]*)-([0-9]*)")
_OF_A_LIST = " \t"
#: The forms of a date, the two old ones last (RFC 9110, section 5.6.7).
_DATES = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")
#: Digits of a position that are read: more are beyond the end of any file (RFC 9110, section 14.1.2).
_MOST_DIGITS = 18


class Headers(Protocol):
    """The headers of a request, by their names in lower case."""

    def get(self, name: str, /) -> str | None:
        """Return the value of a header, or None where the request has none of that name."""


@dataclass(frozen=True)
class Validators:
    """What tells a representation from others (RFC 9110, section 8.8).

    :param tag: strong entity tag in its quotes, or None
    :param modified: value of Last-Modified, or None
    """

    tag: str | None
    modified: str | None = None


def require_match(sent: Headers, current: Validators) -> None:
    """Check If-Match or, where that is missing, If-Unmodified-Since (RFC 9110, sections 13.1.1 and 13.1.4).

    :param sent: headers of a GET or HEAD request
    :raises Problem: 412 if the representation is another one than the client means
    """
    if (listed := sent.get("if-match")) is not None:
        holds = listed.strip() == "*" or current.tag in _tags(listed)
    else:
        since, modified = _date(sent.get("if-unmodified-since")), _date(current.modified)
        holds = since is None or modified is None or modified <= since
    if not holds:
        detail = "What is at this address is not what the request means"
        raise Problem("precondition-failed", detail, "Get the whole again, without If-Match and If-Unmodified-Since")


def has_it(sent: Headers, current: Validators) -> bool:
    """Return whether a client has a representation already, by If-None-Match or, where that is missing, by its date.

    The comparison of tags is the weak one (RFC 9110, sections 13.1.2 and 13.1.3).

    :param sent: headers of a GET or HEAD request
    """
    if (listed := sent.get("if-none-match")) is not None:
        tags = {tag.removeprefix("W/") for tag in _tags(listed)}
        return current.tag is not None and (listed.strip() == "*" or current.tag in tags)
    since, modified = _date(sent.get("if-modified-since")), _date(current.modified)
    return since is not None and modified is not None and modified <= since


def part(sent: Headers, current: Validators, size: int) -> range | None:
    """Return the positions of the bytes that a client wants, or None for all (RFC 9110, sections 13.1.5 and 14.2).

    A request for several parts gets the whole, and so does one that cannot be understood: a server may ignore Range.

    :param sent: headers of a GET request
    :param size: of the representation, in bytes
    :raises Problem: 416 if it has none of them
    """
    found = _RANGES.fullmatch(sent.get("range") or "")
    if found is None or size == 0 or not _may_be_in_part(sent.get("if-range"), current):
        return None
    try:
        parts = [_positions(text.strip(_OF_A_LIST), size) for text in found[1].split(",") if text.strip(_OF_A_LIST)]
    except ValueError:
        return None
    wanted = [positions for positions in parts if positions]
    if parts and not wanted:
        detail = f"There are {size:,} bytes here, and none of those"
        headers = {"Content-Range": f"bytes */{size}"}
        raise Problem("requested-range-not-satisfiable", detail, "Ask for bytes that it has", headers=headers)
    return wanted[0] if len(wanted) == 1 else None


def _may_be_in_part(condition: str | None, current: Validators) -> bool:
    """Return whether If-Range holds: its tag is strong and the current one, or its date is exactly Last-Modified."""
    if condition is None:
        return True
    if '"' in condition[:3]:
        return condition == current.tag
    date = _date(condition)
    return date is not None and date == _date(current.modified)


def _positions(text: str, size: int) -> range:
    """Return the positions that one part of Range names; none, where the whole ends before them.

    :raises ValueError: if it is not valid (RFC 9110, section 14.1.1)
    """
    found = _RANGE.fullmatch(text)
    if found is None or found[0] == "-":
        raise ValueError(text)
    first, last = (_number(digits) for digits in found.groups())
    if first is None:
        return range(max(0, size - (last or 0)), size)
    if last is not None and last < first:
        raise ValueError(text)
    return range(first, size if last is None else min(last + 1, size))


def _number(digits: str) -> int | None:
    return int(digits.lstrip("0")[: _MOST_DIGITS + 1] or "0") if digits else None


def _tags(listed: str) -> list[str]:
    return _ENTITY_TAG.findall(listed)


def _date(text: str | None) -> datetime | None:
    """Return the time that an HTTP date means, or None for what is no such date."""
    for form in _DATES if text else ():
        with suppress(ValueError):
            return datetime.strptime(text or "", form).replace(tzinfo=UTC)
    return None
