"""An answer that a language model writes, sentence by sentence: what one sees, hears, and when it breaks off."""

from __future__ import annotations

import threading

import pytest
import uvicorn
from playwright.sync_api import expect
from tests.conftest import ROOT
from tests.e2e.conftest import _Server
from tests.e2e.sight import assert_seen
from tests.e2e.test_chat import answers, ask
from tests.llm_fake.replies import Reply
from tests.llm_fake.server import MODEL, FakeModel

from verbind_bot.bootstrap import build
from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
QUESTION = "Wat is het verschil tussen een sobere school en een netwerkschool?"
# Everything that a screen reader is told by itself, and how far anything moved that nobody asked for.
LISTEN = """() => { window.said = []; window.shift = 0;
const live = "[role=status], [role=alert], [aria-live]";
new MutationObserver(changes => { for (const change of changes) {
  const target = change.target.nodeType === 1 ? change.target : change.target.parentElement;
  const told = target?.closest(live) ?? [...change.addedNodes].find(node => node.matches?.(live));
  if (told?.textContent.trim()) said.push(told.textContent.trim());
} }).observe(document.body, {childList: true, subtree: true, characterData: true});
new PerformanceObserver(list => { for (const entry of list.getEntries())
  if (!entry.hadRecentInput) window.shift += entry.value; }).observe({type: "layout-shift"}); }"""


@pytest.fixture(scope="module")
def model():
    found = FakeModel().start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def writer(model):
    """The address of a server with a language model."""
    settings = Settings(_env_file=None, data_dir=ROOT / ".data" / "tests", llm_base_url=model.url, llm_model=MODEL)
    parts = build(settings)
    loader = Loader(lambda progress: parts)
    running = _Server(uvicorn.Config(create_app(settings, loader), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    assert running.listens.wait(60)
    loader._thread.join()
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join(20)


@pytest.fixture
def page(writer, browser):
    context = browser.new_context(base_url=writer, bypass_csp=True)
    yield context.new_page()
    context.close()


def test_sentences_come_one_by_one_and_a_screen_reader_hears_two_messages(page, model):
    model.default = Reply(piece=8, between=0.02)
    page.goto("/")
    page.evaluate(LISTEN)
    ask(page, QUESTION)
    busy = page.locator("article[aria-busy=true]")
    expect(busy.locator(".doos p:not(.bezig)").first).to_contain_text("[1]", timeout=60_000)
    expect(busy.locator(".bezig")).to_have_text("Ik schrijf verder…")
    expect(answers(page)).to_have_count(1, timeout=60_000)
    assert page.evaluate("said") == ["Ik zoek in de bronnen…", "Het antwoord is er."]
    assert page.evaluate("shift") < 0.1  # what web.dev calls good
    expect(page.locator("a.cite").first).to_be_visible()
    assert_seen(page)


def test_a_connection_that_breaks_midway_gives_the_question_back(page, model):
    model.default = Reply(piece=4, between=0.05)
    page.goto("/")
    page.route("**/", lambda route: route.fulfill(content_type="text/event-stream", body="event: status\ndata: {}\n\n"))
    ask(page, QUESTION)
    expect(page.get_by_role("alert")).to_contain_text("verbinding")
    expect(page.get_by_label("Je vraag")).to_have_value(QUESTION)
    expect(page.locator("article")).to_have_count(0)
