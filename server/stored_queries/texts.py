"""The server's own queries, one ``.rq`` file each; the prefixes of `kb.namespaces.PREFIXES` need no declaration."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pyoxigraph import NamedNode

from kb.namespaces import RDF, expand, shorten
from kb.rdf.terms import Statement

__all__ = [
    "Pattern",
    "evidence_query",
    "load_stored_queries",
    "ordered_query",
    "patterns",
    "query_about",
    "stored_query",
    "written",
]

#: Local names that need no escape, the common part of PN_LOCAL (https://www.w3.org/TR/sparql11-query/#rPN_LOCAL).
_CURIE = re.compile(r"[a-z]+:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_IRI = re.compile(r"[^\x00-\x20<>\"{}|^`\\]+")  # what stands inside IRIREF of the same grammar
# A line of a query's header: "# ?date: ?meeting ammtc:date|ammtc:startDate ?date".
#: What a SELECT clause selects: a variable, or an expression under a name.
_COLUMNS = re.compile(r"(\?\w+)|\((?:[^()]|\([^()]*\))*AS (\?\w+)\)")
_PATTERN = re.compile(r"^# \?(\w+): \?(\w+) (\S+) \?(\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Pattern:
    """The form of the statements that give a variable its values.

    :param subject: name of the variable that is the subject
    :param properties: IRIs of possible predicates, or names of variables with their ``?``
    :param value: name of the variable that is the object
    """

    subject: str
    properties: tuple[str, ...]
    value: str


@cache
def stored_query(name: str) -> str:
    """Return the text of ``server/stored_queries/<name>.rq``."""
    return files("server.stored_queries").joinpath(f"{name}.rq").read_text(encoding="utf-8")


@cache
def ordered_query(name: str) -> str:
    """Return the text of a stored query that orders its rows, for rows that no engine gives in an order of its own.

    Rows that its ORDER BY has no order for are ordered by all that it selects.
    """
    text = stored_query(name)
    head, order, tail = text.rpartition("\nORDER BY ")
    keys, limit, rest = tail.partition("\nLIMIT ")
    columns = _COLUMNS.findall(head.partition("SELECT ")[2].partition("{")[0])
    if not columns:
        return text
    ties = " ".join(f"STR({column or name})" for column, name in columns)
    return f"{head}{order}{keys.rstrip()} {ties}{limit}{rest}"


def load_stored_queries() -> None:
    """Read all stored queries, for a process that will be able to open no file."""
    for file in files("server.stored_queries").iterdir():
        if file.name.endswith(".rq"):
            patterns(file.name.removesuffix(".rq"))
            ordered_query(file.name.removesuffix(".rq"))


@cache
def patterns(name: str) -> Mapping[str, tuple[Pattern, ...]]:
    """Return the patterns in the header of a stored query: variable -> the statements that its values come from."""
    found: dict[str, list[Pattern]] = defaultdict(list)
    for variable, subject, properties, value in _PATTERN.findall(stored_query(name)):
        found[variable].append(Pattern(subject, tuple(map(_predicate, properties.split("|"))), value))
    return {variable: tuple(given) for variable, given in found.items()}


def _predicate(given: str) -> str:
    if given.startswith("?"):
        return given
    return RDF.type if given == "a" else expand(given)


def query_about(name: str, iri: str) -> str:
    """Return the text of a stored query for readers to run, with the IRI that its variable ``?thing`` stands for.

    The IRI is inline data at the beginning of the WHERE clause (https://www.w3.org/TR/sparql11-query/#inline-data),
    where the engine starts from it; behind the query it would be joined to what was found for all things.

    :param iri: a valid IRI, or ``""`` for a query that is about no thing
    """
    text = stored_query(name)
    return text.replace("WHERE {", f"WHERE {{\n  VALUES ?thing {{ {NamedNode(iri)} }}", 1) if iri else text


def evidence_query(statement: Statement, *, of_passages: bool) -> str:
    """Return the query, in one line, for who says that a statement about named things holds, for readers to run.

    :param of_passages: each justification of it has passages
    """
    words = " ".join((written(term.value) or "") if isinstance(term, NamedNode) else str(term) for term in statement)
    passage = "ammtc:passage [ ammtc:source ?source ; ammtc:paragraph ?paragraph ]"
    if of_passages:
        return f"SELECT ?basis ?source ?paragraph {{ {words} {{| ammtc:basis ?basis ; {passage} |}} }}"
    optional = f"OPTIONAL {{ ?justification {passage} }}"
    return f"SELECT ?basis ?source ?paragraph {{ {words} ~ ?justification {{| ammtc:basis ?basis |}} {optional} }}"


def written(iri: str) -> str | None:
    """Return an IRI as a query writes it, a CURIE or in angle brackets, or None for what a query cannot have."""
    curie = shorten(iri)
    if _CURIE.fullmatch(curie):
        return curie
    return f"<{iri}>" if _IRI.fullmatch(iri) else None
