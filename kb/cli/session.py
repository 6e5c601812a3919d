"""What all commands share: the project they work on and the place of its generations."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import kb
from kb.cli.console import progress
from kb.config import Project, find_project
from kb.errors import MissingFile

if TYPE_CHECKING:
    from kb.generations.generation import Generation

__all__ = ["Session"]


@dataclass
class Session:
    """One run of the command.

    :param project_folder: the folder that ``--project`` names
    :param build_folder: the folder that ``--build-dir`` names
    """

    project_folder: Path | None
    build_folder: Path | None

    @cached_property
    def project(self) -> Project:
        """The project that is named, or the one around the working directory, or the installed one.

        :raises MissingFile: when the folder that is named is not a project
        """
        if self.project_folder is None:
            return find_project(Path.cwd())
        project = Project(self.project_folder)
        if not project.ontology.is_dir() or not project.graph.is_dir():
            raise MissingFile(self.project_folder / "ontology", "Name a folder that holds ontology and graph")
        return project

    @property
    def generations(self) -> Path:
        """The folder of generations: ``build`` in a checkout, one of the user's cache for the installed files."""
        if self.build_folder is not None:
            return self.build_folder
        if self.project.root != Path(kb.__file__).resolve().parent / "data":
            return self.project.root / "build"
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ammtc"

    def generation(self) -> "Generation":
        """Return the generation of the files as they are now; build it, with progress, where there is none.

        :raises UnwritablePath: when it has to be built and cannot be written
        :raises DataError: when the files cannot be used
        """
        from kb.generations.generation import current_generation  # noqa: PLC0415  `kb --help` needs no store

        if generation := current_generation(self.project, self.generations):
            return generation
        from kb.generations.build import build  # noqa: PLC0415  the reasoner takes half a second to import

        with progress("Building") as report:
            return build(self.project, self.generations, report)
