"""Whole stories in a browser that runs no script at all, over a real process."""

from __future__ import annotations

import re

import pytest
from docx import Document
from playwright.sync_api import expect
from tests.e2e.test_chat import QUESTION, answers, ask
from tests.e2e.test_intakes import begin, onward

pytestmark = pytest.mark.model


@pytest.fixture
def visitors(browser):
    """Opens a browser of somebody else each time."""
    opened = []

    def visitor(address):
        opened.append(browser.new_context(base_url=address, java_script_enabled=False))
        return opened[-1].new_page()

    yield visitor
    for context in opened:
        context.close()


def test_a_newcomer_asks_opens_a_source_and_asks_on(server, visitors):
    page = visitors(server)
    page.goto("/")
    page.locator("form.chips button").first.click()
    expect(answers(page)).to_have_count(1)
    ask(page)
    expect(answers(page)).to_have_count(2)
    conversation = page.url
    quote = answers(page).last.locator("blockquote").first.text_content()
    answers(page).last.locator("a.cite").first.click()
    expect(page).to_have_url(re.compile("/passages/"))
    assert page.locator("main mark").first.inner_text() in quote
    page.get_by_role("navigation", name="Plaats in de notitie").get_by_role("link").last.click()
    expect(page).to_have_url(re.compile("/bronnen/"))
    page.get_by_role("link", name="Mijn gesprekken").click()
    page.locator(".gesprekken a").first.click()
    assert page.url == conversation.partition("#")[0]
    answers(page).last.locator(".verder button").first.click()
    expect(answers(page)).to_have_count(3)
    ask(page, " ")
    expect(answers(page)).to_have_count(3)
    ask(page, "Wat verdient een jeugdarts?")
    expect(answers(page).last).to_contain_text("Staat niet in de bronnen")


def test_sharing_revoking_judging_and_wiping(server, visitors):
    page, other = visitors(server), visitors(server)
    page.goto("/")
    ask(page)
    conversation = page.url.partition("#")[0]
    expect(page.get_by_role("button", name="Trek de link in")).to_have_count(0)
    page.get_by_text("Deel dit antwoord").click()
    page.get_by_role("button", name="Maak een link").click()
    expect(page.get_by_role("status").filter(has_text="gedeeld")).to_be_visible()
    page.goto("/")
    page.goto(conversation)
    expect(page.get_by_text("Gedeeld: wie de link heeft")).to_be_visible()
    expect(page.get_by_role("button", name="Maak een link")).to_have_count(0)
    link = page.get_by_label("De link naar dit antwoord").input_value()
    other.goto(link)
    expect(other.get_by_role("heading", name=QUESTION)).to_be_visible()
    expect(other.get_by_text("Iemand deelde dit antwoord met je")).to_be_visible()
    other.goto(conversation)
    expect(other.get_by_role("heading", name="Niet gevonden")).to_be_visible()
    page.get_by_role("button", name="Trek de link in").click()
    expect(page.get_by_role("status").filter(has_text="ingetrokken")).to_be_visible()
    other.goto(link)
    expect(other.get_by_role("heading", name="Niet gevonden")).to_be_visible()
    page.get_by_text("Toelichting geven").click()
    page.get_by_label("Je toelichting").fill("Duidelijk, maar lang.")
    page.get_by_role("button", name="Goed", exact=True).click()
    expect(page.get_by_text("Je oordeel is bewaard")).to_be_visible()
    page.get_by_role("link", name="Mijn gesprekken").click()
    page.get_by_text("Wis mijn gesprekken").click()
    page.get_by_role("button", name="Ja, wis alles").click()
    expect(page.get_by_text("Je gesprekken zijn gewist")).to_be_visible()
    page.goto(conversation)
    expect(page.get_by_role("heading", name="Niet gevonden")).to_be_visible()


def test_a_coordinator_does_a_whole_wijkanalyse_through_a_killed_server(process, visitors, tmp_path):
    page = visitors(process.url)
    begin(page, "wijkanalyse")
    page.get_by_label("Middelbare school (vo)").check()
    onward(page)
    page.get_by_label("Of antwoord in je eigen woorden").fill("in een grote stad")
    onward(page)
    expect(page.locator(".gegeven").nth(1)).to_have_text("In een grote stad")
    asked = page.locator("#veld h2").inner_text()
    process.kill()
    process.start()
    page.reload()
    expect(page.locator("#veld h2")).to_have_text(asked)
    while page.locator("#veld").count():
        if page.locator("textarea[name=value]").count():
            page.locator("#value").fill("Korte lijnen met het wijkteam.")
        elif page.locator(".getal").count():
            page.get_by_role("button", name="Overslaan").click()
            continue
        else:
            page.locator("#veld [name=value]").first.check()
        onward(page)
    page.get_by_role("link", name="Bekijk het verslag").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Word (DOCX)").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    document = Document(str(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "Middelbare school (vo)" in cells
    assert "Korte lijnen met het wijkteam." in cells
    assert any(re.search(r"\[\d+\]$", paragraph.text) for paragraph in document.paragraphs)
    page.get_by_role("link", name="Terug naar de vragenlijst").click()
    page.get_by_role("link", name="Verwijder deze vragenlijst").click()
    page.get_by_role("button", name="Verwijder alles").click()
    expect(page.get_by_role("status")).to_contain_text("zijn weg")
    expect(page.get_by_role("heading", name="Mijn vragenlijsten")).to_have_count(0)


def test_a_second_person_joins_a_scan_and_leaves_it(server, visitors):
    first, second = visitors(server), visitors(server)
    begin(first, "samenwerkingsscan")
    first.get_by_role("button", name="Nodig anderen uit").click()
    link = first.get_by_label("Link om te delen").input_value()
    second.goto(link)
    expect(second.get_by_role("heading", level=1)).to_contain_text("Samenwerkingsscan")
    expect(second.get_by_text("Er doet nu 1 persoon mee")).to_be_visible()
    expect(second.get_by_text("ziet in het verslag alle scores")).to_be_visible()
    second.get_by_role("button", name="Doe mee").click()
    for page, score in ((second, 4), (first, 0)):
        while page.locator("#veld").count():
            scale = page.locator(".schaal input")
            (scale.nth(score) if scale.count() else page.get_by_label("Weet ik nog niet")).check()
            onward(page)
    first.get_by_role("link", name="Bekijk het verslag").click()
    expect(first.locator(".verslag")).to_contain_text("verdeeld")
    second.goto(link)
    second.get_by_role("button", name="Ga verder met mijn scan").click()
    second.get_by_role("link", name="Verwijder deze vragenlijst").click()
    second.get_by_role("button", name="Verwijder alles").click()
    first.reload()
    expect(first.locator(".verslag")).not_to_contain_text("verdeeld")
