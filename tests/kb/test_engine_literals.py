"""What the engine's store makes of literals: what docs/serving.md says, no more and no less."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from datatype_cases import INTEGER_TYPES, forms
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse
from rdflib import XSD, URIRef
from support.commands import run_kb

from kb.namespaces import PREFIXES
from kb.rdf.datatypes import canonical, is_well_formed, supertypes
from kb.rdf.terms import parse_term

ROOT = Path(__file__).resolve().parents[2]
SECTION = (
    (ROOT / "docs" / "serving.md").read_text("utf-8").partition("## What the engine changes")[2].partition("\n## ")[0]
)
#: Written, and what comes back.
TABLE = re.findall(r'^\|[^|]*\| `(".*)` \| `(".*)` \|$', SECTION, re.MULTILINE)
#: The datatypes whose literals the engine keeps by value.
BY_VALUE = {
    *(*INTEGER_TYPES, "decimal", "float", "double", "boolean", "dateTime", "dateTimeStamp", "date", "time", "gYear"),
    *("gYearMonth", "gMonth", "gMonthDay", "gDay", "duration", "yearMonthDuration", "dayTimeDuration"),
}
#: No values of xsd:double, which the engine takes for some.
NUMBERS_OF_THE_ENGINE = {"inf": "INF", "Infinity": "INF", "nan": "NaN", "+NaN": "NaN", "-NaN": "NaN"}
#: With an offset that is written out, the engine keeps this day.
LEAP_DAY = re.compile("--02-29[+-]00:00")


def test_the_table_was_read() -> None:
    assert len(TABLE) == 21


def test_literals_come_back_as_the_documentation_says(tmp_path: Path) -> None:
    prefixes = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
    statements = (f"<a:{row}> <a:p> {written} .\n" for row, (written, _) in enumerate(TABLE))
    (tmp_path / "data.ttl").write_text(prefixes + "".join(statements))
    query = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
    done = run_kb("query", "--data", "data.ttl", "-e", query, "--format", "ntriples", cwd=tmp_path)
    found = {quad.subject: quad.object for quad in parse(done.stdout, RdfFormat.N_TRIPLES)}
    for row, (written, back) in enumerate(TABLE):
        assert written != back
        assert found[NamedNode(f"a:{row}")] == parse_term(back, PREFIXES), written


def test_nothing_else_is_changed_and_nothing_less() -> None:
    cases, store = forms(), Store()
    store.bulk_extend(
        Quad(NamedNode(f"a:{number}"), NamedNode("a:p"), Literal(form, datatype=NamedNode(datatype)))
        for number, (datatype, form) in enumerate(cases)
    )
    found = {quad.subject.value: quad.object for quad in store}
    wrong = [
        (str(datatype), form, term, expected)
        for number, (datatype, form) in enumerate(cases)
        if (term := found[f"a:{number}"]) != (expected := kept(form, datatype))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["nasty.ttl", "directed.ttl", "not-in-xml.ttl"])
def test_literals_of_other_datatypes_come_back_as_they_were_written(name: str) -> None:
    path, store = Path(__file__).parent / "literals" / name, Store()
    store.load(path=path)
    written, back = (
        {quad.object for quad in quads if not is_by_value(quad.object)} for quads in (parse(path=path), store)
    )
    assert written == back != set()


@pytest.mark.parametrize("command", [["query"], ["serve"]])
def test_the_help_of_data_points_to_the_documentation(command: list[str], tmp_path: Path) -> None:
    assert "'What the engine changes'" in " ".join(run_kb(*command, "--help", cwd=tmp_path).stdout.split())


def is_by_value(term: object) -> bool:
    return isinstance(term, Literal) and term.datatype.value.removeprefix(str(XSD)) in BY_VALUE


def kept(form: str, datatype: URIRef) -> Literal:
    """Return what comes back."""
    value, kind = kept_form(form, datatype)
    return Literal(value, datatype=NamedNode(kind))


def kept_form(form: str, datatype: URIRef) -> tuple[str, str]:
    if XSD.integer in {datatype, *supertypes(datatype)}:
        is_integer = re.fullmatch("[+-]?[0-9]+", form) is not None and -(2**63) <= int(form) < 2**63
        return (str(int(form)), str(XSD.integer)) if is_integer else (form, str(datatype))
    if datatype == XSD.dateTimeStamp and is_well_formed(form, XSD.dateTime):
        datatype = XSD.dateTime
    if datatype in {XSD.float, XSD.double} and form in NUMBERS_OF_THE_ENGINE:
        return NUMBERS_OF_THE_ENGINE[form], str(datatype)
    if not is_well_formed(form, datatype) or datatype in {XSD.hexBinary, XSD.base64Binary} or LEAP_DAY.match(form):
        return form, str(datatype)
    written = canonical(form, datatype)
    if datatype in {XSD.float, XSD.double} and not written.endswith(("INF", "NaN")):
        sign = "-" if written == "-0.0E0" else ""
        return sign + canonical(f"{Decimal(written):f}", XSD.decimal).removesuffix(".0"), str(datatype)
    return written.removesuffix(".0") if datatype == XSD.decimal else written, str(datatype)
