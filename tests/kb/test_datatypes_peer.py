"""Datatypes: thousands of lexical forms, judged and valued as elementpath does, which shares nothing with kb.

Where the two differ, ``datatypes/peer.csv`` says for which forms, whether they are well-formed, and what decides.
"""

import base64
import csv
import re
import struct
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyoxigraph
import pytest
from datatype_cases import NAMED_BY_OWL_2_RL, forms
from elementpath.datatypes import builtin_atomic_types
from rdflib import RDF, XSD, Literal, URIRef
from support.examples import sample

from kb.rdf.convert import to_node
from kb.rdf.datatypes import canonical, is_datatype, is_well_formed, value_key

with (Path(__file__).parent / "datatypes" / "peer.csv").open(encoding="utf-8", newline="") as _file:
    DIFFERENCES = list(csv.DictReader(_file))
FORMS = forms()
BY_PEER = {URIRef(f"{XSD}{name.partition('}')[2]}"): kind for name, kind in builtin_atomic_types.items() if "}" in name}
#: The datatypes whose white space is kept, by XML Schema or because every text is a value.
KEPT = {XSD.string, XSD.anyURI}


def test_every_datatype_that_owl_2_rl_names_is_known_and_compared() -> None:
    assert all(map(is_datatype, NAMED_BY_OWL_2_RL))
    assert NAMED_BY_OWL_2_RL - {datatype for datatype, _ in FORMS} == {RDF.XMLLiteral, RDF.PlainLiteral}
    assert len(FORMS) > 15_000


@pytest.mark.thorough
def test_lexical_forms_are_those_of_the_peer() -> None:
    wrong = [
        (str(datatype), form, is_well_formed(form, datatype))
        for datatype, form in sample(FORMS)
        if is_well_formed(form, datatype) != peer_accepts(form, datatype)
        and not any(explains(difference, datatype, form) for difference in DIFFERENCES)
    ]
    assert wrong == []


def test_every_difference_is_one() -> None:
    seen = {
        number
        for datatype, form in FORMS
        for number, difference in enumerate(DIFFERENCES)
        if explains(difference, datatype, form) and peer_differs(form, datatype)
    }
    assert seen == set(range(len(DIFFERENCES))), "elementpath is right now: remove the row"


@pytest.mark.thorough
def test_the_canonical_form_has_the_same_value_for_the_peer() -> None:
    for datatype, form in sample([(datatype, form) for datatype, form in FORMS if is_comparable(form, datatype)]):
        written = canonical(form, datatype)
        assert is_well_formed(written, datatype), (datatype, form)
        assert canonical(written, datatype) == written
        if peer_accepts(written, datatype):  # of years after 9999 it lacks some days
            assert peer_value(written, datatype) == peer_value(form, datatype), (datatype, form)


@pytest.mark.thorough
def test_values_are_the_same_when_they_are_for_the_peer() -> None:
    ours: defaultdict[object, set[object]] = defaultdict(set)
    peers: defaultdict[object, set[object]] = defaultdict(set)
    for datatype, form in FORMS:
        if is_comparable(form, datatype):
            key, value = value_key(literal(form, datatype)), peer_value(form, datatype)
            ours[key].add(value)
            peers[value].add(key)
    assert [key for key, values in ours.items() if len(values) > 1] == []
    assert [value for value, keys in peers.items() if len(keys) > 1] == []


def literal(form: str, datatype: URIRef) -> Literal:
    node = to_node(pyoxigraph.Literal(form, datatype=pyoxigraph.NamedNode(datatype)))
    assert isinstance(node, Literal)
    return node


def explains(difference: dict[str, str], datatype: URIRef, form: str) -> bool:
    ours = {"yes": [True], "no": [False], "either": [True, False], "value": [True]}[difference["ours"]]
    forms = difference["forms"].replace(r"\U00010000-\U000EFFFF", "\U00010000-\U000effff")
    named = datatype.removeprefix(str(XSD)) in difference["datatypes"].split()
    return named and re.fullmatch(forms, form) is not None and is_well_formed(form, datatype) in ours


def peer_differs(form: str, datatype: URIRef) -> bool:
    if is_well_formed(form, datatype) != peer_accepts(form, datatype):
        return True
    return is_well_formed(form, datatype) and peer_value(canonical(form, datatype), datatype) != peer_value(
        form, datatype
    )


def peer_accepts(form: str, datatype: URIRef) -> bool:
    """Return what elementpath says of a form, without what XML Schema does to white space before it looks at one."""
    if collapsed(form, datatype) != form:
        return False
    kind = BY_PEER[datatype]
    if datatype not in {XSD.float, XSD.double} and not kind.is_valid(form):
        return False
    try:
        getattr(kind, "fromstring", kind)(form)
    except (ValueError, OverflowError):
        return False
    return True


def collapsed(form: str, datatype: URIRef) -> str:
    """Apply the facet whiteSpace (https://www.w3.org/TR/xmlschema11-2/#rf-whiteSpace)."""
    if datatype in KEPT:
        return form
    replaced = re.sub("[\t\n\r]", " ", form)
    return replaced if datatype == XSD.normalizedString else re.sub(" +", " ", replaced).strip(" ")


def is_comparable(form: str, datatype: URIRef) -> bool:
    """Return whether both accept a form, and the peer has its value: of seconds it has six digits."""
    if not (is_well_formed(form, datatype) and peer_accepts(form, datatype)):
        return False
    if any(difference["ours"] == "value" and explains(difference, datatype, form) for difference in DIFFERENCES):
        return False
    return re.search(r"T?:[0-9.]*\.[0-9]{7}", form) is None


def _single(form: str) -> object:
    try:
        return struct.pack("f", float(form.replace("INF", "inf")))
    except OverflowError:
        return struct.pack("f", float("-inf" if form.startswith("-") else "inf"))


def _decimal(form: str) -> object:
    return "decimal", Decimal(form)


_VALUES: dict[URIRef, Callable[[str], object]] = {
    XSD.boolean: lambda form: form in {"true", "1"},
    XSD.decimal: _decimal,
    XSD.float: _single,
    XSD.double: lambda form: struct.pack("d", float(form.replace("INF", "inf"))),
    XSD.hexBinary: lambda form: ("hex", bytes.fromhex(form)),
    XSD.base64Binary: lambda form: ("base64", base64.b64decode(form)),
    XSD.anyURI: lambda form: ("anyURI", form),
}


def peer_value(form: str, datatype: URIRef) -> object:
    """Return a value that is equal for the same value: Python's own, or the parts of elementpath's times."""
    if datatype in _VALUES:
        return _VALUES[datatype](form)
    kind = BY_PEER[datatype]
    if issubclass(kind, int):
        return _decimal(form)
    if not hasattr(kind, "fromstring"):
        return "string", form
    time = kind.fromstring(form)
    name = "DateTime" if datatype == XSD.dateTimeStamp else kind.__name__
    parts = (time.year, time.month, time.day, time.hour, time.minute, time.second, time.microsecond)
    return name, parts, time.tzinfo and time.tzinfo.utcoffset(None)
