"""Exclusive canonical XML of an element's content, as RDF/XML wants its XML literals."""

from collections.abc import Callable, Sequence

__all__ = ["SEPARATOR", "CanonicalXml", "qualified"]

#: Between the namespace, the local name and the prefix in a name that expat reports; no XML document can hold it.
SEPARATOR = "\x01"

_XML = "http://www.w3.org/XML/1998/namespace"
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_IN_VALUE = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"})


def qualified(name: str) -> tuple[str, str, str]:
    """Return the namespace, the local name and the prefix of a name as expat reports it, each maybe empty."""
    parts = name.split(SEPARATOR)
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) == 3 else ""  # noqa: PLR2004


class CanonicalXml:
    """Writes what expat reports of an element's content, with comments (https://www.w3.org/TR/xml-exc-c14n/).

    :param count: is told the number of characters of each part before it is kept
    """

    def __init__(self, count: Callable[[int], None]) -> None:
        self._count = count
        self._parts: list[str] = []
        #: Prefix -> the namespaces that the open elements declare for it in the output, the innermost last.
        self._rendered: dict[str, list[str]] = {}
        self._open: list[tuple[str, list[str]]] = []

    @property
    def depth(self) -> int:
        """The number of open elements."""
        return len(self._open)

    @property
    def text(self) -> str:
        """What was written."""
        return "".join(self._parts)

    def start(self, name: str, attributes: Sequence[str]) -> None:
        """Write a start tag.

        :param attributes: names and values in turn
        """
        namespace, local, prefix = qualified(name)
        pairs = sorted((qualified(key), value) for key, value in zip(attributes[::2], attributes[1::2], strict=True))
        used = {prefix: namespace}
        used |= {found: uri for (uri, _, found), _ in pairs if found and uri != _XML}
        declared = [found for found in sorted(used) if self._rendered.get(found, [""])[-1] != used[found]]
        for found in declared:
            self._rendered.setdefault(found, [""]).append(used[found])
        tag = f"{prefix}:{local}" if prefix else local
        self._open.append((tag, declared))
        namespaces = (f' xmlns{found and ":"}{found}="{used[found].translate(_IN_VALUE)}"' for found in declared)
        values = (f' {key[2]}{key[2] and ":"}{key[1]}="{value.translate(_IN_VALUE)}"' for key, value in pairs)
        self._write("".join(("<", tag, *namespaces, *values, ">")))

    def end(self, _: str) -> None:
        """Write the end tag of the innermost open element."""
        tag, declared = self._open.pop()
        for prefix in declared:
            self._rendered[prefix].pop()
        self._write(f"</{tag}>")

    def characters(self, text: str) -> None:
        """Write text."""
        self._write(text.translate(_IN_TEXT))

    def comment(self, text: str) -> None:
        """Write a comment."""
        self._write(f"<!--{text}-->")

    def instruction(self, target: str, data: str) -> None:
        """Write a processing instruction."""
        self._write(f"<?{target}{data and ' '}{data}?>")

    def _write(self, part: str) -> None:
        self._count(len(part))
        self._parts.append(part)
