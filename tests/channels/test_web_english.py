"""Every page in English: what is interface is English, and what stays Dutch says so with its `lang`."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from verbind_bot.channels.web import interface
from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.interface import LANGUAGES, words
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
HTML = {"Accept": "text/html"}
ADMIN = "token-voor-de-test"
CSV = "gwb_code_10;regio;gm_naam;a_inw\nWK034403;Overvecht;Utrecht;34500\n"
VOID = {"meta", "link", "input", "br", "img", "hr", "path", "circle", "line"}
READ = (
    "aria-label",
    "title",
    "alt",
    "placeholder",
    "data-gelukt",
    "data-mislukt",
    "data-dank",
    "data-bezig",
    "data-klaar",
    "data-mis",
    "data-schrijft",
)
COMMON = re.compile(
    r"\b(de|het|een|je|jij|van|niet|voor|naar|staat|wordt|kies|klik|zijn|deze|geen|ook|bij|nog)\b", re.I
)
QUESTIONS = {
    "answered": "Wat is een netwerkorganisatie?",
    "partial": "Wat is een OOGO en wie is de wethouder van Almere?",
    "not_in_corpus": "Wat verdient een jeugdarts?",
    "out_of_scope": "Wat is de hoofdstad van Frankrijk?",
    "clarify": "Hoe dan?",
    "privacy": "Mijn leerling Daan de Vries (BSN 111222333) wil niet naar school. Wat is passend onderwijs?",
}


class Reader(HTMLParser):
    """Collects what an English reader meets: text and labels that are not marked as Dutch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[tuple[str, str]] = []
        self.titled = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        language = given.get("lang") or (self.open[-1][1] if self.open else "")
        for name in READ:
            if given.get(name) and language != "nl":
                self.found.append((f"{tag} {name}", given[name] or ""))
        if tag not in VOID:
            self.open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        opened, _ = self.open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        tag, language = self.open[-1] if self.open else ("", "")
        if tag == "title":
            self.titled = data
        elif data.strip() and language != "nl" and tag not in ("textarea", "script", "code"):
            self.found.append((tag, data.strip()))


def dutch_words() -> list[str]:
    """The Dutch texts of the interface that no English one holds, in pieces around what is filled in."""
    dutch, english = vars(words("nl")), vars(words("en"))
    own = [
        text for name, text in dutch.items() if text != english[name] and name not in ("lang", "other", "other_name")
    ]
    pieces = {piece.strip(" .:,") for text in own for piece in text.split("%s")}
    same = " ".join(english.values())
    return sorted(piece for piece in pieces if len(piece) > 2 and not anyword([piece]).search(same))


def anyword(pieces: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, pieces))})(?!\w)")


DUTCH = anyword(dutch_words())
DUTCH_TITLE = anyword([piece for piece in dutch_words() if " " in piece])  # a title holds questions and names too


def assert_english(page: str, name: str) -> None:
    assert '<html lang="en">' in page, name
    read = Reader(page)
    assert not DUTCH_TITLE.search(read.titled), f"{name}: {read.titled}"
    for place, text in read.found:
        for wrong in (DUTCH.search(text), COMMON.search(text)):
            assert not wrong, f"{name}: <{place}> says {wrong and wrong.group()!r} in {text!r}"


@pytest.fixture
def settings(tmp_path):
    slack = {"slack_signing_secret": "geheim", "slack_bot_token": "xoxb-1", "slack_api_url": "http://127.0.0.1:9/api/"}
    return Settings(_env_file=None, data_dir=tmp_path, admin_token=ADMIN, llm_base_url="http://127.0.0.1:9", **slack)


@pytest.fixture
def browser(parts, settings):
    loader = Loader(lambda progress: parts)
    app = create_app(settings, loader)
    with TestClient(app, raise_server_exceptions=False, headers=HTML) as client:
        loader._thread.join()
        client.post("/taal", data={"taal": "en"})
        yield client
        client.post("/gesprekken/wissen")


def begin(client, flow):
    return client.post("/vragenlijsten", data={"flow": flow}).url.path


def form_of(page):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page[page.index('id="stap"') :]))


def test_both_languages_have_the_same_texts():
    files = [Path(interface.__file__).with_name(f"interface.{name}.json") for name in LANGUAGES]
    dutch, english = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    assert list(dutch) == list(english)
    for name, text in dutch.items():
        assert text.count("%s") == english[name].count("%s"), name
        assert english[name], name
    used = set()
    for file in Path(interface.__file__).parent.rglob("*.*"):
        if file.suffix in (".html", ".py"):
            used |= set(re.findall(r"\b(?:w|words|words_of\(request\))\.(\w+)", file.read_text(encoding="utf-8")))
    built = re.compile(
        r"error_\d+|error_why_\d+|admin_(not_in_corpus|clarify|partial|passages|vectors|model|corpus|made)"
    )
    assert {name for name in dutch if name not in used and not built.fullmatch(name)} == set()


def test_the_reader_finds_dutch_that_is_not_marked():
    page = '<html lang="en"><p>Sources <b lang="nl">Vraag het</b></p><p aria-label="Hoofdmenu">Vraag het</p></html>'
    assert [text for _, text in Reader(page).found] == ["Sources", "Hoofdmenu", "Vraag het"]
    with pytest.raises(AssertionError, match="Hoofdmenu"):
        assert_english(page, "a page")


def test_the_conversation_is_english_around_its_answers(browser):
    assert_english(browser.get("/").text, "/")
    for status, question in QUESTIONS.items():
        page = browser.post("/", data={"vraag": question})
        assert f"status-{status}" in page.text
        assert_english(page.text, status)
    answered = browser.post("/", data={"vraag": QUESTIONS["answered"]})
    answer = re.search(r'id="antwoord-(\w+)"', answered.text).group(1)
    for deed, data in (("oordeel", {"oordeel": "up"}), ("delen", {"actie": "maak"})):
        assert_english(browser.post(f"/antwoorden/{answer}/{deed}", data=data).text, deed)
    link = re.search(r'value="(http[^"]*/gedeeld/[\w-]+)"', browser.get(answered.url.path).text).group(1)
    assert_english(browser.get(link).text, "shared")
    assert_english(browser.post(f"/antwoorden/{answer}/delen", data={"actie": "trek-in"}).text, "revoked")
    assert_english(browser.post("/", data={"vraag": ""}).text, "empty question")
    assert_english(browser.get("/gesprekken").text, "conversations")
    assert_english(browser.post("/gesprekken/wissen").text, "wiped")
    assert_english(browser.get("/gesprekken").text, "no conversations")


@pytest.mark.parametrize(
    "path",
    [
        *("/bronnen", "/bronnen?q=netwerk", "/bronnen?q=xyzzyq", "/bronnen/3.5.1", "/bronnen/referenties"),
        *("/bronnen/begrippen", "/passages/begrip:oogo", "/passages/referentie:onderwijsraad2008", "/over", "/docs"),
        *("/vragenlijsten", "/vragenlijsten/overnemen/code", "/scan/gok", "/beheer"),
        *("/niet/daar", "/bronnen/9.9", "/gesprekken/weg", "/gedeeld/weg", "/passages/weg", "/vragenlijsten/weg"),
    ],
)
def test_a_page_is_english(browser, path):
    assert_english(browser.get(path).text, path)


@pytest.mark.parametrize("flow", ["wijkanalyse", "schoolmodel", "samenwerkingsscan", "spelregeltoets"])
def test_every_step_its_error_and_the_report_are_english(browser, flow):
    path = begin(browser, flow)
    page = browser.get(path).text
    for _ in range(60):
        if 'id="veld"' not in page:
            break
        assert_english(page, flow)
        wrong = browser.post(path, data=form_of(page))
        assert wrong.status_code == 422
        assert_english(wrong.text, f"{flow}, nothing filled in")
        page = browser.post(path, data={**form_of(page), "onbekend": "true"}).text
    assert "You have finished" in page
    assert_english(page, f"{flow}, finished")
    assert_english(browser.get(f"{path}/verslag").text, f"{flow}, report")
    assert_english(browser.post(path, data={**form_of(page), "actie": "opnieuw"}).text, f"{flow}, again")
    assert_english(browser.get("/vragenlijsten").text, "own")
    assert_english(browser.get(f"{path}/verwijderen").text, "delete")
    assert_english(browser.post(f"{path}/slack").text, "slack")
    assert_english(browser.post(f"{path}/verwijderen").text, "deleted")


def test_what_happens_around_a_step_is_english(browser):
    path = begin(browser, "wijkanalyse")
    first = form_of(browser.get(path).text)
    for name, data in (
        ("unsure", {"eigen": "eh, dat hangt ervan af"}),
        ("both", {"value": "po", "eigen": "middelbare school"}),
        ("two", {"value": "?", "eigen": "middelbare school"}),
        ("no such step", {"step": "bestaat-niet", "value": "po"}),
        ("no such option", {"value": "havo"}),
        ("may not be skipped", {"actie": "overslaan"}),
    ):
        assert_english(browser.post(path, data={**first, **data}).text, name)
    assert_english(browser.post(f"{path}/vraag", data={**first, "vraag": "Wat is een OOGO?"}).text, "halfway")
    assert_english(browser.post(f"{path}/vraag", data={**first, "vraag": ""}).text, "halfway, empty")
    browser.post(path, data={**first, "value": "po"})
    assert_english(browser.post(path, data={**first, "value": "vo"}).text, "stale")
    page = browser.get(path).text
    unsure = {**form_of(page), "eigen": "eh, dat hangt ervan af", "actie": "pauze"}
    assert_english(browser.post(path, data=unsure).text, "not paused")
    assert_english(browser.post(path, data={**form_of(page), "actie": "pauze"}).text, "paused")
    assert_english(browser.get(path).text, "was paused")


def test_the_figures_and_the_scan_are_english(browser):
    path = begin(browser, "wijkanalyse")
    assert_english(browser.get(f"{path}/cijfers").text, "form")
    for data, text in (({}, ""), ({"gebied": "x", "jaar": "vorig"}, CSV), ({"gebied": "x", "jaar": "2024"}, CSV)):
        assert_english(browser.post(f"{path}/cijfers", data=data, files={"bestand": ("k.csv", text)}).text, "error")
    seen = browser.post(
        f"{path}/cijfers", data={"gebied": "Overvecht", "jaar": "2024"}, files={"bestand": ("k.csv", CSV)}
    ).text
    assert_english(seen, "figures found")
    sealed = dict(re.findall(r'type="hidden" name="(zegel|state_version)" value="([^"]*)"', seen))
    assert_english(browser.post(f"{path}/cijfers/overnemen", data={**sealed, "zegel": "x"}).text, "broken seal")
    assert_english(browser.post(f"{path}/cijfers/overnemen", data=sealed).text, "kept")
    assert_english(browser.post(f"{path}/cijfers/overnemen", data=sealed).text, "stale")
    scan = begin(browser, "samenwerkingsscan")
    page = browser.post(f"{scan}/delen").text
    assert_english(page, "shared")
    assert_english(browser.get(re.search(r'value="http://testserver(/scan/[\w-]+)"', page).group(1)).text, "invitation")


def test_maintenance_is_english(browser):
    browser.post("/", data={"vraag": QUESTIONS["not_in_corpus"]})
    answered = browser.post("/", data={"vraag": QUESTIONS["answered"]}).text
    answer = re.search(r'id="antwoord-(\w+)"', answered).group(1)
    browser.post(f"/antwoorden/{answer}/oordeel", data={"oordeel": "down", "toelichting": "Te lang."})
    assert_english(browser.post("/beheer", data={"token": "fout"}).text, "wrong token")
    assert_english(browser.post("/beheer", data={"token": ADMIN}).text, "maintenance")


def test_refusals_and_faults_are_english(browser, settings):
    elsewhere = {"Origin": "https://elders.example"}
    assert_english(browser.post("/", data={"vraag": "x"}, headers=elsewhere).text, "403")
    assert_english(browser.post("/", data={"vraag": "x" * 300_000}).text, "413")
    assert_english(browser.post("/antwoorden/x/oordeel", data={"oordeel": "misschien"}).text, "422")
    for _ in range(60):
        refused = browser.post("/", data={"vraag": ""})
    assert_english(browser.post("/", data={"vraag": ""}).text, "429")
    assert refused.status_code in (422, 429)
    with TestClient(create_app(settings, Loader(_never)), raise_server_exceptions=False, headers=HTML) as waiting:
        waiting.post("/taal", data={"taal": "en"})
        for path in ("/", "/vragenlijsten", "/bronnen"):
            page = waiting.get(path)
            assert_english(page.text, f"{path} while loading")


def _never(progress):
    raise RuntimeError("not in this test")
