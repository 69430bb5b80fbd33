"""Sources beside what one does: over the page on a phone, beside a half-filled form, on paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.e2e.sight import assert_seen
from tests.e2e.test_chat import QUESTION, answers, ask
from tests.e2e.test_intakes import begin, onward, to_kind

pytestmark = pytest.mark.model
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def page(server, browser, request):
    context = browser.new_context(base_url=server, viewport=getattr(request, "param", None), bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_on_a_phone_a_passage_comes_over_the_page_and_goes_with_the_focus(page):
    page.goto("/")
    ask(page)
    cite = page.locator("a.cite").first
    cite.click()
    panel = page.locator("#paneel")
    expect(panel.locator("mark").first).to_be_in_viewport()
    expect(page.locator("#passage [data-kop]")).to_be_focused()
    for _ in range(30):
        page.keyboard.press("Tab")
        if panel.is_hidden():
            break
        assert page.evaluate("document.getElementById('paneel').contains(document.activeElement)")
    expect(panel).to_be_hidden()
    cite.click()
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="Sluit").click()
    expect(panel).to_be_hidden()
    expect(cite).to_be_focused()


def test_a_quote_stands_below_the_answer_and_on_paper(page):
    page.goto("/")
    ask(page)
    quote = page.locator(".bronnen blockquote").first
    expect(quote).to_be_hidden()  # the answer says the same
    page.locator(".bronnen summary").first.click()
    expect(quote).to_be_visible()
    ask(page, "Wat verdient een jeugdarts?")
    expect(answers(page)).to_have_count(2)
    expect(answers(page).last.locator("blockquote").first).to_be_visible()  # this one does not
    page.reload()
    page.emulate_media(media="print")
    expect(page.locator(".bronnen blockquote").first).to_be_visible()
    expect(page.locator("#vraagformulier")).to_be_hidden()
    expect(page.locator(".daden").first).to_be_hidden()


def test_sources_open_beside_a_form_that_is_half_filled(page):
    begin(page, "wijkanalyse")
    to_kind(page, "textarea[name=value]")
    page.locator("#value").fill("Half getypt")
    page.get_by_text("Waarom vraag je dit?").click()
    page.locator(".waarom [data-passage]").first.click()
    panel = page.locator("#paneel")
    expect(panel.locator("mark").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.get_by_label("Je vraag").fill(QUESTION)
    page.get_by_role("button", name="Vraag het").click()
    cite = page.locator("#antwoord .cite.via").first
    cite.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("tooltip")).to_contain_text("geeft weer wat")
    page.mouse.move(5, 5)  # a mouse that moves elsewhere takes nothing from the keyboard
    expect(page.get_by_role("tooltip")).to_be_visible()
    cite.click()
    expect(panel.locator("mark").first).to_be_visible()
    assert_seen(page)
    expect(page.locator("#value")).to_have_value("Half getypt")


def test_a_report_opens_its_sources(page):
    begin(page, "samenwerkingsscan")
    while page.locator("#veld").count():
        scale = page.locator(".schaal input")
        (scale.nth(4) if scale.count() else page.get_by_label("Weet ik nog niet")).check()
        onward(page)
    page.get_by_role("link", name="Bekijk het verslag").click()
    address = page.url
    page.locator(".verslag a.cite").first.click()
    expect(page.locator("#paneel mark").first).to_be_visible()
    assert page.url == address
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")
    expect(page.locator("#maken")).to_have_text("Het bestand is klaar.")
    page.context.set_offline(True)
    page.get_by_role("link", name="PDF").click()
    expect(page.locator("#maken")).to_contain_text("Probeer het zo opnieuw")
    page.context.set_offline(False)
    page.set_viewport_size(PHONE)
    plot = page.locator("svg.plot").bounding_box()
    assert plot["x"] >= 0
    assert plot["x"] + plot["width"] <= PHONE["width"]


def test_what_is_typed_while_an_answer_comes_stays(page):
    page.goto("/")
    held = []
    page.route("**/", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    ask(page)
    expect(page.locator("article[aria-busy]")).to_be_visible()
    expect(page.get_by_label("Je vraag")).to_have_value("")
    page.get_by_label("Je vraag").fill("En wat is")
    held.pop().continue_()
    expect(answers(page)).to_have_count(1)
    box = page.get_by_label(re.compile("Vraag verder"))
    expect(box).to_have_value("En wat is")
    expect(box).to_be_focused()
    expect(page).to_have_title(re.compile("Verwey-Jonker"))


def test_a_search_marks_what_it_found(page):
    page.goto("/bronnen")
    page.get_by_label("Zoek in de bronnen").fill("netwerkschool")
    page.keyboard.press("Enter")
    expect(
        page.locator(".kaartjes mark").filter(has_text=re.compile("netwerkscho", re.IGNORECASE)).first
    ).to_be_visible()
