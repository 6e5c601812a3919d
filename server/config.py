"""What an operator can set: the generation to serve, the public address and the limits."""

from dataclasses import dataclass, field
from pathlib import Path

from kb.config import Project
from server.addresses import require_base

__all__ = ["Limits", "ServerConfig"]

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How much one client may ask of the server.

    :param timeout: seconds from the arrival of a query to its answer, waiting for a worker included
    :param memory: MiB of address space that a worker may take for its queries, beyond what it needs to start
    :param workers: query worker processes
    :param queue: queries that may wait for a worker; the next one is refused
    :param query_bytes: bytes of one query, UTF-8
    :param body_bytes: bytes of one request body; a form escapes a byte with up to three
    :param body_seconds: seconds in which a request body must have arrived
    :param rows: rows or triples of one result
    :param result_bytes: bytes of one serialised result
    :param page_rows: rows of a result that a page shows
    :param recycle: queries after which a worker process is replaced
    :param stack: MiB of stack of the evaluating thread; 64 KiB of nested braces need less
    """

    timeout: float = 10.0
    memory: int = 512
    workers: int = 2
    queue: int = 64
    query_bytes: int = 64 * 1024
    body_bytes: int = 256 * 1024
    body_seconds: float = 10.0
    rows: int = 100_000
    result_bytes: int = 64 * _MEBIBYTE
    page_rows: int = 500
    recycle: int = 1000
    stack: int = 256


@dataclass(frozen=True)
class ServerConfig:
    """One server.

    :param generation: folder of one built generation
    :param project: where the competency questions are, or None for a graph that has none
    :param public_base: address under which the public reaches this server, for example
        ``https://example.org/ammtc``; empty for links that are relative to the host
    :raises UsageError: when that is no such address
    """

    generation: Path
    project: Project | None = None
    public_base: str = ""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        require_base(self.public_base)
