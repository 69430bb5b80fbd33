"""The pages of the guided dialogues without a browser: plain forms over the real flows."""

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.flows.figures import MAX_BYTES
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
CSV = "gwb_code_10;regio;gm_naam;a_inw\nWK034403;Overvecht;Utrecht;34500\n"
HOSTILE = "<script>alert('x')</script>"
BROWSER = {"Accept": "text/html"}


@pytest.fixture
def browser(parts, tmp_path):
    loader = Loader(lambda progress: parts)
    app = create_app(Settings(_env_file=None, data_dir=tmp_path), loader)
    with TestClient(app, raise_server_exceptions=False, headers=BROWSER) as client:
        loader._thread.join()
        yield client


@pytest.fixture
def stranger(browser):
    return TestClient(browser.app, raise_server_exceptions=False, headers=BROWSER)


def begin(client, flow):
    response = client.post("/vragenlijsten", data={"flow": flow})
    assert response.status_code == 200, response.text
    return response.url.path


@pytest.fixture
def wijk(browser):
    return begin(browser, "wijkanalyse")


def hidden(client, path):
    page = client.get(path).text
    form = page[page.index('id="stap"') :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def fill(client, path, **data):
    """Send the form of the open step as a browser would."""
    return client.post(path, data={**hidden(client, path), **data})


def at(client, path):
    return hidden(client, path).get("step")


def advance_to(client, path, step):
    while at(client, path) != step:
        assert fill(client, path, onbekend="true").status_code == 200


def test_the_list_shows_every_flow_and_ones_own_intakes(browser, stranger, wijk):
    page = browser.get("/vragenlijsten").text
    for name in ("wijkanalyse", "schoolmodel", "samenwerkingsscan", "spelregeltoets"):
        assert f'name="flow" value="{name}"' in page
    assert f'href="{wijk}"' in page
    assert f'href="{wijk}/verwijderen"' in page
    assert wijk not in stranger.get("/vragenlijsten").text
    assert "bestaat niet" in browser.post("/vragenlijsten", data={"flow": "niets"}).text


def test_a_step_shows_its_question_why_and_progress(browser, wijk):
    page = browser.get(wijk).text
    assert page.count("<h1") == 1
    assert "Vraag 1 van" in page
    assert "<progress" in page
    assert "Waarom vraag je dit?" in page
    assert "/passages/bron-1:schaalniveau-po-vo-mbo?van=" in page
    assert "Weet ik nog niet" in page
    assert "Overslaan" not in page


def test_an_answer_moves_on_and_stands_in_the_summary(browser, wijk):
    response = fill(browser, wijk, value="po")
    assert [r.status_code for r in response.history] == [303]
    assert "Basisschool" in response.text
    assert at(browser, wijk) == "ligging"
    assert at(browser, fill(browser, wijk, actie="terug").url.path) == "schooltype"
    assert re.search(r'value="po" checked', browser.get(wijk).text)
    fill(browser, wijk, value="?")
    assert at(browser, wijk) == "ligging"
    assert "Weet ik nog niet" in browser.get(wijk).text.partition("Je antwoorden tot nu toe")[2]


def test_a_link_of_the_summary_goes_back_to_its_step(browser, wijk):
    fill(browser, wijk, value="po")
    fill(browser, wijk, onbekend="true")
    version = hidden(browser, wijk)["state_version"]
    browser.post(f"{wijk}/terug", data={"step": "schooltype", "state_version": version})
    assert at(browser, wijk) == "schooltype"
    assert browser.post(f"{wijk}/terug", data={"step": "schooltype", "state_version": version}).status_code == 409
    data = {"step": "bestaat-niet", "state_version": hidden(browser, wijk)["state_version"]}
    assert browser.post(f"{wijk}/terug", data=data).status_code == 422


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "Kies een antwoord"),
        ({"value": "havo"}, "geen optie"),
        ({"value": "po", "eigen": "middelbare school"}, "schreef er ook een"),
        ({"value": "?", "eigen": "middelbare school"}, "Kies één van de twee"),
        ({"value": "po", "step": "bestaat-niet"}, "bestaat niet"),
        ({"value": "po", "step": "ligging"}, "niet aan de beurt"),
        ({"actie": "overslaan"}, "niet overslaan"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_field(browser, wijk, data, says):
    response = fill(browser, wijk, **data)
    assert response.status_code == 422
    page = unescape(response.text)
    assert says in page
    assert 'aria-invalid="true"' in page
    assert 'id="veldfout"' in page
    assert re.search(r'id="fouten"[^>]* autofocus', page)
    assert browser.get(f"/api/intakes/{wijk.rpartition('/')[2]}").json()["state_version"] == 1


def test_what_was_typed_stays_and_is_escaped(browser, wijk):
    advance_to(browser, wijk, "doelen")
    response = fill(browser, wijk, value=HOSTILE, onbekend="true")
    assert response.status_code == 422
    assert "&lt;script&gt;" in response.text
    assert "<script>" not in response.text
    kept = fill(browser, wijk, value=HOSTILE)
    assert "&lt;script&gt;" in kept.text
    for page in (kept, browser.get(f"{wijk}/verslag")):
        assert "<script>" not in page.text
    advance_to(browser, wijk, "inwoners")
    wrong = fill(browser, wijk, value=f'"{HOSTILE}')
    assert wrong.status_code == 422
    assert "&#34;&lt;script&gt;" in wrong.text
    assert "<script>" not in wrong.text


def test_a_number_is_read_as_dutch_writes_it_and_personal_data_is_masked(browser, wijk):
    advance_to(browser, wijk, "doelen")
    told = fill(browser, wijk, value="Bel mij op 06-12345678 over de rust in de klas.")
    assert 'role="status">Ik heb persoonsgegevens weggehaald' in told.text
    assert "12345678" not in told.text
    assert "persoonsgegevens" not in browser.get(wijk).text
    advance_to(browser, wijk, "inwoners")
    assert "34.500 inwoners" in fill(browser, wijk, value="34.500").text


def test_a_stale_answer_says_what_changed_and_keeps_what_was_chosen(browser, wijk):
    old = hidden(browser, wijk)
    fill(browser, wijk, value="po")
    response = browser.post(wijk, data={**old, "value": "vo"})
    assert response.status_code == 409
    assert "intussen veranderd" in response.text
    assert 'Veranderd: <span lang="nl">Soort school' in response.text
    assert "Middelbare school" in response.text
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', response.text.partition('id="stap"')[0]))
    assert again["value"] == "vo"
    browser.post(wijk, data=again)
    assert browser.get(f"/api/intakes/{wijk.rpartition('/')[2]}").json()["answers"][0]["value"] == "vo"


def test_a_stale_answer_to_the_same_step_stays_in_the_form(browser, wijk):
    advance_to(browser, wijk, "doelen")
    old = hidden(browser, wijk)
    fill(browser, wijk, actie="pauze")
    response = browser.post(wijk, data={**old, "value": "Meer rust."})
    assert response.status_code == 409
    assert ">Meer rust.</textarea>" in response.text
    assert browser.post(wijk, data={**hidden(browser, wijk), "value": "Meer rust."}).status_code == 200


def test_own_words_are_understood_or_asked_back(browser, wijk):
    assert "Basisschool" in fill(browser, wijk, eigen="een basisschool").text
    unsure = fill(browser, wijk, eigen="eh, dat hangt ervan af")
    assert "Ik weet niet zeker wat dat is" in unsure.text
    assert unsure.text.count('type="radio"') == 4
    assert at(browser, wijk) == "ligging"
    chosen = re.search(r'type="radio" name="value" value="([\w-]+)"', unsure.text).group(1)
    sent = {"eigen": "eh, dat hangt ervan af", "getypt": "eh, dat hangt ervan af", "value": chosen}
    assert fill(browser, wijk, **sent).status_code == 200
    assert at(browser, wijk) != "ligging"


def given(client, path):
    return client.get(f"/api/intakes/{path.rpartition('/')[2]}").json()["answers"]


@pytest.mark.parametrize("way", ["stale", "halfway", "not skipped"])
def test_own_words_beside_an_earlier_choice_count_until_somebody_is_asked(browser, wijk, way):
    fill(browser, wijk, value="po")
    fill(browser, wijk, actie="terug")
    typed = {"value": "po", "eigen": "Middelbare school (vo)"}
    shown = {
        "stale": lambda: browser.post(wijk, data={**hidden(browser, wijk), **typed, "state_version": "1"}),
        "halfway": lambda: browser.post(f"{wijk}/vraag", data={**hidden(browser, wijk), **typed, "vraag": "OOGO?"}),
        "not skipped": lambda: fill(browser, wijk, **typed, actie="overslaan"),
    }[way]().text
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown[shown.index('id="stap"') :]))
    assert 'value="Middelbare school (vo)"' in shown
    browser.post(wijk, data={**again, **typed})
    assert given(browser, wijk)[0]["value"] == "vo"


def test_a_choice_that_comes_back_beside_own_words_counts_once_it_was_asked(browser, wijk):
    typed = {"value": "po", "eigen": "Middelbare school (vo)"}
    asked = fill(browser, wijk, **typed)
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text[asked.text.index('id="stap"') :]))
    browser.post(wijk, data={**again, **typed})
    assert given(browser, wijk)[0]["value"] == "po"


def test_own_words_of_a_late_answer_are_shown_and_kept(browser, wijk):
    fill(browser, wijk, value="po")
    fill(browser, wijk, actie="terug")
    old = hidden(browser, wijk)
    fill(browser, wijk, value="po")
    late = browser.post(wijk, data={**old, "value": "po", "eigen": "Middelbare school (vo)"}).text
    assert ">Middelbare school (vo)</strong>" in late
    browser.post(
        wijk, data=dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', late.partition('id="stap"')[0]))
    )
    assert given(browser, wijk)[0]["value"] == "vo"


def test_pause_keeps_what_was_filled_in(browser, wijk):
    assert fill(browser, wijk, value="vo", actie="pauze").url.path == "/vragenlijsten"
    assert fill(browser, wijk, eigen="een dorp", actie="pauze").url.path == "/vragenlijsten"
    assert [a["value"] for a in given(browser, wijk)] == ["vo", "dorp"]
    assert "gepauzeerd" in browser.get(wijk).text
    advance_to(browser, wijk, "doelen")
    told = fill(browser, wijk, value="Bel mij op 06-12345678.\r\nMeer rust.", actie="pauze")
    assert "Ik heb persoonsgegevens weggehaald" in told.text
    assert "Je antwoorden zijn bewaard" in told.text


def test_pause_stays_at_a_step_that_nothing_was_added_to(browser, wijk):
    fill(browser, wijk, value="po")
    fill(browser, wijk, actie="terug")
    assert fill(browser, wijk, value="po", actie="pauze").url.path == "/vragenlijsten"
    assert at(browser, wijk) == "schooltype"


@pytest.mark.parametrize(("typed", "status"), [({"value": "po", "eigen": "mbo"}, 422), ({"eigen": "eh, tja"}, 200)])
def test_pause_says_that_an_answer_cannot_be_kept_yet(browser, wijk, typed, status):
    response = fill(browser, wijk, **typed, actie="pauze")
    assert response.status_code == status
    assert "nog niet gepauzeerd" in response.text
    assert f'value="{typed["eigen"]}"' in response.text
    assert given(browser, wijk) == []


def test_a_late_answer_sent_with_pause_is_not_lost(browser, wijk):
    old = hidden(browser, wijk)
    fill(browser, wijk, value="po")
    late = browser.post(wijk, data={**old, "value": "vo", "actie": "pauze"})
    assert late.status_code == 409
    assert ">Middelbare school" in late.text.partition('id="stap"')[0]


def test_a_version_that_cannot_exist_is_a_conflict(browser, wijk):
    huge = {"step": "schooltype", "value": "po", "state_version": str(10**20)}
    assert browser.post(wijk, data=huge).status_code == 409
    assert browser.post(f"{wijk}/terug", data=huge).status_code == 409


def test_the_language_can_be_changed_on_every_page_that_a_form_leads_to(browser, wijk):
    sent = {"step": "schooltype", "state_version": "0", "vraag": ""}
    for page in ("", "/terug", "/vraag", "/cijfers", "/cijfers/overnemen"):
        shown = browser.post(f"{wijk}{page}", data={**sent, "zegel": "x"})
        assert shown.status_code in (409, 422)
        back = re.search(r'name="terug" value="([^"]+)"', shown.text).group(1)
        assert back.startswith(wijk)
        assert browser.post("/taal", data={"taal": "nl", "terug": back}).status_code == 200


def test_skip_pause_restart_and_delete(browser, wijk):
    advance_to(browser, wijk, "inwoners")
    fill(browser, wijk, actie="overslaan")
    assert at(browser, wijk) != "inwoners"
    paused = fill(browser, wijk, actie="pauze")
    assert paused.url.path == "/vragenlijsten"
    assert "gepauzeerd" in paused.text
    assert "bewaard" in paused.text
    assert "Je begint opnieuw" in fill(browser, wijk, actie="opnieuw").text
    assert "Verwijder alles" in browser.get(f"{wijk}/verwijderen").text
    assert "zijn weg" in browser.post(f"{wijk}/verwijderen").text
    assert browser.get(wijk).status_code == 404


def test_a_question_halfway_is_answered_and_the_form_stays(browser, wijk):
    advance_to(browser, wijk, "inwoners")
    sent = {**hidden(browser, wijk), "value": "12 of 13", "vraag": "Wat is een OOGO?"}
    response = browser.post(f"{wijk}/vraag", data=sent)
    assert response.status_code == 200
    assert 'value="12 of 13"' in response.text
    place = re.search(r'href="#(bron-\w+-1)"[^>]*>\[1\]', response.text).group(1)
    assert f'id="{place}"' in response.text
    assert at(browser, wijk) == "inwoners"
    empty = browser.post(f"{wijk}/vraag", data={**sent, "vraag": " "})
    assert empty.status_code == 422
    assert 'id="vraagfout"' in empty.text


def test_cbs_figures_are_shown_before_they_are_kept(browser, wijk):
    path = f"{wijk}/cijfers"
    assert browser.get(path).status_code == 200
    seen = browser.post(path, data={"gebied": "Overvecht", "jaar": "2024"}, files={"bestand": ("k.csv", CSV)})
    assert "34.500 inwoners" in seen.text
    assert browser.get(f"/api/intakes/{wijk.rpartition('/')[2]}").json()["answers"] == []
    sealed = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', seen.text))
    other = begin(browser, "wijkanalyse")
    assert browser.post(f"{other}/cijfers/overnemen", data=sealed).status_code == 422
    broken = {**sealed, "zegel": "x" + sealed["zegel"]}
    assert browser.post(f"{path}/overnemen", data=broken).status_code == 422
    kept = browser.post(f"{path}/overnemen", data=sealed)
    assert "CBS Kerncijfers wijken en buurten 2024" in kept.text
    assert browser.post(f"{path}/overnemen", data=sealed).status_code == 409


@pytest.mark.parametrize(
    ("data", "text", "says"),
    [
        ({"gebied": "Overvecht", "jaar": "2024"}, "", "Kies eerst een CSV-bestand"),
        ({"gebied": "Overvecht", "jaar": "vorig"}, CSV, "vier cijfers"),
        ({"gebied": HOSTILE, "jaar": "2024"}, CSV, "staat niet in dit bestand"),
        ({"gebied": "Overvecht", "jaar": "2024"}, CSV.replace("34500", "1e999"), "getal"),
        ({"gebied": "Overvecht", "jaar": "2024"}, CSV.replace("34500", "-5"), "kan hier niet"),
        ({"gebied": "Overvecht", "jaar": "2024"}, "a;b\n1;2\n", "andere indeling"),
    ],
)
def test_figures_that_cannot_be_read_are_explained(browser, wijk, data, text, says):
    response = browser.post(f"{wijk}/cijfers", data=data, files={"bestand": ("k.csv", text)})
    assert response.status_code == 422
    assert says in response.text
    assert "<script>" not in response.text


def test_a_file_that_is_too_large_is_refused_in_megabytes(browser, wijk):
    sent = browser.post(f"{wijk}/cijfers", content=b"x", headers={"Content-Length": str(MAX_BYTES + 1)})
    assert sent.status_code == 413
    assert "Kies een bestand tot 40 MB." in sent.text


def test_a_file_of_many_megabytes_is_read(browser, wijk):
    large = CSV + "WK000001;Elders;Elders;1\n" * 40_000
    seen = browser.post(
        f"{wijk}/cijfers", data={"gebied": "WK034403", "jaar": "2024"}, files={"bestand": ("k.csv", large)}
    )
    assert seen.status_code == 200
    assert "34.500 inwoners" in seen.text


def test_a_shared_scan_is_joined_by_its_link(browser, stranger):
    mine = begin(browser, "samenwerkingsscan")
    page = browser.post(f"{mine}/delen").text
    link = re.search(r'value="http://testserver(/scan/[\w-]+)"', page).group(1)
    invited = stranger.get(link).text
    assert re.search(r"<h1>Doe mee: <span[^>]*>Samenwerkingsscan.*</span></h1>", invited)
    assert "Er doet nu 1 persoon mee" in invited
    assert "Wie ziet wat?" in invited
    theirs = stranger.post(link)
    assert "Er doen nu 2 mensen mee" in stranger.get(link).text
    assert "werkt niet" in stranger.get("/scan/gok").text
    assert theirs.status_code == 200
    assert theirs.url.path != mine
    assert stranger.post(link).url.path == theirs.url.path
    assert browser.post(link).url.path == mine
    assert stranger.get(mine).status_code == 404
    assert stranger.post("/scan/gok").status_code == 404
    assert browser.post(f"{begin(browser, 'wijkanalyse')}/delen").status_code == 422


def test_a_whole_intake_ends_in_a_report_page(browser):
    path = begin(browser, "samenwerkingsscan")
    while at(browser, path):
        scale = 'class="schaal"' in browser.get(path).text
        fill(browser, path, **({"value": "4"} if scale else {"onbekend": "true"}))
    assert "Je bent klaar" in browser.get(path).text
    report = browser.get(f"{path}/verslag")
    assert "Uitkomst samenwerkingsscan" in report.text
    assert report.text.count("<h1") == 1
    assert '<svg class="plot"' in report.text
    assert " style=" not in report.text
    assert set(re.findall(r'href="#(bron-\d+)"', report.text)) <= set(re.findall(r'id="(bron-\d+)"', report.text))
    for url in re.findall(r'href="(/api/intakes/[^"]+)"', report.text):
        assert browser.get(url).status_code == 200


def test_deleting_an_intake_deletes_what_was_asked_halfway(browser, parts, wijk):
    intake = wijk.rpartition("/")[2]
    browser.post(f"{wijk}/vraag", data={**hidden(browser, wijk), "vraag": "Wat is een OOGO?"})
    assert [a.question for a in parts.assistant.archive.of(f"intake-{intake}")] == ["Wat is een OOGO?"]
    browser.post(f"{wijk}/verwijderen")
    assert parts.assistant.archive.of(f"intake-{intake}") == []


def test_a_stranger_gets_the_page_for_what_is_not_there(browser, stranger, wijk):
    for call in (
        lambda: stranger.get(wijk),
        lambda: stranger.get(f"{wijk}/verslag"),
        lambda: stranger.get(f"{wijk}/cijfers"),
        lambda: stranger.get(f"{wijk}/verwijderen"),
        lambda: stranger.post(wijk, data={"step": "schooltype", "value": "po", "state_version": "1"}),
        lambda: stranger.post(f"{wijk}/terug", data={"step": "schooltype", "state_version": "1"}),
        lambda: stranger.post(f"{wijk}/vraag", data={"vraag": "Wat is een OOGO?"}),
        lambda: stranger.post(f"{wijk}/delen"),
        lambda: stranger.post(f"{wijk}/verwijderen"),
        lambda: stranger.post(f"{wijk}/cijfers/overnemen", data={"zegel": "x.y", "state_version": "1"}),
    ):
        response = call()
        assert response.status_code == 404
        assert response.headers["content-type"].startswith("text/html")
        assert "Basisschool" not in response.text
    assert browser.get(wijk).status_code == 200
