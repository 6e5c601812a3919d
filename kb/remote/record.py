"""The record of what was published: a small graph in the store itself, beside the data.

For each graph it has the hash and the number of statements, and whether it is whole; for the publication, the hash of
the generation and the run that wrote it. An entry is written before its graph is touched and after it is whole, each
in one request, so that whatever ends between them leaves an entry that says what is half done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolution, QuerySolutions, parse_query_results

from kb.errors import RemoteWrongAnswer
from kb.namespaces import PREFIXES, PUBLICATION
from kb.remote.client import Client

__all__ = [
    "Entry",
    "Record",
    "State",
    "count",
    "entry_lines",
    "is_union",
    "open_record",
    "read_publication",
    "read_record",
    "write_entry",
]

_JSON = "application/sparql-results+json"
_HASH = f"<{PREFIXES['dcterms']}identifier>"
_TRIPLES = f"<{PREFIXES['void']}triples>"
_STATE = f"<{PREFIXES['schema']}creativeWorkStatus>"
_RUN = f"<{PREFIXES['prov']}wasGeneratedBy>"
_INTEGER = f"<{PREFIXES['xsd']}integer>"
#: The name of the store's own default graph in the record.
_OWN_DEFAULT = f"{PUBLICATION}#default-graph"


class State(StrEnum):
    """How far a graph is."""

    WHOLE = "whole"
    WRITTEN = "being written"
    REMOVED = "being removed"


@dataclass(frozen=True)
class Entry:
    """What the record says of a graph, or of the publication.

    :param digest: of the graph's content, or of the generation
    :param triples: that the store counted when it was whole, or 0
    """

    digest: str
    triples: int
    state: State


@dataclass(frozen=True)
class Record:
    """What the record says.

    :param generation: the publication's own entry; its digest is the generation's hash
    :param graphs: IRI of a graph, None for the store's own default graph -> entry
    :param run: name of the last run
    """

    generation: Entry | None = None
    graphs: Mapping[str | None, Entry] = field(default_factory=dict)
    run: str = ""


def read_record(client: Client) -> Record:
    """Read the record of a store; an empty one where nothing was published.

    :raises RemoteError: when it cannot be read
    """
    pattern = f"?graph {_HASH} ?hash ; {_TRIPLES} ?triples ; {_STATE} ?state . OPTIONAL {{ ?graph {_RUN} ?run }}"
    rows = _select(client, f"SELECT * {{ GRAPH <{PUBLICATION}> {{ {pattern} }} }}")
    graphs: dict[str | None, Entry] = {}
    generation, run = None, ""
    try:
        for row in rows:
            name = _text(row["graph"])
            entry = _entry(row)
            if name == PUBLICATION:
                generation, run = entry, _text(row["run"])
            else:
                graphs[None if name == _OWN_DEFAULT else name] = entry
    except (SyntaxError, ValueError, KeyError) as error:
        raise _unreadable(client, error) from error
    return Record(generation, graphs, run)


def read_publication(client: Client) -> Entry | None:
    """Return the publication's own entry in the record of a store, None where nothing was published.

    :raises RemoteError: when it cannot be read
    """
    pattern = f"<{PUBLICATION}> {_HASH} ?hash ; {_TRIPLES} ?triples ; {_STATE} ?state"
    rows = _select(client, f"SELECT ?hash ?triples ?state {{ GRAPH <{PUBLICATION}> {{ {pattern} }} }}")
    try:
        entries = [_entry(row) for row in rows]
    except (SyntaxError, ValueError, KeyError) as error:
        raise _unreadable(client, error) from error
    return entries[0] if entries else None


def open_record(client: Client, entry: Entry, run: str) -> None:
    """Write the publication's own entry, whatever was there.

    :param run: IRI of the run that writes from now on; entries of others are not written any more
    :raises RemoteError: when the store does not say that it is written
    """
    client.update(_replacement(PUBLICATION, (*_properties(entry), f"{_RUN} <{run}>"), ""))


def write_entry(client: Client, iri: str | None, entry: Entry | None, run: str) -> None:
    """Write the entry of a graph in place of the one that is there, if the record is still that of the run.

    :param entry: None to remove it
    :raises RemoteError: when the store does not say that it is written
    """
    name = _OWN_DEFAULT if iri is None else iri
    client.update(_replacement(name, _properties(entry) if entry else (), f"<{PUBLICATION}> {_RUN} <{run}> . "))


def entry_lines(iri: str | None, entry: Entry, run: str = "") -> list[str]:
    """Return an entry as lines of N-Triples, for stores that are filled from files."""
    name = _OWN_DEFAULT if iri is None else iri
    properties = [*_properties(entry), *((f"{_RUN} <{run}>",) if run else ())]
    return [f"<{name}> {described} ." for described in properties]


def count(client: Client, iri: str | None) -> int:
    """Return the number of statements in a graph of a store; None stands for its default graph.

    :raises RemoteError: when the store does not say it
    """
    triple = "?s ?p ?o"
    pattern = triple if iri is None else f"GRAPH <{iri}> {{ {triple} }}"
    rows = list(_select(client, f"SELECT (COUNT(*) AS ?number) {{ {pattern} }}"))
    try:
        (row,) = rows
        return int(_text(row["number"]))
    except ValueError as error:
        raise RemoteWrongAnswer(client.addresses.query, "no number of statements") from error


def is_union(client: Client) -> bool:
    """Return whether a store's default graph shows the named graphs: then it shows the record, which is in no other.

    :raises RemoteError: when the store does not say it
    """
    return bool(list(_select(client, f"SELECT ?hash {{ <{PUBLICATION}> {_HASH} ?hash }} LIMIT 1")))


def _replacement(name: str, properties: tuple[str, ...], condition: str) -> str:
    """Return the update that replaces what the record says of a graph: one operation, at once where anything is."""
    added = "".join(f"<{name}> {described} . " for described in properties)
    old = f"<{name}> ?p ?o"
    if not condition:
        delete = f"DELETE WHERE {{ GRAPH <{PUBLICATION}> {{ {old} }} }}"
        return f"{delete} ;\nINSERT DATA {{ GRAPH <{PUBLICATION}> {{ {added} }} }}"
    insert = f"INSERT {{ GRAPH <{PUBLICATION}> {{ {added} }} }}" if added else ""
    where = f"GRAPH <{PUBLICATION}> {{ {condition}OPTIONAL {{ {old} }} }}"
    return f"DELETE {{ GRAPH <{PUBLICATION}> {{ {old} }} }}\n{insert}\nWHERE {{ {where} }}"


def _properties(entry: Entry) -> tuple[str, ...]:
    triples = f'{_TRIPLES} "{entry.triples}"^^{_INTEGER}'
    return f'{_HASH} "{entry.digest}"', triples, f'{_STATE} "{entry.state}"'


def _select(client: Client, query: str) -> QuerySolutions:
    reply = client.query(query, _JSON)
    try:
        rows = parse_query_results(reply.body, QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        raise RemoteWrongAnswer(client.addresses.query, f"what is no result of a query ({error})") from error
    if not isinstance(rows, QuerySolutions):
        raise RemoteWrongAnswer(client.addresses.query, "true or false to a question for rows")
    return rows


def _entry(row: QuerySolution) -> Entry:
    return Entry(_text(row["hash"]), int(_text(row["triples"])), State(_text(row["state"])))


def _unreadable(client: Client, error: Exception) -> RemoteWrongAnswer:
    return RemoteWrongAnswer(client.addresses.query, f"a record of what was published that says {error}")


def _text(term: object) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else ""
