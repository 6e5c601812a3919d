"""RDF files as people have them: what is read from each, or the message that it ends in."""

import codecs
import csv
import gzip
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse

from kb.errors import RdfSyntaxError
from kb.rdf.rdfxml import RewrittenXml
from kb.rdf.reading import load_files, read_statements
from kb.rdf.turtle import parse_statements

CASES = Path(__file__).parent / "reading"
DOCUMENTS: list[dict[str, Any]] = tomllib.loads((CASES / "rdfxml.toml").read_text("utf-8"))["case"]
FILES: list[dict[str, Any]] = tomllib.loads((CASES / "files.toml").read_text("utf-8"))["file"]
with (CASES / "attributes.csv").open(encoding="utf-8", newline="") as rows:
    #: Attributes that RDF/XML lets an element have together, and those that it does not (7.2.8 to 7.2.21); Jena agrees.
    ATTRIBUTES = list(csv.DictReader(rows))
BASE = "http://d.example/dir/file"
#: What stands around an element.
AROUND = {
    "root": "<rdf:RDF {declarations} {attributes}>{inside}</rdf:RDF>",
    "node": "<rdf:RDF {declarations}><ex:C {attributes}>{inside}</ex:C></rdf:RDF>",
    "property": "<rdf:RDF {declarations}><ex:C><ex:p {attributes}>{inside}</ex:p></ex:C></rdf:RDF>",
}
DECLARATIONS = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:ex="http://e.example/"'


def test_no_case_is_lost() -> None:
    assert (len(DOCUMENTS), len(FILES), len(ATTRIBUTES)) == (35, 41, 180)


@pytest.mark.parametrize("case", DOCUMENTS, ids=lambda case: case["name"])
def test_rdf_xml(case: dict[str, Any], tmp_path: Path) -> None:
    content = encoded(case)
    (tmp_path / "file.rdf").write_bytes(content)
    with (tmp_path / "file.rdf").open("rb") as file:
        read = parse(RewrittenXml(file, tmp_path / "file.rdf", BASE), RdfFormat.RDF_XML, base_iri=BASE)  # type: ignore[arg-type]
        found = canonical("".join(f"{Quad(*quad.triple)} .\n" for quad in read))
    assert found == canonical(case["triples"])


def encoded(case: dict[str, Any]) -> bytes:
    """Return the bytes of a document."""
    encoding = case.get("encoding", "UTF-8")
    named = encoding.removesuffix("-sig")
    if "document" in case:
        return str(case["document"]).encode()
    doctype = f"<!DOCTYPE rdf:RDF [ {case['doctype']} ]>\n" if "doctype" in case else ""
    text = (
        f'<?xml version="1.0" encoding="{named}"?>\n{doctype}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:ex="http://e.example/" {case.get("attributes", "")}>\n{case["body"]}\n</rdf:RDF>'
    )
    return text.replace("\n", case.get("lines", "\n")).encode(encoding)


def canonical(triples: str) -> list[str]:
    """Return triples in N-Triples with the same names of blank nodes in isomorphic graphs."""
    dataset = Dataset(parse(triples, RdfFormat.N_TRIPLES))
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return sorted(map(str, dataset))


def test_attributes_that_stand_together(tmp_path: Path) -> None:
    path = tmp_path / "file.rdf"
    wrong = []
    for case in ATTRIBUTES:
        path.write_text(AROUND[case["element"]].format(declarations=DECLARATIONS, **case), encoding="utf-8")
        try:
            found = bool(list(read_statements(path))) or case["element"] == "root"
        except RdfSyntaxError:
            found = False
        if found != (case["read"] == "yes"):
            wrong.append(case)
    assert wrong == []


@pytest.mark.parametrize("case", FILES, ids=lambda case: case["name"])
def test_file(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / case["name"]
    content = case["content"].encode(case.get("encoding", "latin-1"))
    path.write_bytes(gzip.compress(content) if case.get("packed") else content)
    if "triples" in case:
        assert canonical("".join(f"{Quad(*quad.triple)} .\n" for quad in load_files([path]))) == canonical(
            case["triples"]
        )
        return
    for read in (load_files, lambda paths: list(read_statements(paths[0]))):
        with pytest.raises(RdfSyntaxError) as caught:
            read([path])
        assert case["problem"] in caught.value.problem
        assert case["remedy"] in caught.value.remedy
        assert caught.value.line == case.get("line")


@pytest.mark.parametrize(
    "case",
    [case for case in FILES if case["name"].endswith(".ttl") and "problem" in case],
    ids=lambda case: case["name"],
)
def test_a_document_of_the_project_ends_in_the_same_message(case: dict[str, Any], tmp_path: Path) -> None:
    content = case["content"].encode(case.get("encoding", "latin-1"))
    with pytest.raises(RdfSyntaxError) as caught:
        parse_statements(gzip.compress(content) if case.get("packed") else content, tmp_path / case["name"])
    assert case["problem"] in caught.value.problem
    assert case["remedy"] in caught.value.remedy
    assert caught.value.line == case.get("line")


def test_a_reader_that_takes_a_byte_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "file.rdf"
    path.write_bytes(codecs.BOM_UTF8 + encoded(DOCUMENTS[0]))
    with path.open("rb") as file:
        document = RewrittenXml(file, path, BASE)
        content = b"".join(iter(lambda: document.read(1), b""))
    assert content.endswith(b"<ex:p>l1&#10;l2</ex:p></rdf:Description></rdf:RDF>")
