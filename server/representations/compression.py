"""Content coding: bodies compressed as a client's Accept-Encoding allows.

RFC 9110, sections 8.4 and 12.5.3 (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3); Zstandard is RFC 8878.
"""

import gzip
from functools import lru_cache

import zstandard
from werkzeug.http import parse_accept_header

from kb.rdf.formats import RDF_FORMATS, RESULT_FORMATS

__all__ = ["CODINGS", "LEAST_BYTES", "compress", "content_coding", "is_compressible"]

#: The codings in which a body can be sent, the preferred one first.
CODINGS = ("zstd", "gzip")
#: A shorter body fits into one packet uncompressed.
LEAST_BYTES = 1400
_GZIP_LEVEL = 5
_ZSTD_LEVEL = 3
_FORMATS = (*RESULT_FORMATS.values(), *RDF_FORMATS.values())
_TEXTS = frozenset(("image/svg+xml", *(media_type for found in _FORMATS for media_type in found.media_types)))
_LONGEST_HEADER = 200


@lru_cache(maxsize=64)
def is_compressible(content_type: str) -> bool:
    """Return whether bodies of a media type are texts, which get shorter."""
    media_type = content_type.partition(";")[0]
    return media_type.startswith("text/") or media_type.endswith("+json") or media_type in _TEXTS


def content_coding(header: str | None, codings: tuple[str, ...] = CODINGS) -> str | None:
    """Return the coding that an Accept-Encoding header prefers, or None for no coding.

    Of codings that are equally welcome the faster one is taken. ``*`` stands for gzip only: a client that does not name
    Zstandard may not know it.

    :param codings: of which the body can be had
    """
    return _coding(header, codings) if header and len(header) <= _LONGEST_HEADER else None


def compress(body: bytes, coding: str) -> bytes:
    """Return a body in a coding; the same bytes each time."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


@lru_cache(maxsize=256)
def _coding(header: str, codings: tuple[str, ...]) -> str | None:
    weights = {name.lower().removeprefix("x-"): weight for name, weight in parse_accept_header(header)}
    weights.setdefault("gzip", weights.get("*", 0.0))
    best = max(codings, key=lambda coding: weights.get(coding, 0.0))
    weight = weights.get(best, 0.0)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else None
