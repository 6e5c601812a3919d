"""Where the graph's files are: a checkout, or the copy inside an installed package."""

from dataclasses import dataclass
from pathlib import Path

from kb.errors import MissingFile

__all__ = ["Project", "find_project"]


@dataclass(frozen=True)
class Project:
    """The folders of one copy of the graph.

    :param root: the folder that holds ``ontology`` and ``graph``
    """

    root: Path

    @property
    def ontology(self) -> Path:
        """Folder of the ontology files and of the competency questions."""
        return self.root / "ontology"

    @property
    def graph(self) -> Path:
        """Folder of the entities, of a file for each source document and of the editors' choices."""
        return self.root / "graph"

    @property
    def shapes(self) -> Path:
        """The SHACL shapes graph."""
        return self.ontology / "shapes.ttl"

    @property
    def competency(self) -> Path:
        """Folder of the competency questions, one ``.rq`` file each."""
        return self.ontology / "competency"

    @property
    def versions(self) -> Path:
        """Folder of the ontology files of earlier versions, a folder each."""
        return self.ontology / "versions"

    def questions(self) -> list[Path]:
        """Return the files of the competency questions, by name."""
        return sorted(self.competency.glob("*.rq"))

    def turtle_files(self) -> list[Path]:
        """Return all Turtle files, generated ones included, earlier versions not: the ontology's first, by name."""
        return [path for folder in (self.ontology, self.graph) for path in sorted(folder.glob("*.ttl"))]


def find_project(start: Path) -> Project:
    """Return the checkout that contains ``start``, else the files beside or inside the installed package.

    :param start: an existing folder, normally the working directory
    :raises MissingFile: when neither a checkout nor installed files are there
    """
    package = Path(__file__).resolve().parent
    folder = start.resolve()
    for root in (folder, *folder.parents, package.parent, package / "data"):
        if (root / "ontology" / "schema.ttl").is_file() and (root / "graph" / "entities.ttl").is_file():
            return Project(root)
    raise MissingFile(
        start / "ontology" / "schema.ttl", "Run the command inside a checkout, or install the package again"
    )
