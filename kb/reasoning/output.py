"""Materializations as statements of pyoxigraph, as files, and in stores."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import IO, cast

import polars as pl
import pyoxigraph
from pyoxigraph import BlankNode, Store, Triple

from kb.errors import UnwritablePath
from kb.rdf.convert import EngineTerm, to_engine, to_triple
from kb.rdf.formats import format_of_file, serialize_rdf
from kb.reasoning.materialization import Materialization

__all__ = ["extend_store", "triples", "write"]

_CHUNK = 500_000  # statements that are written at a time


def triples(
    materialization: Materialization, statements: pl.DataFrame, *, named_by_number: bool = False
) -> Iterator[Triple]:
    """Yield statements of a materialization, given as numbers of terms, as pyoxigraph's.

    :param named_by_number: whether blank nodes get new names, the same in each run
    """
    terms: dict[int, EngineTerm] = {}

    def term(number: int) -> EngineTerm:
        if number not in terms:
            found = to_engine(materialization.dictionary.node(number))
            anonymous = named_by_number and isinstance(found, BlankNode)
            terms[number] = BlankNode(f"b{number}") if anonymous else found
        return terms[number]

    for s, p, o in statements.iter_rows():
        yield to_triple(term(s), term(p), term(o))


def extend_store(store: Store, materialization: Materialization, graph: pyoxigraph.NamedNode) -> None:
    """Add what is inferred to a named graph of a store."""
    inferred = triples(materialization, materialization.conclusions())
    store.bulk_extend(pyoxigraph.Quad(t.subject, t.predicate, t.object, graph) for t in inferred)


def write(materialization: Materialization, path: Path, *, inferred_only: bool = False) -> int:
    """Write what is asserted and inferred to a file, whole or not at all, and return the number of statements.

    :param path: its ending is the format, see `kb.rdf.formats.format_of_file`; a ``.gz`` behind it is kept
    :param inferred_only: whether to leave out what is asserted
    :raises UnknownName: when no format has the ending
    :raises UnwritablePath: when the file cannot be written; what was there is untouched
    """
    format_ = format_of_file(path)
    parts = [materialization.conclusions()]
    statements = pl.concat(parts if inferred_only else [materialization.asserted, *parts])
    with _whole(path) as file:
        if format_.name in ("ntriples", "nquads"):
            for chunk in statements.iter_slices(_CHUNK):
                file.write(_lines(materialization, chunk))
        else:
            serialize_rdf(triples(materialization, statements, named_by_number=True), format_, file)
    return statements.height


def _lines(materialization: Materialization, statements: pl.DataFrame) -> bytes:
    columns = [_texts(materialization, statements[name]) for name in ("s", "p", "o")]
    lines = pl.select(pl.concat_str(*columns, pl.lit(".\n"), separator=" ")).to_series()
    return "".join(lines).encode()


def _texts(materialization: Materialization, numbers: pl.Series) -> pl.Series:
    """Return terms as N-Triples writes them; blank nodes are named by their numbers, the same in each run."""
    texts = materialization.dictionary.texts(numbers).rename("text")
    named = pl.when(texts.str.starts_with("_")).then(pl.format("_:b{}", numbers)).otherwise(texts)
    return pl.select(named).to_series()


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its place when it is complete."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _opened(temporary, packed=target.suffix.lower() == ".gz") as file:
            yield file
        os.replace(temporary, target)  # noqa: PTH105  as elsewhere: a rename that replaces
    except OSError as error:
        raise UnwritablePath(path, error.strerror or str(error)) from error
    finally:
        if temporary.exists():
            temporary.unlink()


def _opened(path: Path, *, packed: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(path, "wb", mtime=0)) if packed else path.open("wb")
