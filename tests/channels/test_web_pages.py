"""The pages around a conversation: whose it is, sharing, judging, sources, and what keeps them safe."""

import json
import re

import bibtexparser
import pytest
from fastapi.testclient import TestClient

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.interface import LANGUAGES, own_path, words
from verbind_bot.channels.web.loading import Loader
from verbind_bot.channels.web.owners import COOKIE
from verbind_bot.channels.web.turns import passage_html
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
QUESTION = "Wat is een netwerkorganisatie?"
HTML = {"Accept": "text/html"}


@pytest.fixture
def browser(parts, tmp_path):
    loader = Loader(lambda progress: parts)
    app = create_app(Settings(_env_file=None, data_dir=tmp_path), loader)
    with TestClient(app, raise_server_exceptions=False, headers=HTML) as client:
        loader._thread.join()
        yield client
        client.post("/gesprekken/wissen")


@pytest.fixture
def stranger(browser):
    return TestClient(browser.app, raise_server_exceptions=False, headers=HTML)


def ask(client, question=QUESTION, conversation=""):
    return client.post("/", data={"vraag": question, "gesprek": conversation})


def answers_of(page):
    return re.findall(r'<article class="antwoord[^>]*id="antwoord-(\w+)"', page.text)


def test_a_question_leads_to_the_conversation_with_all_its_turns(browser):
    first = ask(browser)
    assert first.history[0].status_code == 303
    conversation = first.url.path.removeprefix("/gesprekken/")
    second = ask(browser, "Wat is passend onderwijs?", conversation)
    assert second.url.path == first.url.path
    assert len(answers_of(second)) == 2
    assert "samesite=lax" in first.history[0].headers["set-cookie"].lower()
    history = browser.get("/gesprekken")
    assert QUESTION in history.text
    assert conversation in history.text


def test_the_conversation_of_another_browser_is_not_there(browser, stranger):
    conversation = ask(browser).url.path.removeprefix("/gesprekken/")
    answer = answers_of(browser.get(f"/gesprekken/{conversation}"))[0]
    for cookies in ({}, {COOKIE: "verzonnen.handtekening"}):
        stranger.cookies = cookies
        assert stranger.get(f"/gesprekken/{conversation}").status_code == 404
        assert ask(stranger, conversation=conversation).status_code == 404
        assert stranger.post(f"/antwoorden/{answer}/delen", data={"actie": "maak"}).status_code == 404
        assert stranger.post(f"/antwoorden/{answer}/oordeel", data={"oordeel": "up"}).status_code == 404
        body = {"question": "en verder?", "conversation_id": conversation}
        assert stranger.post("/api/ask", json=body).status_code == 404
        assert QUESTION not in stranger.get("/gesprekken").text
    stranger.post("/gesprekken/wissen")
    assert browser.get(f"/gesprekken/{conversation}").status_code == 200


def test_the_conversation_of_an_intake_opens_through_its_intake_only(browser, stranger):
    intake = browser.post("/api/intakes", json={"flow": "wijkanalyse"}).json()["id"]
    own = {"question": QUESTION, "intake_id": intake}
    assert browser.post("/api/ask", json=own).status_code == 200
    assert stranger.post("/api/ask", json=own).status_code == 404
    direct = {"question": QUESTION, "conversation_id": f"intake-{intake}"}
    assert stranger.post("/api/ask", json=direct).status_code == 404
    assert ask(stranger, conversation=f"intake-{intake}").status_code == 404


def test_wiping_deletes_every_conversation_of_this_browser(browser):
    place = ask(browser).url.path
    assert "gewist" in browser.post("/gesprekken/wissen").text
    assert browser.get(place).status_code == 404


def test_wiping_while_the_answer_is_made_shows_it_and_keeps_nothing(browser, parts, monkeypatch):
    place = ask(browser).url.path
    answerer = parts.assistant._answerer

    class Slow:
        def __getattr__(self, name):
            return getattr(answerer, name)

        def answer(self, *given):
            browser.post("/gesprekken/wissen")
            return answerer.answer(*given)

    monkeypatch.setattr(parts.assistant, "_answerer", Slow())
    page = ask(browser, "Wat is passend onderwijs?", place.removeprefix("/gesprekken/"))
    assert (page.status_code, page.url.path, len(answers_of(page))) == (200, "/", 1)
    assert browser.get(place).status_code == 404


def test_a_link_shows_one_answer_until_it_is_revoked(browser, stranger):
    conversation = ask(browser).url.path
    ask(browser, "Wat is passend onderwijs?", conversation.removeprefix("/gesprekken/"))
    answer = answers_of(browser.get(conversation))[0]
    page = browser.post(f"/antwoorden/{answer}/delen", data={"actie": "maak"})
    link = re.search(r'value="(http[^"]*/gedeeld/([\w-]{20,}))"', page.text)
    shared = stranger.get(link.group(1))
    assert shared.status_code == 200
    assert QUESTION in shared.text
    assert len(answers_of(shared)) == 1
    assert conversation not in shared.text
    assert answer not in shared.text
    assert "noindex" in shared.headers["x-robots-tag"]
    browser.post(f"/antwoorden/{answer}/delen", data={"actie": "trek-in"})
    assert stranger.get(link.group(1)).status_code == 404


def test_a_shared_answer_says_so_at_a_later_visit(browser):
    conversation = ask(browser).url.path
    second = ask(browser, "Wat is passend onderwijs?", conversation.removeprefix("/gesprekken/"))
    shared, other = answers_of(second)
    browser.post(f"/antwoorden/{shared}/delen", data={"actie": "maak"})
    page = browser.get(conversation).text
    of_shared, of_other = re.findall(r"<article.*?</article>", page, re.DOTALL)
    assert re.search(r'value="http://testserver/gedeeld/[\w-]{20,}"', of_shared)
    assert ("Gedeeld:" in of_shared, "Trek de link in" in of_shared, "Maak een link" in of_shared) == (
        True,
        True,
        False,
    )
    assert ("Gedeeld:" in of_other, "Trek de link in" in of_other, "Maak een link" in of_other) == (False, False, True)
    masked = ask(browser, "Bel 06-12345678. Wat is een OOGO?", conversation.removeprefix("/gesprekken/")).text
    assert masked.count("Gedeeld:") == 1
    browser.post(f"/antwoorden/{shared}/delen", data={"actie": "trek-in"})
    assert "Gedeeld:" not in browser.get(conversation).text
    assert other in browser.get(conversation).text


@pytest.mark.parametrize(
    ("extra", "says", "not_said"),
    [
        ({}, ["30 dagen", "gebruikt geen taalmodel", "De beheerder van deze site kan"], ["bij Slack"]),
        ({"history_days": 0}, ["bewaren we niet"], ["30 dagen", "De beheerder"]),
        ({"llm_base_url": "http://127.0.0.1:9"}, ["Dat krijgt je vraag"], ["geen taalmodel"]),
    ],
)
def test_the_page_about_data_says_what_is_set(parts, tmp_path, extra, says, not_said):
    app = create_app(Settings(_env_file=None, data_dir=tmp_path, **extra), Loader(lambda progress: parts))
    with TestClient(app, headers=HTML) as client:
        assert 'href="/over"' in client.get("/over").text
        page = client.get("/over").text
    assert all(text in page for text in says)
    assert not any(text in page for text in not_said)


def test_a_verdict_is_kept_with_its_remark_masked(browser, parts):
    answer = answers_of(ask(browser))[0]
    sent = {"oordeel": "down", "toelichting": "Te lang. Bel Jan Jansen op 06-12345678"}
    page = browser.post(f"/antwoorden/{answer}/oordeel", data=sent)
    assert "Je oordeel is bewaard" in page.text
    kept = parts.assistant.archive.judged()[0]
    assert (kept.answer_id, kept.verdict) == (answer, "down")
    assert "06-12345678" not in kept.remark
    assert browser.post(f"/antwoorden/{answer}/oordeel", data={"oordeel": "misschien"}).status_code == 422


def test_only_who_asked_may_judge_over_the_api(browser, stranger, parts):
    answer = answers_of(ask(browser))[0]
    sent = {"answer_id": answer, "verdict": "up"}
    assert stranger.post("/api/feedback", json=sent).status_code == 404
    assert browser.post("/api/feedback", json=sent).status_code == 204
    for conversation in ({}, {"conversation_id": "van-een-programma"}):
        own = stranger.post("/api/ask", json={"question": QUESTION, **conversation}).json()["id"]
        assert stranger.post("/api/feedback", json={"answer_id": own, "verdict": "down"}).status_code == 204


def test_personal_data_is_shown_as_masked_and_not_kept(browser):
    page = ask(browser, "Mijn leerling Daan de Vries (BSN 111222333) wil niet naar school. Wat is passend onderwijs?")
    assert page.url.path == "/"
    assert "Daan" not in page.text
    assert "111222333" not in page.text
    assert "<mark>[" in page.text
    assert "nog geen gesprekken" in browser.get("/gesprekken").text


def test_what_is_not_in_the_sources_comes_with_passages_and_a_better_question(browser):
    page = ask(browser, "Wat verdient een jeugdarts?").text
    assert "status-not_in_corpus" in page
    assert "Ook in de buurt" in page
    assert "Vraag het eens zo" in page


def test_a_partial_answer_says_what_is_missing(browser):
    page = ask(browser, "Wat is een OOGO en wie is de wethouder van Almere?").text
    assert "status-partial" in page
    missing = re.search(r'class="ontbreekt">(.*?)</div>', page, re.DOTALL).group(1)
    assert "wethouder van Almere" in missing
    assert page.count("Op een deel van je vraag") == 1 + page.count('data-kopie="')


def test_a_part_without_an_answer_is_named_as_it_was_asked(browser):
    page = ask(browser, "Wat is een OOGO en hoeveel verdient hij?").text
    missing = re.search(r'class="ontbreekt">(.*?)</div>', page, re.DOTALL).group(1)
    assert "Hoeveel verdient hij?”" in missing
    assert "OOGO" not in missing


def test_hostile_text_is_text_everywhere(browser, stranger):
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)> {{7*7}} wat is passend onderwijs?'
    page = ask(browser, hostile)
    pages = [page.text, browser.get("/gesprekken").text, browser.get("/bronnen", params={"q": hostile}).text]
    answer = answers_of(page)[0]
    browser.post(f"/antwoorden/{answer}/delen", data={"actie": "maak"})
    pages.append(browser.get(page.url.path, params={"bij": hostile, "link": hostile}).text)
    pages.append(browser.get(f"/passages/{hostile}").text)
    for text in pages:
        assert "<script>alert" not in text
        assert "<img" not in text


def test_the_stream_ends_with_the_page_and_the_answer(browser):
    sent = {"vraag": QUESTION, "gesprek": ""}
    events = browser.post("/", data=sent, headers={"Accept": "text/event-stream"}).text.strip().split("\n\n")
    names = [event.split("\n")[0].removeprefix("event: ") for event in events]
    assert (names[0], names[-2:]) == ("status", ["html", "answer"])
    html = json.loads(events[-2].split("\n")[1].removeprefix("data: "))
    assert html["kept"]
    assert browser.get(f"/gesprekken/{html['conversation']}").status_code == 200
    assert browser.post("/", data={"vraag": " "}, headers={"Accept": "text/event-stream"}).json()["status"] == 422


def test_a_citation_opens_its_passage_with_the_quote_marked(browser):
    page = ask(browser, "Waarom moet de school met de wijk samenwerken?").text
    href = re.search(r'class="cite[^"]*" href="([^"]+)"', page).group(1).replace("&amp;", "&")
    quote = re.search(r"<blockquote>(.*?)</blockquote>", page, re.DOTALL).group(1)
    passage = browser.get(href).text
    marked = re.findall(r"<mark>(.*?)</mark>", passage)
    assert marked[0] in quote.split("\n")[0]
    assert 'aria-label="Plaats in de notitie"' in passage
    assert "<html" not in browser.get(href, params={"deel": 1}).text
    assert "<mark>" not in browser.get(href.split("?")[0], params={"van": 5, "tot": 10**9}).text


def test_every_statement_of_the_corpus_can_be_marked(corpus):
    for passage in corpus.passages:
        plain = re.sub(r"<[^>]+>", "", passage_html(passage))
        for statement in passage.statements:
            marked = passage_html(passage, statement.start, statement.end)
            assert "<mark>" in marked
            assert re.sub(r"<[^>]+>", "", marked) == plain


def test_the_sources_can_be_browsed_and_searched(browser, corpus):
    page = browser.get("/bronnen").text
    assert all(f"/bronnen/{section.locator}" in page for section in corpus.sections)
    assert page.count("/passages/") >= sum(len(section.passages) for section in corpus.sections)
    assert "/passages/begrip:oogo" in browser.get("/bronnen", params={"q": "OOGO"}).text
    assert "Geen passages gevonden" in browser.get("/bronnen", params={"q": "xyzzyq"}).text
    for place in ("2.2", "referenties", "begrippen"):
        assert browser.get(f"/bronnen/{place}").status_code == 200
    assert browser.get("/bronnen/9.9").status_code == 404


def test_the_bibliography_can_be_downloaded(browser, corpus):
    library = bibtexparser.parse_string(browser.get("/bronnen/referenties.bib").text)
    assert not library.failed_blocks
    assert {entry.key for entry in library.entries} == set(corpus.references)
    items = browser.get("/bronnen/referenties.json").json()
    assert {item["id"] for item in items} == set(corpus.references)
    assert all(item["type"] for item in items)
    kanter = next(item for item in items if item["id"].startswith("kanter"))
    assert kanter["author"] == [{"literal": "Kanter"}]
    assert kanter["issued"]["date-parts"][0][0] > 1900


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elders.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_on_another_site_is_refused(browser, headers):
    for path, data in (("/", {"vraag": QUESTION}), ("/gesprekken/wissen", {}), ("/taal", {"taal": "en"})):
        assert browser.post(path, data=data, headers=headers).status_code == 403
    assert browser.post("/api/ask", json={"question": QUESTION}, headers=headers).status_code == 403
    assert browser.get("/", headers=headers).status_code == 200


def test_a_form_of_our_own_passes(browser):
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {}):
        assert browser.post("/", data={"vraag": QUESTION}, headers=headers).status_code == 200


def test_asking_too_often_says_when_to_come_back(browser):
    for _ in range(60):
        assert browser.post("/", data={"vraag": ""}).status_code == 422
    page = ask(browser)
    assert page.status_code == 429
    assert "Te veel vragen" in page.text
    api = browser.post("/api/ask", json={"question": QUESTION})
    assert api.headers["content-type"] == "application/problem+json"
    assert 0 < int(api.headers["retry-after"]) <= 60
    assert browser.get("/").status_code == 200


def test_english_changes_the_interface_and_not_the_answers(browser):
    page = browser.post("/taal", data={"taal": "en", "terug": "/bronnen"})
    assert page.url.path == "/bronnen"
    assert '<html lang="en">' in page.text
    assert "Search the sources" in page.text
    assert "The note" in ask(browser).text
    assert {frozenset(vars(words(language))) for language in LANGUAGES} == {frozenset(vars(words("nl")))}


@pytest.mark.parametrize("path", ["https://elders.example", "//elders.example", "/\\elders.example", "", "/a\nb"])
def test_the_language_switch_stays_on_this_site(path):
    assert own_path(path) == "/"


def test_cookies_are_for_tls_only_behind_tls(parts, tmp_path):
    app = create_app(Settings(_env_file=None, data_dir=tmp_path), loader := Loader(lambda progress: parts))
    with TestClient(app, base_url="https://testserver", headers=HTML) as client:
        loader._thread.join()
        response = client.post("/", data={"vraag": QUESTION}, follow_redirects=False)
        assert "secure" in response.headers["set-cookie"].lower()
        client.post("/gesprekken/wissen")


def test_links_to_share_begin_with_the_public_address(parts, tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path, public_url="https://wijk.example/")
    app = create_app(settings, loader := Loader(lambda progress: parts))
    with TestClient(app, headers=HTML) as client:
        loader._thread.join()
        page = ask(client)
        page = client.post(f"/antwoorden/{answers_of(page)[0]}/delen", data={"actie": "maak"})
        assert 'value="https://wijk.example/gedeeld/' in page.text
        scan = client.post("/vragenlijsten", data={"flow": "samenwerkingsscan"}).url.path
        assert 'value="https://wijk.example/scan/' in client.post(f"{scan}/delen").text
        client.post("/gesprekken/wissen")
