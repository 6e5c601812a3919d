"""What an operator can set: the generation to serve, the public address and the limits."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from kb.config import Project
from server.addresses import require_base
from server.clients import require_networks

__all__ = ["Limits", "ServerConfig"]

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How much one client may ask of the server.

    :param timeout: seconds from the arrival of a query to its answer, waiting for a worker included
    :param memory: MiB of address space that a worker may take for its queries, beyond what it needs to start
    :param store_memory: MiB that the store may take to be held in memory, which all workers share; a larger one is
        queried on the disk
    :param workers: query worker processes; one client gets half of them at a time
    :param queue: queries that may wait for a worker, half of them of one client; the next one is refused
    :param cache: MiB of answers that are kept, to be given again; 0 for none
    :param connections: open connections, a quarter of them of one client
    :param query_bytes: bytes of one query, UTF-8
    :param body_bytes: bytes of one request body; a form escapes a byte with up to three
    :param body_seconds: seconds in which the head of a request must have arrived, and again its body
    :param rows: rows or triples of one result
    :param result_bytes: bytes of one serialised result
    :param page_rows: rows of a result that a page shows
    :param sending: bytes of results that slow clients may keep waiting to be read
    :param recycle: queries after which a worker process is replaced
    :param stack: MiB of stack of the evaluating thread; 64 KiB of nested braces need less
    :param load_memory: MiB that reading the files of ``--data`` may take, beyond what an empty store needs
    :param load_seconds: seconds that it may take
    """

    timeout: float = 10.0
    memory: int = 512
    store_memory: int = 1024
    workers: int = field(default_factory=lambda: 2 * (os.cpu_count() or 1))
    queue: int = 128
    cache: int = 64
    connections: int = 1000
    query_bytes: int = 64 * 1024
    body_bytes: int = 256 * 1024
    body_seconds: float = 10.0
    rows: int = 100_000
    result_bytes: int = 64 * _MEBIBYTE
    page_rows: int = 500
    sending: int = 256 * _MEBIBYTE
    recycle: int = 20_000
    stack: int = 256
    load_memory: int = 4096
    load_seconds: float = 900.0

    @property
    def workers_of_client(self) -> int:
        """Workers that one client may keep busy."""
        return (self.workers + 1) // 2

    @property
    def connections_of_client(self) -> int:
        """Connections that one client may have open."""
        return max(1, self.connections // 4)


@dataclass(frozen=True)
class ServerConfig:
    """One server.

    :param generation: folder of one built generation
    :param project: where the competency questions are, or None for a graph that has none
    :param public_base: address under which the public reaches this server, for example
        ``https://example.org/ammtc``; empty for links that are relative to the host
    :param generations: folder of generations whose current one is served, also when that becomes another one, or None
        where the generation stays
    :param trusted_proxies: addresses and networks of proxies whose ``X-Forwarded-For`` is believed
    :raises UsageError: when an address is none
    """

    generation: Path
    project: Project | None = None
    public_base: str = ""
    limits: Limits = field(default_factory=Limits)
    generations: Path | None = None
    trusted_proxies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_base(self.public_base)
        require_networks(self.trusted_proxies)

    def to_json(self) -> str:
        """Return this configuration as text, for another process."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the configuration that `to_json` wrote."""
        fields = json.loads(text)
        project, generations = fields["project"], fields["generations"]
        return cls(
            generation=Path(fields["generation"]),
            project=project and Project(Path(project["root"])),
            public_base=fields["public_base"],
            limits=Limits(**fields["limits"]),
            generations=generations and Path(generations),
            trusted_proxies=tuple(fields["trusted_proxies"]),
        )
