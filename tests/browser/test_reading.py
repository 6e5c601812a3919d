"""A real browser reads the pages."""

import pytest

from browser.visits import Visit

pytestmark = pytest.mark.xdist_group("browser-pages")


def test_the_home_page_says_what_this_is(visit: Visit) -> None:
    page = visit.go("/")
    assert "Who proposed it, who adopted it" in page.content()
    assert page.locator("[name=q]").count() == 1


def test_a_question_is_answered_with_its_source(visit: Visit) -> None:
    page = visit.go("/question/who-proposed-drug-free-border-communes")
    assert page.get_by_role("link", name="Viet Nam").count() > 0
    assert page.locator("a[href='/page/source/cong-tuan-2025-09-11#p14']").count() > 0


def test_an_iri_leads_to_the_page(visit: Visit) -> None:
    page = visit.go("/id/ammtc-19")
    assert page.locator("h1").inner_text() == "19th ASEAN Ministerial Meeting on Transnational Crime"
