"""XML literals: whether text is a piece of XML, and what it says apart from how it is spelled."""

from xml.parsers import expat

__all__ = ["read_fragment"]

_Event = tuple[str, ...]


def read_fragment(text: str) -> tuple[_Event, ...] | None:
    """Return what an XML fragment says, None where the text is none.

    The lexical space of rdf:XMLLiteral are the texts which, between a start tag and its end tag, are well-formed by XML
    and by its namespaces (https://www.w3.org/TR/rdf11-concepts/#section-XMLLiteral). Two fragments say the same when
    they are the same after normalization: the order of attributes, the kind of quotes, empty tags, CDATA sections,
    references to characters and line ends make no difference; prefixes, comments and white space do.

    expat reads it: no entity can be declared inside an element, so none expands.
    """
    events: list[_Event] = []
    parser = expat.ParserCreate("utf-8", " ")
    parser.namespace_prefixes = True
    parser.buffer_text = True
    declared: list[_Event] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        events.extend(
            [("start", name), *sorted(declared), *sorted(("attribute", *pair) for pair in attributes.items())]
        )
        declared.clear()

    parser.StartNamespaceDeclHandler = lambda prefix, uri: declared.append(("namespace", prefix or "", uri or ""))
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: events.append(("end",))
    parser.CharacterDataHandler = lambda data: _add_text(events, data)
    parser.CommentHandler = lambda data: events.append(("comment", data))
    parser.ProcessingInstructionHandler = lambda target, data: events.append(("instruction", target, data))
    try:
        parser.Parse(f"<x>{text}</x>".encode(), True)
    except (expat.ExpatError, UnicodeEncodeError):
        return None
    return tuple(events)


def _add_text(events: list[_Event], text: str) -> None:
    """Add text to that before it, from which a reference or a CDATA section may have parted it."""
    if events[-1][0] == "text":
        events[-1] = ("text", events[-1][1] + text)
    else:
        events.append(("text", text))
