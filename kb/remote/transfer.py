"""A graph on its way into a remote store, which shows it as it was until it is whole, as far as the engine can.

An engine that replaces a graph at once gets it by PUT. The others get it in a staging graph, by PUT or in updates that
insert some statements each, and copy it from there when the staging graph holds all.
"""

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, Triple

from kb.errors import RemoteError, RemoteRefused, RemoteWrongAnswer
from kb.namespaces import BASE, STAGING
from kb.rdf.blank_nodes import blank_nodes_of, canonical_digest, connected_groups
from kb.rdf.terms import Statement, Term, written
from kb.remote.client import Client
from kb.remote.contents import GraphContent
from kb.remote.patience import Patience
from kb.remote.record import count

__all__ = ["batches", "is_replaced_at_once", "remove_graph", "replace_graph"]

_ATTEMPTS = 3  # to fill the staging graph: a lost answer may mean that blank nodes are there twice
_GENID = f"{BASE}.well-known/genid/"  # RDF 1.1 Concepts, section 3.5


def is_replaced_at_once(client: Client) -> bool:
    """Return whether readers of a store see each graph as it was or as it is to be, and nothing between."""
    return client.profile.whole_put and bool(client.addresses.graph_store)


def replace_graph(client: Client, content: GraphContent, patience: Patience) -> int:
    """Bring a graph of a store to its content and return how many statements the store counts in it.

    :raises RemoteError: when the graph is not certainly there as it is to be
    """
    if is_replaced_at_once(client):
        body = content.body()
        patience.call(lambda: client.put_graph(content.iri, body))
    else:
        _fill_staging(client, content, patience)
        target = "DEFAULT" if content.iri is None else f"GRAPH <{content.iri}>"
        patience.call(lambda: client.update(f"COPY GRAPH <{STAGING}> TO {target}"))
        remove_graph(client, STAGING, patience)
    return _counted(client, content.iri, content, patience)


def remove_graph(client: Client, iri: str | None, patience: Patience) -> None:
    """Remove a graph of a store, if it is there; None stands for the default graph.

    :raises RemoteError: when it is not certainly gone
    """
    target = "DEFAULT" if iri is None else f"GRAPH <{iri}>"
    patience.call(lambda: client.update(f"DROP SILENT {target}"))


def batches(content: GraphContent, most: int) -> Iterator[tuple[list[str], bool]]:
    """Yield the lines of a graph in portions, each with whether it has blank nodes.

    A blank node is another one in each request: the statements that share some stay together. Where they are more than
    a portion may have, an IRI stands for each blank node, the same one each time (RDF 1.1 Concepts, section 3.5).

    :param most: lines in a portion
    """
    portion: list[str] = []
    ground: list[Statement] = []
    for group in sorted(connected_groups(content.statements), key=len):
        if not any(map(blank_nodes_of, group)):
            ground += group
        elif len(group) > most:
            ground += _with_iris(group)
        else:
            if len(portion) + len(group) > most:
                yield sorted(portion), True
                portion = []
            portion += map(_line, group)
    if portion:
        yield sorted(portion), True
    lines = sorted(map(_line, ground))
    for start in range(0, len(lines), most):
        yield lines[start : start + most], False


def _fill_staging(client: Client, content: GraphContent, patience: Patience) -> None:
    for attempt in range(_ATTEMPTS):
        remove_graph(client, STAGING, patience)
        try:
            if client.addresses.graph_store:
                body = content.body()
                patience.call(lambda body=body: client.put_graph(STAGING, body))  # type: ignore[misc]
            else:
                _insert(client, content, patience)
            _counted(client, STAGING, content, patience)
        except RemoteError as error:
            if attempt == _ATTEMPTS - 1 or isinstance(error, RemoteRefused):
                raise
            patience.report(f"beginning again with {content.iri or 'the default graph'}: {error.reason}")
        else:
            return


def _insert(client: Client, content: GraphContent, patience: Patience) -> None:
    for lines, has_blank_nodes in batches(content, client.profile.statements):
        text = "\n".join(lines)
        update = f"INSERT DATA {{ GRAPH <{STAGING}> {{\n{text}\n}} }}"
        patience.call(lambda update=update: client.update(update), repeatable=not has_blank_nodes)  # type: ignore[misc]


def _counted(client: Client, iri: str | None, content: GraphContent, patience: Patience) -> int:
    found = patience.call(lambda: count(client, iri))
    if not content.is_size(found):
        name = "its default graph" if iri is None else f"the graph {iri}"
        sent = len(content.statements)
        raise RemoteWrongAnswer(client.addresses.query, f"{found:,} statements in {name} after it got {sent:,}")
    return found


def _with_iris(group: Iterable[Statement]) -> Iterator[Statement]:
    """Yield statements with an IRI in place of each blank node."""
    statements = list(group)
    digest = canonical_digest(statements)[:16]
    nodes = sorted({node.value for statement in statements for node in blank_nodes_of(statement)})
    iris = {label: NamedNode(f"{_GENID}{digest}-{number}") for number, label in enumerate(nodes)}

    def named(term: Term) -> Term:
        if isinstance(term, BlankNode):
            return iris[term.value]
        if isinstance(term, Triple):
            return Triple(named(term.subject), term.predicate, named(term.object))  # type: ignore[arg-type]
        return term

    for s, p, o in statements:
        yield named(s), p, named(o)


def _line(statement: Statement) -> str:
    return f"{written(statement)} ."
