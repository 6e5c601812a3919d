"""A generation as a folder for the bulk loader of an engine, with the commands to run there.

What the folder holds and says for each engine is data: one TOML file each in the folder ``bulk_files``. The record of
what was published is among the files, so that `kb publish` goes on from a store that was loaded so.
"""

import gzip
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from kb.errors import UnwritablePath, UsageError
from kb.generations.generation import Generation
from kb.namespaces import DEFAULT_GRAPH, PUBLICATION
from kb.remote.contents import GraphContent, read_contents
from kb.remote.profiles import DefaultGraph, find_profile
from kb.remote.record import Entry, State, entry_lines

__all__ = ["bulk_engines", "write_bulk_files"]

_QUADS = "ammtc.nq"


def bulk_engines() -> list[str]:
    """Return the names of the engines for whose bulk loaders there are instructions."""
    names = (file.name for file in files("kb.remote").joinpath("bulk_files").iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def write_bulk_files(
    generation: Generation,
    folder: Path,
    engine: str,
    default_graph: DefaultGraph | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Write a new folder, which is whole or not there.

    :param engine: one of `bulk_engines`
    :param default_graph: how the store gets its default graph; None for as the engine's profile says
    :raises UsageError: when there is something in the folder
    :raises UnwritablePath: when it cannot be written
    """
    profile, instructions = find_profile(engine), _instructions()[engine]
    report("reading the generation")
    mode = default_graph or profile.default_graph
    contents = read_contents(generation, mode, triple_terms=profile.triple_terms)
    values = {
        "engine": profile.title,
        "generation": generation.manifest.hash,
        "graphs": f"{len(contents)}",
        "statements": f"{sum(len(content.statements) for content in contents):,}",
        "default": _OF_MODE[mode],
        "named": DEFAULT_GRAPH,
        "publication": PUBLICATION,
    }
    with _new_folder(folder) as new:
        graphs = [*((content.iri, content.lines) for content in contents), (PUBLICATION, _record(generation, contents))]
        for iri, lines in graphs:
            report(iri or "the default graph")
            _write(new, iri, lines, instructions)
        for name, text in {"README.md": instructions["readme"], **instructions.get("texts", {})}.items():
            (new / name).write_text(Template(text).substitute(values), encoding="utf-8")


_OF_MODE = {
    DefaultGraph.FILLED: "The file fills the default graph of the store.",
    DefaultGraph.NAMED: f"What queries without GRAPH are to see is in the graph <{DEFAULT_GRAPH}>.",
    DefaultGraph.UNION: "The store must take the union of its named graphs for its default graph.",
}


def _write(folder: Path, iri: str | None, lines: Sequence[str], instructions: dict[str, Any]) -> None:
    """Write a graph: to the file of all, or to one of its own."""
    if instructions["layout"] == "quads":
        name = "" if iri is None else f"<{iri}> "
        text = "".join(f"{line[:-1]}{name}.\n" for line in lines).encode()
        compressed = instructions.get("compressed", False)
        with (folder / f"{_QUADS}.gz" if compressed else folder / _QUADS).open("ab") as file:
            file.write(gzip.compress(text, 6, mtime=0) if compressed else text)  # members follow each other (RFC 1952)
    elif iri is None:
        raise UsageError("The loader fills named graphs only", "Leave out --default-graph")
    else:
        name = f"{iri.rstrip('/').rpartition('/')[2]}.nt"
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (folder / f"{name}.graph").write_text(iri, encoding="ascii")


def _record(generation: Generation, contents: Sequence[GraphContent]) -> list[str]:
    digest, whole = generation.manifest.hash, State.WHOLE
    sizes = {content.iri: len(content.statements) for content in contents}
    run = f"urn:uuid:{uuid5(NAMESPACE_URL, digest)}"
    lines = entry_lines(PUBLICATION, Entry(digest, sum(sizes.values()), whole), run)
    for content in contents:
        lines += entry_lines(content.iri, Entry(content.digest, sizes[content.iri], whole))
    return sorted(lines)


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder that takes the place of the one that is asked for when the block ends well."""
    target = folder.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{folder} is there already", "Name a folder that is empty or not there yet")
    new = target.with_name(f".{target.name}.{os.urandom(4).hex()}")
    try:
        new.mkdir(parents=True)
        yield new
        new.replace(target)
    except OSError as error:
        raise UnwritablePath(folder, error.strerror or str(error)) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


@cache
def _instructions() -> dict[str, dict[str, Any]]:
    found = {}
    for file in files("kb.remote").joinpath("bulk_files").iterdir():
        if file.name.endswith(".toml"):
            found[file.name.removesuffix(".toml")] = tomllib.loads(file.read_text(encoding="utf-8"))
    return found
