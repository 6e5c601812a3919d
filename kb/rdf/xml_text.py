"""The text of an XML document: decoded as its byte order mark or its declaration says, ready for expat."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from kb.errors import RdfSyntaxError

__all__ = ["xml_text"]

_CHUNK = 1 << 16

#: Byte order marks and the bytes of ``<`` without one (https://www.w3.org/TR/xml/#sec-guessing); the longer ones first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)

_DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*(["'])1\.\d+\1(?:\s+encoding\s*=\s*(["'])(?P<encoding>[A-Za-z][\w.-]*)\2)?"""
    r"""(?:\s+standalone\s*=\s*(["'])(?:yes|no)\4)?\s*\?>""",
    re.ASCII,
)
#: Makes a reference to an entity that only an external subset could declare an error. Without it such a reference in
#: an attribute would be dropped without a word (https://www.w3.org/TR/xml/#wf-entdeclared).
_STANDALONE = '<?xml version="1.0" standalone="yes"?>'


def xml_text(file: IO[bytes], path: Path) -> Iterator[str]:
    """Yield an XML document in pieces; a declaration of ours replaces its own, on as many lines.

    A byte order mark comes before what the declaration says. Every encoding of Python's that contains ASCII is read,
    UTF-16 and UTF-32 too (https://www.w3.org/TR/xml/#charencoding).

    :param path: its name, for the error message
    :raises RdfSyntaxError: when the encoding is unknown or not the one that the document says
    """
    head = file.read(_CHUNK)
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), None) or _declared(head, path)
    pieces = _decoded(file, head, encoding, path)
    first = next(pieces, "")
    declaration = _DECLARATION.match(first)
    if declaration:
        yield _STANDALONE + "\n" * len(re.findall(r"\r\n?|\n", declaration[0]))
        first = first[declaration.end() :]
    elif not first.startswith("<?xml"):  # a faulty declaration is for expat to report
        yield _STANDALONE
    yield first
    yield from pieces


def _declared(head: bytes, path: Path) -> str:
    """Return the encoding that the declaration of a document without byte order mark names."""
    declaration = _DECLARATION.match(head[:1000].decode("latin-1"))
    named = declaration["encoding"] if declaration else None
    if named is None:
        return "utf-8"
    try:
        fits = b"<?xml".decode(named) == "<?xml"
    except (LookupError, UnicodeError):
        fits = False
    if not fits:
        detail = f"says that its encoding is {named}, which it is not, or which is unknown here"
        raise RdfSyntaxError(path, detail, 1, "Correct the encoding in the XML declaration, or save the file as UTF-8")
    return named


def _decoded(file: IO[bytes], head: bytes, encoding: str, path: Path) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    chunk, lines = head, 1
    while True:
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line = lines + error.object.count(b"\n", 0, error.start)
            name = encoding.removesuffix("-sig").upper()
            remedy = 'Name the right one in its first line, for example <?xml version="1.0" encoding="windows-1252"?>'
            raise RdfSyntaxError(path, f"is not in {name}, in which it should be", line, remedy) from error
        lines += text.count("\n")
        yield text
        if not chunk:
            return
        chunk = file.read(_CHUNK)
