"""Every page and state at 200 % zoom, at 320 px, in the dark, and with the spacing of WCAG 1.4.12."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import ADMIN
from tests.e2e.sight import SPACING, ZOOMED, assert_seen
from tests.e2e.test_chat import QUESTION, answers, ask
from tests.e2e.test_intakes import CSV, begin, onward, to_kind

pytestmark = pytest.mark.model


@pytest.fixture
def page(server, browser):
    context = browser.new_context(
        base_url=server, viewport=ZOOMED, device_scale_factor=2, reduced_motion="reduce", bypass_csp=True
    )
    yield context.new_page()
    context.close()


def test_the_check_sees_what_is_cut_off_or_too_wide(page):
    page.goto("/")
    for fault in ("width: 5rem; overflow: hidden; white-space: nowrap", "width: 60rem"):
        page.evaluate("fault => document.querySelector('main .inleiding').style.cssText = fault", fault)
        with pytest.raises(AssertionError):
            assert_seen(page)
        page.reload()
    page.add_style_tag(content=SPACING)
    assert page.evaluate("getComputedStyle(document.querySelector('main p')).letterSpacing") != "normal"


def test_the_conversation(page):
    page.goto("/")
    assert_seen(page)
    ask(page)
    expect(answers(page)).to_have_count(1)
    for summary in page.locator("article summary").all():
        summary.click()
    page.locator("a.cite").first.click()
    expect(page.locator("#paneel mark").first).to_be_visible()
    assert_seen(page)
    page.get_by_role("button", name="Sluit").click()
    page.get_by_role("button", name="Maak een link").click()
    expect(page.get_by_text("Dit antwoord is gedeeld")).to_be_visible()
    assert_seen(page)
    page.goto(page.get_by_label("De link naar dit antwoord").input_value())
    assert_seen(page)
    page.goto("/")
    for n, question in enumerate(("Wat verdient een jeugdarts?", "Bel 06-12345678. Wat is een OOGO?"), 1):
        ask(page, question)
        expect(answers(page)).to_have_count(n)
    assert_seen(page)
    page.goto("/gesprekken")
    page.get_by_text("Wis mijn gesprekken").click()
    assert_seen(page)


@pytest.mark.parametrize(
    "path",
    [
        *("/bronnen", "/bronnen?q=netwerk", "/bronnen/3.5.1", "/bronnen/referenties", "/bronnen/begrippen"),
        *("/passages/begrip:oogo", "/over", "/docs", "/vragenlijsten", "/vragenlijsten/overnemen/code", "/scan/gok"),
        *("/niet/daar", "/vragenlijsten/weg"),
    ],
)
def test_a_page(page, path):
    page.goto(path)
    if path == "/bronnen":
        page.locator(".omtrek summary").nth(3).click()
    assert_seen(page)


@pytest.mark.parametrize(
    ("flow", "field"),
    [
        ("spelregeltoets", "#veld input[type=radio]"),
        ("spelregeltoets", "#veld input[type=checkbox][name=value]"),
        ("samenwerkingsscan", ".schaal"),
        ("wijkanalyse", ".getal"),
        ("wijkanalyse", "textarea[name=value]"),
    ],
    ids=["single", "multi", "scale", "number", "text"],
)
def test_a_step(page, flow, field):
    begin(page, flow)
    to_kind(page, field)
    for summary in page.locator("main summary").all():
        summary.click()
    onward(page)
    expect(page.locator("#fouten")).to_be_focused()
    assert_seen(page)


def test_a_question_halfway_the_end_and_the_report(page):
    begin(page, "samenwerkingsscan")
    page.get_by_label("Je vraag").fill(QUESTION)
    page.get_by_role("button", name="Vraag het").click()
    expect(page.locator("#antwoord .cite").first).to_be_visible()
    assert_seen(page)
    while page.locator("#veld").count():
        scale = page.locator(".schaal input")
        (scale.nth(2) if scale.count() else page.get_by_label("Weet ik nog niet")).check()
        onward(page)
    assert_seen(page)
    page.get_by_role("link", name="Bekijk het verslag").click()
    assert_seen(page)


def test_figures_scan_list_and_deletion(page):
    begin(page, "wijkanalyse")
    page.get_by_role("link", name="Vul cijfers in").click()
    page.locator("#bestand").set_input_files({"name": "k.csv", "mimeType": "text/csv", "buffer": CSV})
    page.get_by_label("Naam of code").fill("Nergens")
    page.get_by_role("button", name="Laat de cijfers zien").click()
    assert_seen(page)
    page.locator("#bestand").set_input_files({"name": "k.csv", "mimeType": "text/csv", "buffer": CSV})
    page.get_by_label("Naam of code").fill("Overvecht")
    page.get_by_label("Jaar").fill("2024")
    page.get_by_role("button", name="Laat de cijfers zien").click()
    assert_seen(page)
    begin(page, "samenwerkingsscan")
    page.get_by_role("button", name="Nodig anderen uit").click()
    assert_seen(page)
    page.goto(page.get_by_label("Link om te delen").input_value())
    assert_seen(page)
    page.goto("/vragenlijsten")
    assert_seen(page)
    page.get_by_role("link", name="Verwijderen").first.click()
    assert_seen(page)


def test_maintenance_and_english(page):
    page.goto("/beheer")
    assert_seen(page)
    page.get_by_label("Token van de beheerder").fill(ADMIN)
    page.get_by_role("button", name="Open beheer").click()
    assert_seen(page)
    page.get_by_role("button", name="English").click()
    for path in ("/", "/vragenlijsten", "/over"):
        page.goto(path)
        assert_seen(page)
