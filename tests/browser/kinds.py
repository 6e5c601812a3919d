"""The kinds of pages of the shipped graph, an address each: what is tested and shown in the browser."""

__all__ = ["PAGES"]

#: Name -> address.
PAGES = {
    "home": "/",
    "search": "/search?q=declaration",
    "browse": "/browse",
    "list": "/browse/instruments",
    "meeting": "/page/id/ammtc-19",
    "programme": "/page/id/somtc-25",
    "series": "/page/id/somtc",
    "state": "/page/id/malaysia",
    "official": "/page/id/luong-tam-quang",
    "instrument": "/page/id/plan-of-action-2026-2035",
    "body": "/page/id/moha-malaysia",
    "group": "/page/id/asean-member-states",
    "topic": "/page/concept/cybercrime",
    "scheme": "/page/concept/crime-areas",
    "measure": "/page/id/measure-drug-free-border-communes",
    "act": "/page/id/adoption-border-management-roadmap",
    "report": "/page/id/nst-adoption-plan-of-action",
    "body-and-series": "/page/id/ammtc",
    "place": "/page/id/melaka",
    "source": "/page/source/nst-2025-09-12",
    "source-with-parts": "/page/source/daily8-saifuddin",
    "graph": "/page/graph/nst-2025-09-12",
    "comparison": "/page/id/editorial-comparison-plan-of-action",
    "ontology": "/page/ontology",
    "vocabulary": "/vocabulary",
    "deprecated-term": "/term/adoptedInSeries",
    "identification": "/page/id/editorial-identification-lee",
    "class": "/term/Meeting",
    "property": "/term/proposedBy",
    "borrowed-term": "/resource?iri=http%3A%2F%2Fxmlns.com%2Ffoaf%2F0.1%2FPerson",
    "values": "/statements?thing=https%3A%2F%2Fw3id.org%2Fammtc%2Fid%2Fammtc-19"
    "&property=https%3A%2F%2Fw3id.org%2Fammtc%2Fontology%23participant",
    "compare": "/compare",
    "side-by-side": "/compare/id/ammtc-19",
    "timeline": "/timeline",
    "network": "/network",
    "expected": "/expected",
    "proof": "/explain?subject=https%3A%2F%2Fw3id.org%2Fammtc%2Fid%2Fsaifuddin-nasution-ismail"
    "&property=http%3A%2F%2Fwww.w3.org%2F1999%2F02%2F22-rdf-syntax-ns%23type"
    "&value=https%3A%2F%2Fw3id.org%2Fammtc%2Fontology%23Official",
    "said": "/who-says-so?subject=https%3A%2F%2Fw3id.org%2Fammtc%2Fid%2Fsomtc-25"
    "&property=https%3A%2F%2Fw3id.org%2Fammtc%2Fontology%23delegateCount"
    "&value=%22200%22%5E%5E%3Chttp%3A%2F%2Fwww.w3.org%2F2001%2FXMLSchema%23integer%3E",
    "question": "/question/who-proposed-drug-free-border-communes",
    "downloads": "/dump/",
    "dataset": "/.well-known/void",
    "missing": "/page/id/nothing-of-this-name",
}
