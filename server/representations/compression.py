"""Content coding: bodies compressed as a client's Accept-Encoding allows.

RFC 9110, sections 8.4 and 12.5.3 (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3); Zstandard is RFC 8878.
"""

import gzip
import re
from collections.abc import Iterator
from functools import lru_cache

import zstandard

__all__ = ["LEAST_BYTES", "compress", "content_coding", "is_compressible"]

#: A shorter body fits into one packet as it is.
LEAST_BYTES = 1400

_PREFERRED = ("zstd", "gzip")
_GZIP_LEVEL = 5
_ZSTD_LEVEL = 3
_TEXTS = (
    "text/",
    "application/json",
    "application/xml",
    "application/n-triples",
    "application/n-quads",
    "image/svg+xml",
)
_TEXT_SUFFIXES = ("+json", "+xml", "/trig", "/x-turtle")
_LONGEST_HEADER = 200
_ELEMENT = re.compile(r"\s*([!-+\--:<-~]+)\s*(?:;\s*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?", re.IGNORECASE)


@lru_cache(maxsize=64)
def is_compressible(content_type: str) -> bool:
    """Tell whether bodies of a media type are texts, which get shorter."""
    media_type = content_type.partition(";")[0]
    return media_type.startswith(_TEXTS) or media_type.endswith(_TEXT_SUFFIXES)


def content_coding(header: str | None) -> str | None:
    """Return the coding that an Accept-Encoding header prefers, or None for the body as it is.

    Of codings that are equally welcome the faster one is taken. ``*`` stands for gzip only: who does not name Zstandard
    may not know it.
    """
    return _coding(header) if header and len(header) <= _LONGEST_HEADER else None


def compress(body: bytes, coding: str) -> bytes:
    """Return a body in a coding; the same bytes each time."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


@lru_cache(maxsize=256)
def _coding(header: str) -> str | None:
    weights = dict(_weights(header))
    weights.setdefault("gzip", weights.get("*", 0.0))
    best = max(_PREFERRED, key=lambda coding: weights.get(coding, 0.0))
    weight = weights.get(best, 0.0)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else None


def _weights(header: str) -> Iterator[tuple[str, float]]:
    """Yield codings and their weights; elements that are malformed are left out."""
    for element in header.split(","):
        if (found := _ELEMENT.fullmatch(element)) is not None:
            yield found[1].lower().removeprefix("x-"), float(found[2] or 1)
