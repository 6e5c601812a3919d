"""Names: what is shown for an IRI, and which thing a person means."""

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kb.errors import AmbiguousName, UnknownName
from kb.namespaces import ID, PREFIXES, SOURCE
from kb.sparql.labels import display, labels, resolve

THING = "http://example.org/thing"


def store_of(*names: tuple[str, str, str | None]) -> Store:
    store = Store()
    for prop, text, language in names:
        prefix, _, local = prop.partition(":")
        store.add(Quad(NamedNode(THING), NamedNode(PREFIXES[prefix] + local), Literal(text, language=language)))
    return store


@pytest.mark.parametrize(
    ("names", "label"),
    [
        ([("rdfs:label", "Ding", "de"), ("rdfs:label", "thing", "en"), ("rdfs:label", "chose", "fr")], "thing"),
        ([("rdfs:label", "Ding", "de"), ("rdfs:label", "thing", None)], "thing"),
        ([("rdfs:label", "Ding", "de"), ("rdfs:label", "chose", "fr")], "Ding"),
        ([("rdfs:label", "colour", "en-gb"), ("rdfs:label", "Farbe", "de")], "colour"),
        ([("rdfs:label", "label", "en"), ("skos:prefLabel", "preferred", "en")], "preferred"),
        ([("rdfs:label", "label", "en"), ("skos:prefLabel", "bevorzugt", "de")], "label"),
        ([("rdfs:label", "b", "en"), ("rdfs:label", "a", "en")], "a"),
        ([("foaf:name", "Lee", None), ("dcterms:title", "Mr", None)], "Lee"),
        ([("skos:altLabel", "other", "en"), ("ammtc:abbreviation", "O", None)], None),
    ],
)
def test_the_label_of_a_thing(names: list[tuple[str, str, str | None]], label: str | None) -> None:
    assert labels(store_of(*names)).get(THING) == label


@pytest.mark.parametrize(
    ("iri", "shown"),
    [
        (str(SOURCE["nst-2025-09-12#p7"]), "nst-2025-09-12 ¶7"),
        (str(SOURCE["nst-2025-09-12#p12"]), "nst-2025-09-12 ¶12"),
        (str(ID["ammtc-19"]), "19th Ministerial Meeting"),
        (str(ID["declaration"]), "Melaka Declaration"),
        (str(ID["nowhere"]), "id:nowhere"),
        (str(SOURCE["nst-2025-09-12"]), "source:nst-2025-09-12"),
        ("http://example.org/x", "http://example.org/x"),
    ],
)
def test_what_is_shown_for_an_iri(iri: str, shown: str, small_store: Store) -> None:
    assert display(iri, labels(small_store)) == shown


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        ("https://w3id.org/ammtc/id/ammtc-19", ID["ammtc-19"]),
        ("<https://w3id.org/ammtc/id/ammtc-19>", ID["ammtc-19"]),
        ("id:ammtc-19", ID["ammtc-19"]),
        ("ammtc-19", ID["ammtc-19"]),
        ("19th Ministerial Meeting", ID["ammtc-19"]),
        ("  19TH   ministerial meeting ", ID["ammtc-19"]),
        ("19. ministertreffen", ID["ammtc-19"]),
        ("ammtc 19", ID["ammtc-19"]),
        ("Đà Nẵng", ID["da-nang"]),
        ("da nang", ID["da-nang"]),
        ("DA NANG", ID["da-nang"]),
        ("melaka", ID["melaka"]),
        ("malacca", ID["melaka"]),
        ("declaration", ID["declaration"]),
        ("lee of singapore", ID["official-2"]),
        ("paper-1:p2", SOURCE["paper-1#p2"]),
        ("ammtc:Meeting", "https://w3id.org/ammtc/ontology#Meeting"),
        ("ammtc:adopts", "https://w3id.org/ammtc/ontology#adopts"),
        ("ministerial meeting", "https://w3id.org/ammtc/ontology#MinisterialMeeting"),
    ],
)
def test_a_thing_is_found_by_its_names(name: str, iri: str, small_store: Store) -> None:
    assert resolve(small_store, name) == str(iri)


def test_a_label_goes_before_another_name() -> None:
    store = store_of(("rdfs:label", "Lee", "en"))
    store.add(Quad(NamedNode("http://example.org/other"), NamedNode(f"{PREFIXES['skos']}altLabel"), Literal("Lee")))
    assert resolve(store, "Lee") == THING


def test_a_thing_is_found_by_its_label_in_another_language_unless_an_english_one_has_the_name() -> None:
    store = store_of(("rdfs:label", "act", "en"), ("rdfs:label", "hành động", "vi"), ("rdfs:label", "format", "ms"))
    assert resolve(store, "hanh dong") == THING
    store.add(
        Quad(
            NamedNode("http://example.org/other"),
            NamedNode(f"{PREFIXES['rdfs']}label"),
            Literal("format", language="en"),
        )
    )
    assert resolve(store, "format") == "http://example.org/other"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Melakka", "Melaka"),
        ("Da Nan", "Đà Nẵng"),
        ("id:ammtc-18", "id:ammtc-19"),
        ("19th Minsterial Meting", "19th Ministerial Meeting"),
        ("Singapore", "Lee of Singapore"),
        ("zzzz", None),
        ("", None),
        ("no:thing", None),
        ("http://example.org/ bad", None),
    ],
)
def test_a_name_that_nothing_has(name: str, nearest: str | None, small_store: Store) -> None:
    with pytest.raises(UnknownName) as caught:
        resolve(small_store, name)
    assert caught.value.suggestions[:1] == ((nearest,) if nearest else ())


def test_a_name_that_two_things_have(small_store: Store) -> None:
    with pytest.raises(AmbiguousName, match="id:official-1, id:official-2") as caught:
        resolve(small_store, "lee")
    assert caught.value.candidates == ("id:official-1", "id:official-2")
