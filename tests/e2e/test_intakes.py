"""The guided dialogues in a real browser: by keyboard, without JavaScript, and checked by axe."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.model
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
CSV = b"gwb_code_10;regio;gm_naam;a_inw\nWK034403;Overvecht;Utrecht;34500\n"
MOST_TABS = 60


@pytest.fixture
def context(browser, server):
    context = browser.new_context(base_url=server)
    yield context
    context.close()


@pytest.fixture
def page(context):
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    assert faults == []


@pytest.fixture
def plain_page(browser, server):
    context = browser.new_context(base_url=server, java_script_enabled=False)
    yield context.new_page()
    context.close()


def tab_to(page, selector):
    """Press Tab until the focus is there, as somebody without a mouse does."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"{selector} cannot be reached with Tab on {page.url}")


def press(page, key):
    """Press a key that opens another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def begin(page, flow):
    page.goto("/vragenlijsten")
    page.locator(f'button[value="{flow}"]').click()


def onward(page):
    page.get_by_role("button", name="Verder", exact=True).click()


def to_kind(page, selector):
    """Say "weet ik nog niet" until a step has this field."""
    while not page.locator(selector).count():
        page.get_by_label("Weet ik nog niet").check()
        onward(page)


def assert_clean(page):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page, options=RULES).response["violations"]
            told = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
            assert told == [], (page.url, scheme, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)


def test_a_whole_check_by_keyboard_only(page):
    page.goto("/vragenlijsten")
    tab_to(page, 'button[value="spelregeltoets"]')
    press(page, "Enter")
    while page.locator("#veld").count():
        tab_to(page, "[name=value]")
        if page.locator("textarea[name=value]").count():
            page.keyboard.type("Meer overleg tussen school en wijkteam.")
            tab_to(page, '[value="verder"]')
        else:
            page.keyboard.press("Space")
        press(page, "Enter")
    expect(page.get_by_role("heading", name="Je bent klaar")).to_be_visible()
    tab_to(page, 'a[href$="/verslag"]')
    press(page, "Enter")
    expect(page.locator(".verslag")).to_contain_text("Meer overleg tussen school en wijkteam.")
    tab_to(page, 'a[href$="format=pdf"]')
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".pdf")
    assert_clean(page)


def test_the_steps_work_without_javascript(plain_page):
    page = plain_page
    begin(page, "spelregeltoets")
    onward(page)
    expect(page.locator("#fouten")).to_be_focused()
    page.locator("#veld input[type=radio]").first.check()
    onward(page)
    expect(page.get_by_text("Vraag 2 van")).to_be_visible()
    page.locator("#veld input[type=checkbox]").nth(1).check()
    page.get_by_label("Je vraag").fill("Wat is een OOGO?")
    page.get_by_role("button", name="Vraag het").click()
    expect(page.locator("#antwoord .cite").first).to_be_visible()
    expect(page.locator("#veld input[type=checkbox]").nth(1)).to_be_checked()
    page.get_by_text("Waarom vraag je dit?").click()
    expect(page.locator(".waarom blockquote").first).to_be_visible()
    onward(page)
    page.get_by_role("button", name=re.compile("^wijzig")).first.click()
    expect(page.get_by_text("Vraag 1 van")).to_be_visible()
    expect(page.locator("#veld input[type=radio]").first).to_be_checked()
    page.get_by_role("button", name="Pauze").click()
    expect(page.get_by_role("status")).to_contain_text("bewaard")
    page.get_by_role("link", name=re.compile("^Verdergaan")).first.click()
    expect(page.get_by_text("gepauzeerd")).to_be_visible()


def test_a_question_is_answered_without_leaving_what_was_typed(page):
    begin(page, "wijkanalyse")
    to_kind(page, "textarea[name=value]")
    page.locator("#value").fill("Half getypt")
    address = page.url
    page.get_by_label("Je vraag").fill("Wat is een OOGO?")
    page.get_by_role("button", name="Vraag het").click()
    expect(page.locator("#antwoord .cite").first).to_be_visible()
    expect(page.locator("#antwoord")).to_be_focused()
    expect(page.locator("#value")).to_have_value("Half getypt")
    assert page.url == address
    page.get_by_label("Je vraag").fill(" ")
    page.get_by_role("button", name="Vraag het").click()
    expect(page.locator("#antwoord")).to_contain_text("Je vraag is leeg")
    page.context.clear_cookies()
    page.get_by_label("Je vraag").fill("Wat is een OOGO?")
    page.get_by_role("button", name="Vraag het").click()
    expect(page.locator("#antwoord")).to_contain_text("niet van jou")


def test_two_tabs_do_not_overwrite_each_other(context, page):
    begin(page, "wijkanalyse")
    other = context.new_page()
    other.goto(page.url)
    other.get_by_label("Basisschool").check()
    onward(other)
    expect(other.get_by_text("Vraag 2 van")).to_be_visible()
    page.get_by_label("Middelbare school").check()
    onward(page)
    expect(page.locator("#fouten")).to_be_focused()
    expect(page.locator("#fouten")).to_contain_text("Veranderd: Soort school")
    assert_clean(page)
    page.get_by_role("button", name="Bewaar dit antwoord toch").click()
    expect(page.locator(".gegeven").first).to_contain_text("Middelbare school")


@pytest.mark.parametrize(
    ("flow", "field"),
    [
        ("spelregeltoets", "#veld [role=radio], #veld input[type=radio]"),
        ("spelregeltoets", "#veld input[type=checkbox][name=value]"),
        ("samenwerkingsscan", ".schaal"),
        ("wijkanalyse", ".getal"),
        ("wijkanalyse", "textarea[name=value]"),
    ],
    ids=["single", "multi", "scale", "number", "text"],
)
def test_every_kind_of_step_is_clean_also_with_an_error(page, flow, field):
    begin(page, flow)
    to_kind(page, field)
    for summary in page.locator("summary").all():
        summary.click()
    assert_clean(page)
    onward(page)
    expect(page.locator("#fouten")).to_be_focused()
    assert_clean(page)


def test_figures_scan_list_and_deletion_are_clean(page):
    begin(page, "wijkanalyse")
    page.get_by_role("link", name="Vul cijfers in").click()
    assert_clean(page)
    page.locator("#bestand").set_input_files({"name": "k.csv", "mimeType": "text/csv", "buffer": CSV})
    page.get_by_label("Naam of code").fill("Overvecht")
    page.get_by_label("Jaar").fill("2024")
    page.get_by_role("button", name="Laat de cijfers zien").click()
    assert_clean(page)
    page.get_by_role("button", name="Vul deze cijfers in").click()
    expect(page.get_by_role("status").first).to_contain_text("Ingevuld: 1 cijfer")
    begin(page, "samenwerkingsscan")
    page.get_by_role("button", name="Nodig anderen uit").click()
    page.goto(page.get_by_label("Link om te delen").input_value())
    assert_clean(page)
    page.goto("/vragenlijsten")
    assert_clean(page)
    page.get_by_role("link", name=re.compile("^Verwijderen")).first.click()
    assert_clean(page)
    page.get_by_role("button", name="Verwijder alles").click()
    expect(page.get_by_role("status")).to_contain_text("weg")
