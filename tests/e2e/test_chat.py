"""The conversation in a real browser: with JavaScript and without, with the keyboard only, and for everybody."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.model
QUESTION = "Wat zegt het Verwey-Jonker Instituut over omgevingsrelaties van de school?"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
SCREENS = [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 320)]


@pytest.fixture
def page(server, browser):
    context = browser.new_context(base_url=server)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if "Content Security" in said.text else None)
    yield page
    assert page.faults == []
    context.close()


def ask(page, question=QUESTION):
    page.get_by_label(re.compile("Je vraag|Vraag verder")).fill(question)
    page.get_by_role("button", name="Vraag het").click()


def answers(page):
    return page.locator("article[id^=antwoord-]")


def test_asking_streams_the_answer_into_the_page(page):
    page.goto("/")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        ask(page)
    assert sent.value.headers["accept"] == "text/event-stream"
    expect(answers(page)).to_have_count(1)
    expect(page.get_by_role("heading", name=QUESTION)).to_be_focused()
    expect(page).to_have_url(re.compile("/gesprekken/"))
    page.locator(".verder button").first.click()
    expect(answers(page)).to_have_count(2)
    page.reload()
    expect(answers(page)).to_have_count(2)


def test_a_citation_opens_the_passage_beside_the_answer(page):
    page.goto("/")
    ask(page)
    cite = page.locator("a.cite").first
    cite.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("Verwey-Jonker")
    styles = "element => [getComputedStyle(element).borderLeftStyle, element.parentElement.className]"
    assert page.locator("#voorproef blockquote").evaluate(styles) == ["dotted", "via"]
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)
    quote = page.locator(".bronnen blockquote").first.text_content()
    cite.click()
    panel = page.get_by_role("complementary", name="Passage bij het antwoord")
    expect(panel.locator("mark").first).to_be_in_viewport()
    assert panel.locator("mark").first.inner_text() in quote
    expect(panel.get_by_role("navigation", name="Plaats in de notitie")).to_be_visible()
    panel.get_by_role("link", name="Volgende").click()
    expect(panel.locator("mark")).to_have_count(0)
    panel.get_by_role("button", name="Sluit").click()
    expect(panel).to_be_hidden()
    expect(cite).to_be_focused()


def test_with_the_keyboard_only(page):
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Je vraag")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=QUESTION)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("a.cite").first).to_be_focused()
    expect(page.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#passage [data-kop]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("a.cite").first).to_be_focused()


def test_without_javascript(server, browser):
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    ask(page)
    expect(answers(page)).to_have_count(1)
    ask(page, "Wat is passend onderwijs?")
    expect(answers(page)).to_have_count(2)
    answers(page).last.get_by_role("button", name="Goed", exact=True).click()
    expect(page.get_by_text("Je oordeel is bewaard")).to_be_visible()
    answers(page).first.locator("a.cite").first.click()
    expect(page.locator("main mark").first).to_be_visible()
    page.get_by_role("link", name="Mijn gesprekken").click()
    page.get_by_text("Wis mijn gesprekken").click()
    page.get_by_role("button", name="Ja, wis alles").click()
    expect(page.get_by_text("Je gesprekken zijn gewist")).to_be_visible()
    context.close()


def test_judging_and_copying_stay_on_the_page(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/")
    ask(page)
    page.get_by_role("button", name="Niet goed").click()
    expect(page.get_by_text("Je oordeel is bewaard")).to_be_visible()
    page.get_by_role("button", name="Kopieer met bronnen").click()
    expect(page.get_by_text("Gekopieerd.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert QUESTION in copied
    assert "[1] De notitie" in copied


def test_a_question_survives_a_lost_connection(page):
    page.goto("/")
    page.context.set_offline(True)
    ask(page)
    expect(page.get_by_role("alert")).to_contain_text("verbinding")
    expect(page.get_by_label("Je vraag")).to_have_value(QUESTION)
    page.context.set_offline(False)
    page.get_by_role("button", name="Vraag het").click()
    expect(answers(page)).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_proxy_that_refuses_in_its_own_words_is_told_in_ours(page):
    def refuse(route):
        route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")

    page.goto("/")
    ask(page)
    expect(answers(page)).to_have_count(1)
    page.route("**/api/feedback", refuse)
    page.get_by_role("button", name="Niet goed").click()
    expect(page.locator("[data-oordeel] [role=status]")).to_contain_text("Er ging iets mis")
    page.route("**/", lambda route: refuse(route) if route.request.method == "POST" else route.continue_())
    ask(page)
    expect(page.get_by_role("alert")).to_have_text(page.locator("#vraagformulier").get_attribute("data-mislukt"))


def test_a_page_that_waits_goes_on_after_a_refusal_and_a_failure(page):
    states = [
        ("<h1>Bad Gateway</h1>", 502),
        ('{"status": "failed", "detail": "stuk"}', 503),
        ('{"status": "ready"}', 200),
    ]

    def tell(route):
        body, status = states.pop(0)
        route.fulfill(body=body, status=status)

    page.route("**/readyz", tell)
    waiting = '<p id="stand" data-klaar="klaar"><span data-stand></span></p><form id="vraagformulier">'
    body = f'{waiting}<button></button><textarea name="vraag">mijn vraag</textarea></form>'
    script = '<script type="module" src="/static/chat.js"></script>'
    page.route("**/", lambda route: route.fulfill(body=body + script, content_type="text/html"))
    page.goto("/")
    expect(page.locator("#stand")).to_have_text("stuk")
    expect(page.locator("#stand")).to_have_text("klaar")


def test_a_hostile_question_stays_text(page):
    page.goto("/")
    ask(page, "<img src=x onerror=\"document.title='stuk'\"> wat is passend onderwijs?")
    expect(answers(page)).to_have_count(1)
    expect(page.locator("main img")).to_have_count(0)
    assert page.title() != "stuk"


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
def test_the_pages_are_accessible(server, browser, scheme, width):
    context = browser.new_context(
        base_url=server, color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce"
    )
    page = context.new_page()
    _check(page, "/")
    ask(page)
    expect(answers(page)).to_have_count(1)
    _check(page)
    page.locator("a.cite").first.click()
    expect(page.locator("#paneel mark").first).to_be_visible()
    _check(page)
    ask(page, "Wat verdient een jeugdarts?")
    expect(answers(page)).to_have_count(2)
    _check(page)
    for path in ("/bronnen", "/bronnen?q=netwerk", "/bronnen/3.5.1", "/bronnen/referenties", "/passages/begrip:oogo"):
        _check(page, path)
    for path in ("/gesprekken", "/niet/daar"):
        _check(page, path)
    context.close()


def _check(page, path=None):
    """No fault that axe knows, one h1, and nothing to scroll sideways."""
    if path:
        page.goto(path)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
