"""Writing what a materialization asserts and infers to a file."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from pyoxigraph import BlankNode, Triple

from kb.atomic import atomic_file
from kb.rdf.formats import format_of_file, serialize_rdf
from kb.rdf.terms import to_statement
from kb.reasoning.columns import Statements
from kb.reasoning.materialization import Materialization

__all__ = ["write"]

_CHUNK = 200_000  # statements that are Python's objects at a time


def write(materialization: Materialization, path: Path, *, inferred_only: bool = False, trivial: bool = False) -> int:
    """Write what is asserted and inferred to a file, whole or not at all, and return the number of statements.

    Blank nodes are named by their numbers, the same in each run.

    :param path: its ending is the format, see `kb.rdf.formats.format_of_file`; a ``.gz`` behind it is kept
    :param inferred_only: whether to leave out what is asserted
    :param trivial: whether to write what is trivial too
    :raises UnknownName: when no format has the ending
    :raises UnwritablePath: when the file cannot be written; what was there is untouched
    """
    format_ = format_of_file(path)
    statements = materialization.conclusions(trivial=trivial)
    if not inferred_only:
        statements = np.concatenate([materialization.asserted, statements], axis=1)
    terms = [
        BlankNode(f"b{number}") if isinstance(term, BlankNode) else term
        for number, term in enumerate(materialization.dictionary)
    ]
    with atomic_file(path, compressed=path.suffix.lower() == ".gz") as file:
        if format_.name in ("ntriples", "nquads"):
            texts = list(map(str, terms))
            for rows in _chunks(statements):
                file.write("".join([f"{texts[s]} {texts[p]} {texts[o]} .\n" for s, p, o in rows]).encode())
        else:
            numbers = chain.from_iterable(_chunks(statements))
            triples = (Triple(*to_statement(terms[s], terms[p], terms[o])) for s, p, o in numbers)
            serialize_rdf(triples, format_, file)
    return int(statements.shape[1])


def _chunks(statements: Statements) -> Iterator[list[list[int]]]:
    for start in range(0, statements.shape[1], _CHUNK):
        yield statements[:, start : start + _CHUNK].T.tolist()
