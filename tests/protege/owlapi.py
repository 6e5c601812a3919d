"""The OWL API and HermiT as Python functions, the Java part in a process of its own.

The OWL API is Debian's libowlapi-java; HermiT is the one that owlready2 carries. They cannot share a class path, since
HermiT's archive holds an OWL API of its own, of an earlier version: see `protege.jvm`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

from protege import jvm
from protege.model import Classification, Fact, LoadedOntology, Profile, Statement

__all__ = ["OwlApi", "parts", "start"]

P = ParamSpec("P")
R = TypeVar("R")

_JARS = Path("/usr/share/java")
#: What the OWL API needs to read, check and write ontologies in Turtle; libowlapi-java depends on the packages of all.
_JAR_NAMES = (
    "owlapi-distribution",
    "atinject-jsr330-api",
    "caffeine",
    "commons-io",
    "commons-rdf-api",
    "guava",
    "hppcrt",
    "jsr305",
    "rdf4j-model",
    "rdf4j-model-api",
    "rdf4j-model-vocabulary",
    "rdf4j-rio-api",
    "rdf4j-rio-datatypes",
    "rdf4j-rio-languages",
    "rdf4j-rio-turtle",
    "rdf4j-util",
    "slf4j-api",
    "slf4j-nop",
    "xz",
)


def parts() -> Mapping[str, str]:
    """Return the programs and files that must be there, each with the way to get it."""
    jars = {str(jar): "On Debian and Ubuntu: apt-get install libowlapi-java" for jar in _class_path()}
    return {
        "java": "On Debian and Ubuntu: apt-get install default-jre-headless",
        **jars,
        str(_hermit()): "It comes with a package from PyPI: pip install owlready2",
    }


@contextmanager
def start() -> Iterator["OwlApi"]:
    """Run the Java process; all `parts` must be there."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        process.submit(jvm.start, _class_path()).result()
        yield OwlApi(process)


class OwlApi:
    """Calls into the running Java process; a file that is named is loaded with its whole import closure, offline.

    Imports are found as Protégé finds them, through ``catalog-v001.xml`` in the folder of the file that is opened, and
    nowhere else. An import that Protégé would drop without a word raises `JavaError`, as does a file it cannot read.
    """

    def __init__(self, process: ProcessPoolExecutor) -> None:
        self._process = process

    def load_closure(self, root: Path) -> tuple[LoadedOntology, ...]:
        """Return the ontologies that opening ``root`` loads, sorted by IRI."""
        return self._call(jvm.load_closure, root)

    def profile_violations(self, root: Path, profile: Profile = "DL") -> tuple[str, ...]:
        """Return what in the closure is outside a profile of OWL 2, sorted."""
        return self._call(jvm.profile_violations, root, profile)

    def classify(
        self, root: Path, questions: Sequence[Statement] = (), *, known: Collection[Fact] | None = None
    ) -> Classification:
        """Run HermiT on the closure.

        :param questions: statements to test for entailment, without annotations
        :param known: the facts between named things that are expected to follow, stated ones included: what follows
            in addition is told, where they are given; it takes far longer than the rest where there is such a fact
        :raises JavaError: also when HermiT refuses the ontology, for example for a data value of type `xsd:date`
        """
        return self._call(jvm.classify, root, tuple(questions), _hermit(), None if known is None else frozenset(known))

    def ask(self, root: Path, questions: Sequence[Statement]) -> Classification:
        """Ask HermiT which statements between named things the closure entails, and nothing else.

        Each question is a test of its own: whether a class of counterexamples is satisfiable. `classify`, and HermiT's
        own test of entailment, put all individuals into their classes first, and there HermiT can end with a
        ConcurrentModificationException where several individuals are the same.
        """
        return self._call(jvm.ask, root, tuple(questions), _hermit())

    def resave(self, path: Path, add: Sequence[Statement] = ()) -> str:
        """Return the Turtle text that Protégé writes after opening a file, adding statements and saving it."""
        return self._call(jvm.resave, path, tuple(add))

    def _call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return self._process.submit(function, *args, **kwargs).result()


def _class_path() -> list[Path]:
    return [_JARS / f"{name}.jar" for name in _JAR_NAMES]


def _hermit() -> Path:
    spec = find_spec("owlready2")
    package = Path(spec.origin).parent if spec and spec.origin else Path("/owlready2")
    return package / "hermit" / "HermiT.jar"
