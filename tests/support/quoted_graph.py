"""A graph that cites two texts, and the texts: with markup in a paragraph, very long, changed, missing."""

import hashlib
from itertools import combinations
from pathlib import Path

__all__ = ["ADDRESS", "CHANGED", "LONG", "NAMED", "SCRIPT", "write_crowded", "write_quoted"]

ADDRESS = "https://example.org/articles/1"
SCRIPT = (
    "In the words of the first one, <script>alert(1)</script> & the <b>meeting</b> in Melaka on 24 June 2025 had"
    " 42 delegates, as {{ 7 * 7 }} said."
)
NAMED = "Melaka Declaration signed in MELAKA: 5 states, 5 bodies, 12 experts and 3 partners, on 12 July."
LONG = "The long one names 17 places. " + "word " * 40_000
CHANGED = "As it was cited."
_LINES = 100_000

_GRAPH = """
PREFIX ammtc: <https://w3id.org/ammtc/ontology#>
PREFIX id: <https://w3id.org/ammtc/id/>
PREFIX source: <https://w3id.org/ammtc/source/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
source:one a ammtc:Source , ammtc:SourceDocument ; rdfs:label "The first text" ; schema:url <{address}> ;
  ammtc:publishedAt "2025-07-01"^^xsd:date .
source:two a ammtc:Source , ammtc:SourceDocument ; rdfs:label "The lost text" .
id:melaka a ammtc:Place ; rdfs:label "Melaka" .
id:declaration a ammtc:Instrument ; rdfs:label "Melaka Declaration" .
id:meeting a ammtc:Meeting ; rdfs:label "meeting" .
"""
_STATEMENTS = (
    ("one", 1, "delegateCount", "42"),
    ("one", 1, "date", '"2025-06-24"^^xsd:date'),
    ("one", 1, "place", "id:melaka"),
    ("one", 2, "place", "id:melaka"),
    ("one", 2, "adopts", "id:declaration"),
    ("one", 2, "stateCount", "5"),
    ("one", 2, "expertCount", "12"),
    ("one", 2, "partnerCount", "3"),
    ("one", 2, "wording", '"signed"'),
    ("one", 3, "placeCount", "17"),
    ("one", 4, "wording", '"cited"'),
    ("two", 1, "wording", '"lost"'),
)
_LEFT_OUT = "This line of the text is cited nowhere."


def write_quoted(folder: Path) -> tuple[Path, Path]:
    """Write a graph in Turtle and the folder of its texts, and return both."""
    cited = {("one", 1): SCRIPT, ("one", 2): NAMED, ("one", 3): LONG, ("one", 4): CHANGED, ("two", 1): "The lost one."}
    graph = _GRAPH.replace("{address}", ADDRESS)
    for (source, number), line in cited.items():
        digest = hashlib.sha256(line.strip().encode()).hexdigest()
        graph += (
            f"<https://w3id.org/ammtc/source/{source}#p{number}> a ammtc:Passage ; ammtc:source source:{source} ;"
            f' ammtc:paragraph {number} ; ammtc:sha256 "{digest}" .\n'
        )
    for source, number, name, value in _STATEMENTS:
        graph += (
            f"id:meeting ammtc:{name} {value} . [] a owl:Axiom ; owl:annotatedSource id:meeting ;"
            f" owl:annotatedProperty ammtc:{name} ; owl:annotatedTarget {value} ;"
            f" ammtc:evidence <https://w3id.org/ammtc/source/{source}#p{number}> .\n"
        )
    data, texts = folder / "quoted.ttl", folder / "texts"
    data.write_text(graph, encoding="utf-8")
    texts.mkdir()
    lines = [SCRIPT, "", NAMED, LONG, "As it was changed.", *[_LEFT_OUT] * _LINES]
    (texts / "any name.txt").write_text("\n".join(lines), encoding="utf-8")
    return data, texts


def write_crowded(folder: Path, paragraphs: int = 25) -> tuple[Path, Path, int]:
    """Write a graph with a thing about which each two of some long paragraphs say something together, and their text.

    :return: the graph, the folder of the text, and how many statements there are
    """
    lines = [f"Number {number}: " + " ".join(f"w{place}" for place in range(400)) for number in range(paragraphs)]
    graph = _GRAPH.replace("{address}", ADDRESS)
    for number, line in enumerate(lines, 1):
        digest = hashlib.sha256(line.encode()).hexdigest()
        graph += (
            f"<https://w3id.org/ammtc/source/one#p{number}> a ammtc:Passage ; ammtc:source source:one ;"
            f' ammtc:paragraph {number} ; ammtc:sha256 "{digest}" .\n'
        )
    pairs = list(combinations(range(1, paragraphs + 1), 2))
    for place, pair in enumerate(pairs):
        value = f'"w{place}"'
        evidence = " , ".join(f"<https://w3id.org/ammtc/source/one#p{number}>" for number in pair)
        graph += (
            f"id:meeting ammtc:p{place} {value} . [] a owl:Axiom ; owl:annotatedSource id:meeting ;"
            f" owl:annotatedProperty ammtc:p{place} ; owl:annotatedTarget {value} ; ammtc:evidence {evidence} .\n"
        )
    data, texts = folder / "crowded.ttl", folder / "texts"
    data.write_text(graph, encoding="utf-8")
    texts.mkdir()
    (texts / "one.txt").write_text("\n".join(lines), encoding="utf-8")
    return data, texts, len(pairs)
