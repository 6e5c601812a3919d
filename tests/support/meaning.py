"""Cases of what the ontology means: premises that fit together, what follows from them and what does not.

Each is a TriG file in ``tests/kb/consistency``: its first line says in words what it shows, the default graph holds the
premises, `case:follows` and `case:does-not-follow` the statements to ask about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from kb.config import Project
from kb.files.documents import import_closure, load_documents
from kb.namespaces import BASE
from kb.rdf.terms import Rdf11Statement

__all__ = ["CASES", "Case", "load_case", "terminology"]

_FOLDER = Path(__file__).resolve().parents[1] / "kb" / "consistency"
#: The files of all cases.
CASES = sorted(_FOLDER.glob("*.trig"))
_FOLLOWS, _DOES_NOT_FOLLOW = (NamedNode(f"{BASE}case/{name}") for name in ("follows", "does-not-follow"))


@dataclass(frozen=True)
class Case:
    """One case.

    :param title: what it shows
    """

    title: str
    premises: tuple[Rdf11Statement, ...]
    follows: tuple[Rdf11Statement, ...]
    does_not_follow: tuple[Rdf11Statement, ...]


def load_case(path: Path) -> Case:
    """Read the file of a case."""
    text = path.read_text(encoding="utf-8")
    quads = list(parse(text, format=RdfFormat.TRIG))
    assert {quad.graph_name for quad in quads} <= {DefaultGraph(), _FOLLOWS, _DOES_NOT_FOLLOW}

    def of(name: NamedNode | DefaultGraph) -> tuple[Rdf11Statement, ...]:
        return tuple((q.subject, q.predicate, q.object) for q in quads if q.graph_name == name)  # type: ignore[misc]

    title = text.partition("\n")[0].removeprefix("# ")
    return Case(title, of(DefaultGraph()), of(_FOLLOWS), of(_DOES_NOT_FOLLOW))


def terminology(project: Project) -> Sequence[Quad]:
    """Return what the ontology states with all that it imports: the terms, the kinds, the borrowed terms."""
    documents = import_closure(load_documents(project), f"{BASE}ontology")
    return [Quad(*statement, NamedNode(d.iri)) for d in documents for statement in d.statements]
