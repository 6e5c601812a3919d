"""The server's own queries, one ``.rq`` file each; the prefixes of `kb.namespaces.PREFIXES` need no declaration."""

import re
from functools import cache
from importlib.resources import files

__all__ = ["query_about", "selected", "stored_query"]

# SPARQL 1.1 Query, section 19.8, rule SelectClause: here the variables themselves and (expression AS variable).
_SELECT = re.compile(r"^SELECT(?: DISTINCT)? (.*?) WHERE \{", re.DOTALL | re.MULTILINE)
_VARIABLE = re.compile(r"\?(\w+)(?=[\s)]|$)")
_AGGREGATE = re.compile(r"\([^()]*\([^()]*\) AS \?(\w+)\)")


@cache
def stored_query(name: str) -> str:
    """Return the text of ``server/queries/<name>.rq``."""
    return files(__name__).joinpath(f"{name}.rq").read_text(encoding="utf-8")


@cache
def selected(name: str) -> tuple[str, ...]:
    """Return the variables that a stored query selects, in their order."""
    clause = _SELECT.search(stored_query(name))
    return tuple(_VARIABLE.findall(_AGGREGATE.sub(r"?\1", clause[1]))) if clause else ()


def query_about(name: str, iri: str) -> str:
    """Return the text of a stored query for readers to run, with the IRI that its variable ``?thing`` stands for."""
    text = stored_query(name)
    return text.replace(" WHERE {\n", f" WHERE {{\n  VALUES ?thing {{ <{iri}> }}\n", 1) if iri else text
