"""The manifest of a generation: what it was made of, what it holds, and the digests that prove it undamaged."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import kb
from kb.config import Project
from kb.errors import GenerationError, MissingFile
from kb.generations.statistics import Sizes

__all__ = [
    "MANIFEST",
    "MORE",
    "OWN",
    "UNION",
    "Manifest",
    "content_hash",
    "file_digests",
    "input_digests",
    "read_manifest",
    "versions",
    "write_manifest",
]

#: Name of the manifest in a generation's folder.
MANIFEST = "manifest.json"

#: What a default graph holds: all that the named graphs do and more, exactly that, or only what is in none of them.
MORE, UNION, OWN = "more", "union", "own"

_LIBRARIES = ("pyoxigraph", "rdflib", "numpy", "owlrl")


@dataclass(frozen=True)
class Manifest:
    """What is known about a generation.

    :param hash: content hash, see `content_hash`; the name of the generation's folder
    :param created: when it was built, in UTC (``2025-09-12T08:00:00+00:00``)
    :param reasoner: name of the reasoner
    :param versions: program or library -> version
    :param sizes: triples in the default graph and in each named graph
    :param default_graph: what it holds: `MORE`, as all that is built, `UNION` or `OWN`
    :param reification: triples of the default graph that only say who says so, see `kb.generations.reifiers`
    :param sources: IRIs of the named graphs that hold what one source document says
    :param statements: IRI of a named graph -> statements about the world, see `kb.generations.statistics`
    :param things: kind -> number, see `kb.generations.statistics`
    :param dumps: IRI of a named graph -> its file in the folder ``dump``
    :param documents: IRI of a named graph -> the document's file, as its folder and name
    :param contents: compressed file in the folder ``dump`` -> bytes of what is in it
    :param files: file, relative to the generation's folder -> SHA-256 of its bytes
    """

    hash: str
    created: str
    reasoner: str
    versions: dict[str, str]
    sizes: Sizes
    sources: tuple[str, ...]
    statements: dict[str, int]
    things: dict[str, int]
    dumps: dict[str, str]
    files: dict[str, str]
    documents: dict[str, str] = field(default_factory=dict)
    reification: int = 0
    default_graph: str = MORE
    contents: dict[str, int] = field(default_factory=dict)

    @property
    def is_split(self) -> bool:
        """Whether the named graphs have statements that the default graph may lack."""
        return self.default_graph == OWN and self.sizes.total > self.sizes.default_graph


def input_digests(project: Project) -> dict[Path, str]:
    """Return the SHA-256, in hexadecimal, of each Turtle file and of each competency question.

    :raises MissingFile: when a file cannot be read
    """
    return {path: _digest(path) for path in (*project.turtle_files(), *project.questions())}


def content_hash(project: Project, reasoner: str = "kb", files: Mapping[Path, str] | None = None) -> str:
    """Return the SHA-256, in hexadecimal, of all that a generation is made from.

    That is the names and bytes of the Turtle files and of the questions, and the program: its own source files, as the
    version alone stays the same while it is developed, and the versions of the libraries.

    :param reasoner: its name in `kb.reasoning.infer.REASONERS`
    :param files: `input_digests`, where they are known
    :raises MissingFile: when a file cannot be read
    """
    digest = hashlib.sha256(json.dumps([reasoner, versions()]).encode())
    package = Path(kb.__file__).parent
    program = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".rq"))
    for root, digests in (
        (package, {path: _digest(path) for path in program}),
        (project.root, input_digests(project) if files is None else files),
    ):
        for path, found in digests.items():
            digest.update(f"{path.relative_to(root).as_posix()}\0{found}\n".encode())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the version of kb and of each library that decides about the content of a generation."""
    from importlib.metadata import version  # noqa: PLC0415  a fiftieth of a second, for those who only read manifests

    return {"kb": kb.__version__, **{library: version(library) for library in _LIBRARIES}}


def file_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in a generation's folder, without the manifest's own.

    :raises MissingFile: when a file cannot be read
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name: _digest(folder / name) for name in names if name != MANIFEST}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into a generation's folder.

    :raises OSError: when it cannot be written
    """
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a generation.

    :raises GenerationError: when it is missing or damaged
    """
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        sizes, sources = Sizes(**content.pop("sizes")), tuple(content.pop("sources"))
        return Manifest(**content, sizes=sizes, sources=sources)
    except OSError as error:
        raise GenerationError(folder, "has no manifest that can be read") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise GenerationError(folder, "has a damaged manifest, or one of another version") from error


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MissingFile(path) from error
