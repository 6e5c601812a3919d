"""What pages can be cited as: a thing or a term, a statement, the result of a query, each of the current generation."""

import hashlib
import re
from urllib.parse import quote, urlencode

from pyoxigraph import NamedNode

from kb.folding import fold
from kb.namespaces import BASE
from kb.sparql.labels import cut
from server.page_models.justifications import read_justification
from server.presentation.citations import Citable
from server.site import Site

__all__ = ["citable_address", "citable_result", "citable_statement", "citable_thing", "cited"]

_LONGEST_TITLE = 300
_LONGEST_QUERY = 80
#: Characters of the address of a result; a longer query is known by its digest.
_LONGEST_ADDRESS = 4000
_KEY_DIGITS = 8
_LONGEST_KEY = 60


def cited(site: Site, iri: str) -> Citable:
    """Return what an IRI can be cited as: a justification as its statement, anything else by its name."""
    justified = read_justification(site.store, site.provenance, iri)
    if justified:
        return citable_statement(site, iri, f"{justified.statement}: {justified.said_by}")
    return citable_thing(site, iri, site.provenance.node(NamedNode(iri)).text)


def citable_thing(site: Site, iri: str, title: str) -> Citable:
    """Return the page of a thing as what can be cited.

    :param title: the thing's name
    """
    return _citable(site, "webpage", iri.removeprefix(BASE), title, iri)


def citable_statement(site: Site, iri: str, title: str) -> Citable:
    """Return a statement as what can be cited.

    :param iri: of its justification
    :param title: the statement with who says so, in words
    """
    return _citable(site, "entry", iri.removeprefix(BASE), title, iri)


def citable_result(site: Site, query: str, endpoint: str) -> Citable:
    """Return the result of a query as what can be cited; that of a ready question by the question.

    :param endpoint: public address of the endpoint
    """
    digest = hashlib.sha256(query.encode()).hexdigest()
    question = next((found for found in site.questions.values() if found.text.strip() == query.strip()), None)
    title = question.title if question else f"Result of the query {cut(' '.join(query.split()), _LONGEST_QUERY)}"
    address = f"{endpoint}?query={quote(query, safe='')}"
    if len(address) > _LONGEST_ADDRESS:
        address, title = endpoint, f"{title}, with the SHA-256 {digest}"
    return _citable(site, "dataset", f"query-{digest[:12]}", title, address)


def citable_address(site: Site, **about: str) -> str:
    """Return the address of the citation of something in any format, without the name of the format.

    :param about: ``iri`` or ``query``
    """
    return site.addresses.link(f"/cite?{urlencode(about)}")


def _citable(site: Site, kind: str, name: str, title: str, address: str) -> Citable:
    about = site.about
    key = re.sub("[^a-z0-9]+", "-", fold(f"ammtc-{name}" if about.built else name)).strip("-")
    return Citable(
        key=f"{key[:_LONGEST_KEY]}-{site.hash[:_KEY_DIGITS]}",
        kind=kind,
        title=cut(title, _LONGEST_TITLE),
        authors=[site.nodes.of(creator).text for creator in about.creators],
        container=about.name.value,
        generation=site.hash[:12],
        issued=site.generation.manifest.created[:10],
        address=address,
        licence=site.nodes.of(about.licence).text if about.licence else "",
    )
