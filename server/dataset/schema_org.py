"""The dataset in the terms of schema.org, for search engines: a Dataset, and each dump as a download of it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from kb.generations.dumps import DUMPS, Dump
from kb.generations.generation import Generation
from kb.generations.merged import MERGED
from kb.rdf.formats import format_of_file
from kb.rdf.terms import Term
from kb.rdf.versions import RDF_1_2
from server.dataset.about import About

__all__ = ["KEYWORDS", "as_dataset"]

#: What this project's own data are about.
KEYWORDS = ("ASEAN", "AMMTC", "SOMTC", "transnational crime", "knowledge graph")


def as_dataset(
    base: str, generation: Generation, about: About, labels: Mapping[str, str], measured: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what is known of a generation's data besides name and description, as members of a JSON-LD object.

    :param base: public address of this server, without a final slash
    :param labels: IRI of a thing -> its name
    :param measured: what kinds of things there are, in words
    """
    manifest = generation.manifest
    creators = [_agent(creator, labels, built=about.built) for creator in about.creators]
    said: dict[str, Any] = {
        "license": "" if about.licence is None else _text(about.licence),
        "creator": creators,
        "publisher": creators[0] if about.built else None,
        "identifier": manifest.hash,
        "version": manifest.hash[:12],
        "dateModified": manifest.created,
        "isAccessibleForFree": True,
        "keywords": list(KEYWORDS) if about.built else [],
        "variableMeasured": list(measured),
        "distribution": list(_downloads(base, generation, about)),
    }
    return {name: value for name, value in said.items() if value}


def _agent(creator: Term, labels: Mapping[str, str], *, built: bool) -> dict[str, str]:
    """Return an agent; whether others' are persons or organizations is unknown."""
    text = _text(creator)
    iri = {"@id": text} if isinstance(creator, NamedNode) else {}
    return {"@type": "Organization" if built else "Thing", "name": labels.get(text, text) if iri else text, **iri}


def _downloads(base: str, generation: Generation, about: About) -> Iterator[dict[str, Any]]:
    """Yield the files that hold all of the data, those that are offered twice, with and without compression, once."""
    licence = {} if about.licence is None else {"license": _text(about.licence)}
    for name, dump in {**DUMPS, **{name: dump for name, (dump, _) in MERGED.items()}}.items():
        if (path := generation.dumps.get(name)) is not None:
            address = f"{base}/dump/{quote(name)}"
            yield {
                "@type": "DataDownload",
                "name": name,
                "description": dump.holds,
                "contentUrl": address,
                "encodingFormat": _encoding(name, dump),
                "contentSize": f"{path.stat().st_size} B",
                "sha256": generation.manifest.files[f"dump/{name}"],
                **licence,
            }


def _encoding(name: str, dump: Dump) -> str | list[str]:
    media_type = format_of_file(Path(name)).media_type
    written = f"{media_type}; version={dump.version}" if dump.version == RDF_1_2 else media_type
    return [written, "application/gzip"] if name.endswith(".gz") else written


def _text(term: Term) -> str:
    return term.value if isinstance(term, Literal | NamedNode) else str(term)
