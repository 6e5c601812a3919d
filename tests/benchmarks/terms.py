"""RDF terms as N-Triples writes them, and the vocabulary of the generated data."""

from functools import cache

from kb.namespaces import PREFIXES

__all__ = ["A", "Statement", "ammtc", "curie", "day", "integer", "string", "text", "thing", "typed"]

#: Subject, predicate and object, each as it stands in a line of N-Triples (https://www.w3.org/TR/n-triples/).
Statement = tuple[str, str, str]


@cache
def curie(name: str) -> str:
    """Return the IRI of a CURIE with one of the project's prefixes, for example ``rdfs:label``."""
    prefix, _, local = name.partition(":")
    return f"<{PREFIXES[prefix]}{local}>"


@cache
def ammtc(name: str) -> str:
    """Return a term of the project's ontology."""
    return curie(f"ammtc:{name}")


def thing(name: str) -> str:
    """Return the IRI of a generated individual; all their names begin with ``g-``."""
    return f"<{PREFIXES['id']}g-{name}>"


def text(value: str) -> str:
    """Return an English text; it has no character that needs an escape."""
    return f'"{value}"@en'


def string(value: str) -> str:
    """Return a plain string; it has no character that needs an escape."""
    return f'"{value}"'


def typed(value: object, datatype: str) -> str:
    """Return a literal of an XML Schema datatype, for example ``gYear``."""
    return f'"{value}"^^{curie(f"xsd:{datatype}")}'


def integer(value: int) -> str:
    """Return a whole number."""
    return typed(value, "integer")


def day(value: object) -> str:
    """Return a calendar day, year-month-day."""
    return typed(value, "date")


A = curie("rdf:type")
