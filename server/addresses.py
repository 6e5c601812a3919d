"""Addresses: the graph's IRIs, the paths of this server and its public base address."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pyoxigraph import NamedNode

from kb.errors import UsageError
from kb.namespaces import BASE, ONTOLOGY

__all__ = ["KINDS", "Addresses", "iri_of", "is_iri", "is_web_address", "path_of", "require_base"]

#: First path segments under which the graph's IRIs live, besides the ontology's own.
KINDS = ("id", "concept", "source", "graph", "statement")

_PATH_SAFE = "/:@!$&'()*+,;=~-._"


@dataclass(frozen=True)
class Addresses:
    """Links into this server.

    :param base: public base address without a final slash, or ``""``
    """

    base: str

    @property
    def sub_path(self) -> str:
        """The path of the public base address, without a final slash: ``/ammtc``, or ``""``."""
        return urlsplit(self.base).path.rstrip("/")

    def link(self, path: str) -> str:
        """Return the link to a path of this server for use in its own pages, without a host."""
        return self.sub_path + path

    def public(self, host_url: str) -> str:
        """Return the address of this server as the public sees it, without a final slash.

        :param host_url: scheme and host of the request, used if no public base is set and they make an IRI
        """
        address = self.base or host_url.rstrip("/")
        return address if is_iri(address) else "http://localhost"

    def endpoint(self, host_url: str) -> str:
        """Return the public address of the SPARQL endpoint."""
        return f"{self.public(host_url)}/sparql"

    def page(self, iri: str) -> str | None:
        """Return the link to the page of a thing, a term or a passage, or None for an IRI of another site."""
        path = path_of(iri)
        return None if path is None else self.link(f"/page{path}")

    def resource(self, iri: str) -> str:
        """Return the link to the page of a thing whose IRI is another site's."""
        return self.link(f"/resource?iri={quote(iri, safe='')}")


def require_base(address: str) -> None:
    """Check that an address can be the public base of a server; ``""`` stands for none.

    :raises UsageError: when its scheme is not http or https, or it has no host, a query, a fragment or a blank
    """
    if address and (not is_web_address(address) or set(address) & set("?#") or not is_iri(address)):
        problem = f"{address!r} cannot be the public base address"
        raise UsageError(problem, "Write one like https://example.org or https://example.org/ammtc")


def iri_of(kind: str, name: str = "") -> str:
    """Return the IRI of ``/id/ammtc-19`` (kind ``id``, name ``ammtc-19``), of ``/ontology`` and so on."""
    return f"{BASE}{kind}/{name}" if name else f"{BASE}{kind}"


def path_of(iri: str) -> str | None:
    """Return the path that an IRI of this graph has on the server, percent-encoded, or None for another site's IRI."""
    if not iri.startswith(BASE):
        return None
    rest, _, fragment = iri.removeprefix(BASE).partition("#")
    kind, _, name = rest.partition("/")
    if kind not in KINDS and kind != ONTOLOGY.removeprefix(BASE):
        return None
    if kind in KINDS and not name:
        return None
    return f"/{quote(rest, safe=_PATH_SAFE)}" + (f"#{quote(fragment, safe=_PATH_SAFE)}" if fragment else "")


def is_web_address(iri: str) -> bool:
    """Return whether a page may link there: ``http`` and ``https`` only, never ``javascript:`` or ``data:``."""
    try:
        parts = urlsplit(iri)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def is_iri(text: str) -> bool:
    """Return whether a text can be an IRI."""
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True
