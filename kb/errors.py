"""Every error that kb raises on purpose.

    KbError
    ├── UsageError              the call is wrong: exit code 2, HTTP 4xx
    │   ├── MissingFile         a file or folder that was named is not there
    │   ├── UnwritablePath      a result cannot be written where it was asked for
    │   ├── UnknownName         an entity, a graph, a question or a format that does not exist
    │   ├── AmbiguousName       a name that several things have
    │   ├── TermNotInFormat     a result has a term that the format asked for cannot hold
    │   ├── BadAddress          the URL of a remote store cannot be used
    │   ├── ForeignData         a remote store holds what something else wrote, where ours would be
    │   └── QueryError          the text is not a SPARQL query accepted here
    │       └── QuerySyntaxError
    ├── RemoteError             a remote store cannot be used: exit code 1, HTTP 503
    │   ├── RemoteUnreachable   there is no connection, or it ended before the reply did
    │   ├── RemoteLate          no whole reply came in time
    │   ├── RemoteRefused       the store replied with an error
    │   ├── RemoteWrongAnswer   the store replied what is no result
    │   ├── RemoteCut           the store left out a part of the reply
    │   ├── RemoteOther         the store holds something else than it should
    │   ├── RemoteTooLarge      the reply is larger than it may be
    │   └── Unpublished         publishing ended before the store was as it is to be
    └── DataError               the files are wrong: exit code 1, HTTP 5xx
        ├── RdfSyntaxError      a file is not well-formed RDF
        ├── InvalidTerm         a term or a statement that RDF 1.1 does not have
        ├── ClosureError        an import has no file
        ├── NoRoom              more terms or predicates than the engine can number
        ├── NotEnoughMemory     the data take more memory than there may be
        ├── MalformedAxiom      an RDF list or a cardinality says nothing definite
        └── GenerationError     a built generation is missing, damaged or of another version

``str(error)`` says what is wrong and what to do; what callers need besides are attributes. Exit codes are mapped in
``kb.cli``, HTTP status codes in ``server.problems``, each in one place.
"""

from collections.abc import Sequence
from pathlib import Path

__all__ = [
    "AmbiguousName",
    "BadAddress",
    "ClosureError",
    "DataError",
    "ForeignData",
    "GenerationError",
    "InvalidTerm",
    "KbError",
    "MalformedAxiom",
    "MissingFile",
    "NoRoom",
    "NotEnoughMemory",
    "QueryError",
    "QuerySyntaxError",
    "RdfSyntaxError",
    "RemoteCut",
    "RemoteError",
    "RemoteLate",
    "RemoteOther",
    "RemoteRefused",
    "RemoteTooLarge",
    "RemoteUnreachable",
    "RemoteWrongAnswer",
    "TermNotInFormat",
    "UnknownName",
    "Unpublished",
    "UnwritablePath",
    "UsageError",
    "without_secrets",
]


class KbError(Exception):
    """Base of all errors that kb raises on purpose.

    :param problem: what is wrong, one sentence without a full stop
    :param remedy: what the reader can do about it, one sentence without a full stop
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}. {remedy}" if remedy.endswith("?") else f"{problem}. {remedy}.")
        self.problem = problem
        self.remedy = remedy


class UsageError(KbError):
    """The caller asked for something that cannot be done."""


class DataError(KbError):
    """The files of the graph cannot be used as they are."""


class NoRoom(DataError):
    """There are more terms or predicates than the engine can number."""

    def __init__(self) -> None:
        super().__init__(
            "There are too many terms and predicates to reason on at once",
            "Reason on parts of the data; the page on the reasoner says how many there can be",
        )


class NotEnoughMemory(DataError):
    """The data, with what follows from them, take more memory than there may be; nothing was written.

    :param mebibytes: how much ``--memory`` allows, or the machine has free; None where the limit is from outside
    """

    def __init__(self, mebibytes: int | None = None) -> None:
        if mebibytes is None:
            problem, more = "This needs more memory than there is", "Allow the process more memory"
        else:
            problem, more = f"This needs more memory than {mebibytes:,} MiB", "Allow more with --memory"
        remedy = f"{more}, or give it less data: from n links of a transitive property in a row follow n times n / 2"
        super().__init__(f"{problem}; nothing was written", remedy)


class MalformedAxiom(DataError):
    """An RDF list or a cardinality from which nothing definite follows.

    :param place: the number of a statement that shows it, in the order of reading, from 0; None where it is not known
    """

    def __init__(self, problem: str, remedy: str, place: int | None = None) -> None:
        super().__init__(problem, remedy)
        self.place = place


class MissingFile(UsageError):
    """A file or folder that was named is not there, or cannot be read."""

    def __init__(self, path: Path, remedy: str = "Check the spelling of the path") -> None:
        super().__init__(f"{path}: no such file or folder, or it cannot be read", remedy)
        self.path = path


#: Words of the operating system's or the engine's reason -> what helps.
_OF_REASONS = {
    "file descriptors": "Allow more open files, for example with `ulimit -n 1024`",
    "too many open files": "Allow more open files, for example with `ulimit -n 1024`",
    "no space left": "Make room on the device, or choose another one",
    "too large": "Allow larger files, for example with `ulimit -f unlimited`",
}


class UnwritablePath(UsageError):
    """A result cannot be written where it was asked for; nothing was written."""

    def __init__(self, path: Path, reason: str) -> None:
        remedies = (remedy for words, remedy in _OF_REASONS.items() if words in reason.lower())
        remedy = next(remedies, "Choose a folder that you may write to")
        super().__init__(f"{path}: cannot be written ({reason})", remedy)


class UnknownName(UsageError):
    """A name stands for nothing here.

    :param kind: what was looked for, for example ``"entity"``
    :param name: the name as it was given
    :param suggestions: names of that kind that exist, nearest first
    """

    def __init__(self, kind: str, name: str, suggestions: Sequence[str] = ()) -> None:
        remedy = f"Did you mean: {', '.join(suggestions)}?" if suggestions else "Check the spelling"
        super().__init__(f"No {kind} is called {name!r}", remedy)
        self.suggestions = tuple(suggestions)


class AmbiguousName(UsageError):
    """Several things have a name.

    :param kind: what was looked for, for example ``"thing"``
    :param name: the name as it was given
    :param candidates: the CURIEs or IRIs of those that have it
    """

    def __init__(self, kind: str, name: str, candidates: Sequence[str]) -> None:
        super().__init__(f"More than one {kind} is called {name!r}", f"Write which one: {', '.join(candidates)}")
        self.candidates = tuple(candidates)


class TermNotInFormat(UsageError):
    """A result has a term that the format asked for cannot hold; nothing whole was written.

    :param problem: which term, and why
    :param formats: names of formats that can hold it
    """

    def __init__(self, problem: str, formats: Sequence[str]) -> None:
        super().__init__(problem, f"Ask for another format: {', '.join(formats)}")
        self.formats = tuple(formats)


class BadAddress(UsageError):
    """The URL of a remote store cannot be used; its user and password, if it has any, are not shown."""

    def __init__(self, url: str, problem: str, remedy: str) -> None:
        super().__init__(f"{without_secrets(url)} {problem}", remedy)


class ForeignData(UsageError):
    """The default graph of a remote store holds what something else wrote.

    :param triples: that it holds
    """

    def __init__(self, url: str, triples: int) -> None:
        super().__init__(
            f"{without_secrets(url)}: its default graph holds {triples:,} statements that `kb publish` did not write",
            "Choose another store, or --default-graph named (or union, if it shows that), or let --force replace them",
        )
        self.triples = triples


class QueryError(UsageError):
    """The text is not a SPARQL query accepted here."""


class QuerySyntaxError(QueryError):
    """The text does not follow the grammar of SPARQL 1.1.

    :param detail: what the parser expected
    :param line: line of the error, counted from 1, or None
    :param column: column of the error, counted from 1, or None
    """

    def __init__(self, detail: str, line: int | None = None, column: int | None = None) -> None:
        where = f" at line {line}, column {column}" if line is not None else ""
        super().__init__(f"The query has a syntax error{where}: {detail}", "Correct the query there")
        self.detail = detail
        self.line = line
        self.column = column


class RdfSyntaxError(DataError):
    """A file is not well-formed RDF in the format that its name promises.

    :param line: line of the error, counted from 1, or None where the parser does not tell
    """

    def __init__(
        self, path: Path, detail: str, line: int | None = None, remedy: str = "Correct the file there"
    ) -> None:
        place = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{place}: {detail}", remedy)
        self.path = path
        self.detail = detail
        self.line = line


class InvalidTerm(DataError):
    """A term or a statement that RDF 1.1 does not have.

    :param text: the term as Turtle writes it, and why it is none
    :param term: the term, as the library has it that it comes from
    """

    def __init__(self, text: str, term: object) -> None:
        super().__init__(text, "Correct the statements that use it")
        self.term = term


class ClosureError(DataError):
    """An ontology imports another one for which no file is known."""

    def __init__(self, path: Path, missing: str) -> None:
        super().__init__(f"{path}: imports {missing}, for which there is no file", "Add the file or remove the import")
        self.path = path
        self.missing = missing


class GenerationError(DataError):
    """A built generation is missing, damaged or of another version."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}", "Run `kb build`")
        self.reason = reason


class RemoteError(KbError):
    """A remote store cannot be used.

    :param url: that was asked; its user and password, if it has any, are not shown
    :param reason: what is wrong, without the URL
    """

    def __init__(self, url: str, reason: str, remedy: str) -> None:
        super().__init__(f"{without_secrets(url)}: {reason}", remedy)
        self.url = url
        self.reason = reason


class RemoteUnreachable(RemoteError):
    """There is no connection to a remote store, or it ended before the reply did."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, f"the store cannot be reached ({reason})", "See that it runs there, and try again")


class RemoteLate(RemoteError):
    """A remote store sent no whole reply in time."""

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__(url, f"no whole reply came within {seconds:g} seconds", "Allow more time, or ask for less")


class RemoteRefused(RemoteError):
    """A remote store replied with an error.

    :param status: of the reply
    :param words: of the store, cut
    :param wait: seconds after which it may be asked again, or None where it does not say
    """

    def __init__(self, url: str, status: int, words: str, wait: float | None = None) -> None:
        said = f": {words}" if words else ""
        remedies = (remedy for known, remedy in _OF_REASONS.items() if known in words.lower())
        remedy = _OF_STATUS.get(status) or next(remedies, "See its log")
        super().__init__(url, f"the store replied with status {status}{said}", remedy)
        self.status = status
        self.words = words
        self.wait = wait


class RemoteWrongAnswer(RemoteError):
    """A remote store replied what is no result.

    :param found: what it replied, in words
    """

    def __init__(self, url: str, found: str) -> None:
        super().__init__(url, f"the store replied with {found}", "See that the URL is that of its query endpoint")


class RemoteCut(RemoteError):
    """A remote store gave no more rows than its settings allow.

    :param rows: that it gave
    """

    def __init__(self, url: str, rows: int) -> None:
        remedy = "Ask for less, with LIMIT, or allow more rows in the settings of the store"
        super().__init__(url, f"the store gave {rows:,} rows, and may have left out others", remedy)
        self.rows = rows


class RemoteOther(RemoteError):
    """A remote store does not hold the generation that it should.

    :param found: what it holds, in words
    """

    def __init__(self, url: str, found: str) -> None:
        super().__init__(url, f"the store holds {found}", "Publish the generation with `kb publish`")


class RemoteTooLarge(RemoteError):
    """The reply of a remote store is larger than it may be.

    :param most_bytes: that it may have
    """

    def __init__(self, url: str, most_bytes: int) -> None:
        super().__init__(url, f"the reply has more than {most_bytes // 1024:,} KiB", "Ask for less")
        self.most_bytes = most_bytes


class Unpublished(RemoteError):
    """Publishing ended before the store was as it is to be.

    :param cause: why
    :param standing: what is done and what is half done
    """

    def __init__(self, url: str, cause: RemoteError, standing: str) -> None:
        remedy = f"{cause.remedy}; then run `kb publish` again, which goes on there"
        super().__init__(url, f"{cause.reason}; {standing}", remedy)


_MOVED = "Give the URL that it redirects to, if that is the store's"
_OF_STATUS = {
    **dict.fromkeys((301, 302, 303, 307, 308), _MOVED),
    401: "Set KB_STORE_USER and KB_STORE_PASSWORD, or KB_STORE_TOKEN, to what the store knows",
    403: "See that the store may be written to, and give a user who may do this",
    404: "See that the URL is right",
    405: "See that the URL is that of the right endpoint of the store, and that it may be written to",
    413: "Let the store, or the proxy in front of it, take larger requests",
    429: "Try again later",
    503: "Try again later",
    507: "Make room on the store's device",
}


def without_secrets(url: str) -> str:
    """Return a URL without the user and the password that may be in it."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"
