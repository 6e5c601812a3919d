"""What an operator can set: the generation to serve, the public address and the limits."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self, TypeVar

from kb.config import Project
from kb.remote.profiles import OTHER
from server.addresses import require_base
from server.clients import require_networks

__all__ = ["Limits", "ServerConfig"]

_MEBIBYTE = 1024 * 1024

T = TypeVar("T")


def _limit(  # noqa: PLR0913  what click asks about an option
    default: T, option: str, unit: str, help_: str, *, least: int = 0, most: int | None = None, words: str = ""
) -> T:
    """Return a limit that is an option of `kb serve`.

    :param option: its name as typed
    :param unit: of its value, as the help writes it
    :param least: the smallest whole number; of seconds, any number above 0 is accepted
    :param most: the largest one, or None
    :param words: the default in words, where it depends on the machine
    """
    names = {"option": option, "unit": unit, "help": help_, "least": least, "most": most, "words": words}
    value: T = field(default=default, metadata=names)
    return value


@dataclass(frozen=True)
class Limits:
    """How much one client may ask of the server; a name ends with its unit, where it is not a count.

    :param query_seconds: from the arrival of a query to its answer, waiting for a worker included
    :param memory_mib: address space that a worker may take for its queries, beyond what it needs to start
    :param store_mib: what the store may take to be held in memory, which all workers share; a larger one is queried on
        the disk
    :param workers: query worker processes; one client gets half of them at a time, all but one while nobody else asks
    :param page_workers: processes that make pages and documents, shared in the same way, with the same limits
    :param queue: queries, and again pages, that may wait for a worker, half of them of one client; the next one is
        refused
    :param cache_mib: results that are kept, to be given again; 0 for none
    :param connections: open connections, a quarter of them of one client
    :param query_bytes: of one query, in UTF-8
    :param body_bytes: of one request body; a form escapes a byte with up to three
    :param request_seconds: for the head of a request to arrive, and again for its body
    :param rows: rows or triples of one result
    :param service_rows: rows of the result of one SERVICE clause
    :param service_bytes: of the reply to one
    :param result_bytes: of one serialized result
    :param page_rows: rows of a result that a page shows
    :param page_bytes: of one serialized result that a page shows
    :param unsent_bytes: results that slow clients may leave unread
    :param queries_per_worker: queries after which a worker process is replaced
    :param stack_mib: stack of the evaluating thread; 64 KiB of nested braces need less
    :param load_mib: what reading the files of ``--data`` may take, beyond what an empty store needs
    :param load_seconds: how long that may take
    """

    query_seconds: float = _limit(10.0, "--timeout", "S", "Seconds for a query.")
    memory_mib: int = _limit(512, "--memory", "MIB", "MiB for a query.", least=16)
    store_mib: int = _limit(
        1024, "--store-memory", "MIB", "A store that takes more MiB is queried on the disk, not in memory."
    )
    workers: int = _limit(
        2 * (os.cpu_count() or 1),
        "--workers",
        "N",
        "Queries answered at the same time; one client gets half of them while others ask.",
        least=1,
        most=256,
        words="twice the processors",
    )
    page_workers: int = _limit(
        max(2, os.cpu_count() or 1),
        "--page-workers",
        "N",
        "Pages and documents made at the same time; one client gets half of them while others ask.",
        least=1,
        most=256,
        words="the processors, at least two",
    )
    queue: int = 128
    cache_mib: int = _limit(64, "--cache", "MIB", "MiB of results that are kept to be given again.")
    connections: int = 1000
    query_bytes: int = 64 * 1024
    body_bytes: int = 256 * 1024
    request_seconds: float = 10.0
    rows: int = 200_000
    service_rows: int = 10_000
    service_bytes: int = 4 * _MEBIBYTE
    result_bytes: int = 64 * _MEBIBYTE
    page_rows: int = 500
    page_bytes: int = 4 * _MEBIBYTE
    unsent_bytes: int = 256 * _MEBIBYTE
    queries_per_worker: int = 20_000
    stack_mib: int = 256
    load_mib: int = _limit(4096, "--load-memory", "MIB", "MiB for reading the files of --data.", least=256)
    load_seconds: float = _limit(900.0, "--load-timeout", "S", "Seconds for reading the files of --data.")

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
    :param generations: folder of generations: the current one is served, and each later one in its turn; None if the
        generation never changes
    :param trusted_proxies: addresses and networks of proxies whose ``X-Forwarded-For`` is believed
    :param texts: folder of the source texts whose cited paragraphs pages show, or None if the operator has none
    :param endpoints: URLs of the query endpoints of remote stores with the same content, which answer queries in place
        of the embedded engine; their credentials are in the environment
    :param engine: name of their engine profile
    :param default_graph: how they got theirs, see `kb.remote.profiles.DefaultGraph`; "" for as the profile says
    :param services: URLs of the endpoints that queries may ask by SERVICE
    :param unverified: they may hold no record of what was published there
    :raises UsageError: if an address is malformed
    """

    generation: Path
    project: Project | None = None
    public_base: str = ""
    limits: Limits = field(default_factory=Limits)
    generations: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    texts: Path | None = None
    endpoints: tuple[str, ...] = ()
    engine: str = OTHER
    default_graph: str = ""
    unverified: bool = False
    services: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in (
            "generation",
            "generations",
            "texts",
        ):  # processes have other working folders, and Flask its own idea
            path = getattr(self, name)
            object.__setattr__(self, name, path and path.absolute())
        require_base(self.public_base)
        require_networks(self.trusted_proxies)

    def to_json(self) -> str:
        """Return this configuration as text, for another process."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the configuration that `to_json` wrote."""
        fields = json.loads(text)
        project, generations, texts = fields["project"], fields["generations"], fields["texts"]
        return cls(
            generation=Path(fields["generation"]),
            project=project and Project(Path(project["root"])),
            public_base=fields["public_base"],
            limits=Limits(**fields["limits"]),
            generations=generations and Path(generations),
            trusted_proxies=tuple(fields["trusted_proxies"]),
            texts=texts and Path(texts),
            endpoints=tuple(fields["endpoints"]),
            engine=fields["engine"],
            default_graph=fields["default_graph"],
            unverified=fields["unverified"],
            services=tuple(fields["services"]),
        )
