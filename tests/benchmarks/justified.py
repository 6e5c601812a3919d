"""Reifiers for generated data, in the shape in which ``kb build`` adds them: who says so, on each statement.

The generator writes evidence as the files of the graph do, on axiom nodes and on reports; the build makes of it one
``ammtc:Justification`` for each statement and each sufficient evidence. Inferred statements are not generated.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.generator import Quad, meetings
from benchmarks.terms import A, Statement, ammtc, curie

__all__ = ["generate", "justifications"]

_AXIOM = tuple(curie(f"owl:annotated{part}") for part in ("Source", "Property", "Target"))
_PARTS = tuple(curie(f"rdf:{part}") for part in ("subject", "predicate", "object"))

_Described = Mapping[str, Mapping[str, Sequence[str]]]


def generate(path: Path, size: int, seed: int = 1) -> tuple[int, int]:
    """Write generated statements and their reifiers as N-Triples 1.2, and return how many there are of both.

    :param size: how many statements there are to be at least, without the reifiers
    """
    plain = added = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for quads in meetings(size, seed):
            statements = dict.fromkeys(statement for _, statement in quads)
            more = list(justifications(quads))
            file.writelines(f"{s} {p} {o} .\n" for s, p, o in (*statements, *more))
            plain, added = plain + len(statements), added + len(more)
    return plain, added


def justifications(quads: Iterable[Quad]) -> Iterator[Statement]:
    """Yield the reifiers of what is said of one meeting."""
    described: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for s, p, o in dict.fromkeys(statement for _, statement in quads):
        described[s][p].append(o)
    for node, properties in described.items():
        evidence = properties.get(ammtc("evidence"), ())
        if _AXIOM[0] in properties and evidence:
            s, p, o = (properties[part][0] for part in _AXIOM)
            yield from _justification((s, p, o), evidence, described)
        elif evidence and not node.startswith("_:"):
            for p, objects in properties.items():
                for o in objects if p not in (ammtc("evidence"), A) else ():
                    for one in evidence:
                        yield from _justification((node, p, o), [one], described)


def _justification(statement: Statement, evidence: Sequence[str], described: _Described) -> Iterator[Statement]:
    s, p, o = statement
    digest = hashlib.blake2b(" ".join((*statement, *evidence)).encode(), digest_size=16).hexdigest()
    reifier = f"<https://w3id.org/ammtc/statement/{digest}>"
    yield reifier, A, ammtc("Justification")
    yield reifier, curie("rdf:reifies"), f"<<( {s} {p} {o} )>>"
    yield from ((reifier, part, term) for part, term in zip(_PARTS, statement, strict=True))
    passages: dict[str, None] = {}
    for one in evidence:
        yield reifier, ammtc("evidence"), one
        passages |= dict.fromkeys(described.get(one, {}).get(ammtc("restsOn"), [one]))
    yield from ((reifier, ammtc("passage"), passage) for passage in passages)
    basis = "stated" if list(passages) == list(evidence) else "derived"
    yield reifier, ammtc("basis"), curie(f"concept:{basis}")
    sources = dict.fromkeys(source for one in passages for source in described.get(one, {}).get(ammtc("source"), ()))
    origins = dict.fromkeys(origin for one in sources for origin in described.get(one, {}).get(ammtc("origin"), ()))
    yield from ((reifier, ammtc("origin"), origin) for origin in origins)
