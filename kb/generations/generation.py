"""Generations: the graph, asserted and inferred, as an immutable store with its dumps and a manifest.

A folder of generations holds one folder a generation, named by its content hash, and the file ``current`` with the
hash of the one to use:

    current
    <hash>/manifest.json
    <hash>/store/           pyoxigraph on disk, opened read-only
    <hash>/proofs.json      why each inferred statement holds
    <hash>/usage.json       what it is made of, see `kb.generations.usage`
    <hash>/dump/            all named graphs together, and <graph>.ttl for each, see `kb.generations.dumps`

The store has a named graph for each document, one for what was inferred, and one that says how to ask the others
(`kb.generations.discovery`); its default graph is the union of them, and says who says so (`kb.generations.reifiers`).
`kb.generations.build` writes generations. Query workers only read them; they must not import the reasoner, because its
libraries start threads.
"""

import gzip
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store, parse

from kb.config import Project
from kb.errors import GenerationError, MissingFile, QueryError
from kb.generations.manifest import Manifest, content_hash, file_digests, read_manifest
from kb.generations.statistics import count_triples

__all__ = ["CURRENT", "STATEMENTS", "Generation", "current_generation", "open_generation"]

#: Name of the file that says which generation of a folder is to be used.
CURRENT = "current"
#: Name of the file of statements that a generation has which was not built, in place of a store or beside it.
STATEMENTS = "statements.nq"


@dataclass(frozen=True)
class Generation:
    """A generation that was found whole.

    :param folder: its own folder, not the one that holds all of them
    """

    folder: Path
    manifest: Manifest

    def store(self) -> Store:
        """Open the store read-only, a new one at each call; several processes may have it open.

        Where there is none on the disk, it is a new one in memory.

        :raises GenerationError: when it is damaged
        """
        try:
            if self.is_on_disk:
                return Store.read_only(str(self.folder / "store"))
            store = Store()
            store.bulk_load(path=str(self.folder / STATEMENTS), format=RdfFormat.N_QUADS, lenient=True)
        except (OSError, RuntimeError, SyntaxError) as error:
            raise GenerationError(self.folder, f"the store cannot be opened ({error})") from error
        return store

    @property
    def is_on_disk(self) -> bool:
        """Whether there is a store on the disk."""
        return STATEMENTS not in self.manifest.files or (self.folder / "store").is_dir()

    @property
    def dumps(self) -> dict[str, Path]:
        """The dump files by name, see `kb.generations.dumps`."""
        names = (name.removeprefix("dump/") for name in self.manifest.files if name.startswith("dump/"))
        return {name: self.folder / "dump" / name for name in names}

    @property
    def contents(self) -> dict[str, int]:
        """What is in the compressed dump files, by their names without ``.gz`` -> its bytes."""
        return {name.removesuffix(".gz"): size for name, size in self.manifest.contents.items() if name in self.dumps}

    def written(self) -> list[Quad]:
        """Return the statements of the named graphs with their literals as they were written.

        The store keeps numbers and times by value (docs/serving.md, "What the engine changes").
        """
        return list(parse(gzip.decompress(self.dumps["ammtc.nq.gz"].read_bytes()), RdfFormat.N_QUADS))


def current_generation(project: Project, out: Path) -> Generation | None:
    """Return the generation of the files as they are now; None where it is missing, outdated or damaged.

    :param out: folder of generations
    :raises MissingFile: when a file of the project cannot be read
    """
    try:
        generation = open_generation(out)
    except GenerationError:
        return None
    return generation if generation.manifest.hash == content_hash(project) else None


def open_generation(folder: Path) -> Generation:
    """Return the current generation of a folder of generations, or the one that the folder is, after checking it.

    The digest of every file and the number of triples in every graph must be those of the manifest: a store whose own
    list of files was cut short opens without a word and holds a part. A file of statements has its digest alone.

    :raises GenerationError: when there is none or it is damaged
    """
    is_one = (folder / "store").is_dir() or (folder / STATEMENTS).is_file()
    home = folder if is_one else folder / _current(folder)
    generation = Generation(home, read_manifest(home))
    try:
        found = file_digests(home)
    except MissingFile as error:
        raise GenerationError(home, f"{error.path.name} cannot be read") from error
    for name, digest in generation.manifest.files.items():
        if found.get(name) != digest:
            raise GenerationError(home, f"{name} is {'damaged' if name in found else 'missing'}")
    if not generation.is_on_disk:
        return generation
    try:
        sizes = count_triples(generation.store())
    except QueryError as error:
        raise GenerationError(home, f"the store cannot be read ({error.problem})") from error
    if sizes != generation.manifest.sizes:
        raise GenerationError(home, "the store does not hold what was written into it")
    return generation


def _current(out: Path) -> str:
    try:
        return (out / CURRENT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise GenerationError(out, "nothing is built there") from error
