"""The HTTP contract of the intakes, over the real flows."""

import io

import pytest
from docx import Document
from fastapi.testclient import TestClient

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.channels.web.owners import COOKIE
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
CSV = "gwb_code_10;regio;gm_naam;a_inw\nWK034403;Overvecht;Utrecht;34500\n"
KEYS = {"id", "flow", "flow_version", "status", "state_version", "progress", "answers", "step", "citations"}


@pytest.fixture
def browser(parts, tmp_path):
    loader = Loader(lambda progress: parts)
    app = create_app(Settings(_env_file=None, data_dir=tmp_path), loader)
    with TestClient(app, raise_server_exceptions=False) as client:
        loader._thread.join()
        yield client


@pytest.fixture
def stranger(browser):
    return TestClient(browser.app, raise_server_exceptions=False)


@pytest.fixture
def intake(browser):
    response = browser.post("/api/intakes", json={"flow": "wijkanalyse"})
    assert response.status_code == 201
    return response.json()


def give(client, intake, step, value, **headers):
    body = {"step": step, "value": value, "state_version": intake["state_version"]}
    return client.post(f"/api/intakes/{intake['id']}/answers", json=body, headers=headers)


def test_creation_gives_the_object_of_the_contract_and_a_token_once(browser, intake):
    assert set(intake) >= KEYS | {"owner_token"}
    assert intake["step"]["id"] == "schooltype"
    assert set(intake["step"]) >= {
        "id", "kind", "question", "help", "why", "options", "minimum", "maximum", "required",
    }  # fmt: skip
    assert intake["progress"]["done"] == 0
    (number,) = intake["step"]["why"]["citations"]
    assert intake["citations"][number - 1]["quote"]
    again = browser.get(f"/api/intakes/{intake['id']}").json()
    assert "owner_token" not in again
    assert again["id"] == intake["id"]
    assert (
        "httponly"
        in browser.post("/api/intakes", json={"flow": "spelregeltoets"}).headers.get("set-cookie", "httponly").lower()
    )


def test_answers_move_on_and_go_back(browser, intake):
    second = give(browser, intake, "schooltype", "vo").json()
    assert second["answers"][0]["value"] == "vo"
    assert second["step"]["id"] == "ligging"
    assert second["state_version"] == intake["state_version"] + 1
    back = browser.post(f"/api/intakes/{intake['id']}/back").json()
    assert back["step"]["id"] == "schooltype"
    assert back["step"]["value"] == "vo"
    unknown = give(browser, back, "schooltype", None).json()
    assert unknown["answers"][0] | {"label": ""} == {
        "step": "schooltype", "short": "Soort school", "value": None, "label": "", "origin": "",
    }  # fmt: skip


def test_only_the_owner_opens_it(browser, stranger, intake):
    url = f"/api/intakes/{intake['id']}"
    for call in (
        lambda c, **k: c.get(url, **k),
        lambda c, **k: c.get(f"{url}/report", **k),
        lambda c, **k: c.post(f"{url}/back", **k),
        lambda c, **k: c.post(f"{url}/answers", json={"step": "schooltype", "value": "po", "state_version": 1}, **k),
        lambda c, **k: c.post("/api/ask", json={"question": "Wat is een OOGO?", "intake_id": intake["id"]}, **k),
        lambda c, **k: c.delete(url, **k),
    ):
        for headers in ({}, {"Authorization": "Bearer " + "x" * 43}, {"Cookie": f"{COOKIE}=mij.onzin"}):
            response = call(stranger, headers=headers)
            assert response.status_code == 404, response.text
            assert response.headers["content-type"] == "application/problem+json"
    token = {"Authorization": f"Bearer {intake['owner_token']}"}
    assert stranger.get(url, headers=token).status_code == 200
    assert give(stranger, intake, "schooltype", "po", **token).status_code == 200
    assert browser.get(url).json()["answers"][0]["value"] == "po"


def test_a_stale_write_gets_the_current_object_and_what_changed(browser, intake):
    give(browser, intake, "schooltype", "po")
    response = give(browser, intake, "schooltype", "vo")
    assert response.status_code == 409
    problem = response.json()
    assert problem["intake"]["answers"][0]["value"] == "po"
    assert problem["intake"]["state_version"] == problem["state_version"] == 2
    assert problem["changed"] == ["Soort school"]
    assert "intussen" in problem["detail"]
    assert give(browser, intake | {"state_version": 10**20}, "schooltype", "vo").status_code == 409


def test_a_stale_answer_to_a_step_that_is_hidden_now_is_a_conflict_and_not_wrong(browser, intake):
    for value in ("po", None, None, ["gedrag"]):
        intake = give(browser, intake, intake["step"]["id"], value).json()
    browser.post(f"/api/intakes/{intake['id']}/restart")
    response = give(browser, intake, "doelen", "Meer rust.")
    assert response.status_code == 409
    assert response.json()["intake"]["step"]["id"] == "schooltype"


@pytest.mark.parametrize(
    ("step", "value"),
    [
        ("schooltype", "havo"),
        ("schooltype", ["po"]),
        ("schooltype", 3),
        ("schooltype", {"po": 1}),
        ("schooltype", True),
        ("doelen", "te vroeg"),
        ("schooltype", 10**400),
        ("bestaat-niet", "po"),
        ("schooltype", "x" * 100_000),
    ],
)
def test_a_value_that_the_step_does_not_take_is_422_in_dutch(browser, intake, step, value):
    response = give(browser, intake, step, value)
    assert response.status_code == 422
    assert len(response.json()["detail"]) < 400
    assert browser.get(f"/api/intakes/{intake['id']}").json()["state_version"] == 1


def test_too_much_text_is_refused_and_nothing_is_lost(browser, intake):
    for value in ("po", None, None, ["gedrag"]):
        intake = give(browser, intake, intake["step"]["id"], value).json()
    assert intake["step"]["kind"] == "text"
    assert give(browser, intake, "doelen", "a" * 100_000).status_code == 422
    assert give(browser, intake, "doelen", "a" * 300_000).status_code == 413
    assert give(browser, intake, "doelen", "Meer rust.").json()["progress"]["done"] == 5


def test_an_answer_in_ones_own_words(browser, intake):
    body = {"step": "schooltype", "text": "een basisschool", "state_version": 1}
    done = browser.post(f"/api/intakes/{intake['id']}/answers", json=body).json()
    assert done["answers"][0]["value"] == "po"
    assert "confirm" not in done
    body = {"step": "ligging", "text": "eh, dat hangt ervan af", "state_version": 2}
    unsure = browser.post(f"/api/intakes/{intake['id']}/answers", json=body).json()
    assert unsure["state_version"] == 2
    assert len(unsure["confirm"]["choices"]) == 3


def test_a_question_halfway_is_answered_and_the_step_stays(browser, intake):
    body = {"question": "Wat is een OOGO?", "intake_id": intake["id"]}
    answer = browser.post("/api/ask", json=body).json()
    assert answer["status"] == "answered"
    assert answer["citations"]
    assert browser.get(f"/api/intakes/{intake['id']}").json()["step"]["id"] == "schooltype"


def test_skip_pause_restart_and_delete(browser, intake):
    url = f"/api/intakes/{intake['id']}"
    assert browser.post(f"{url}/skip").status_code == 422
    give(browser, intake, "schooltype", "po")
    assert browser.post(f"{url}/pause").json()["paused"] is True
    assert browser.post(f"{url}/restart").json()["progress"]["done"] == 0
    assert [i["id"] for i in browser.get("/api/intakes").json()] == [intake["id"]]
    assert browser.delete(url).status_code == 204
    assert browser.get(url).status_code == 404


def test_cbs_figures_with_a_preview(browser, intake):
    url = f"/api/intakes/{intake['id']}/figures?area=Overvecht&year=2024"
    seen = browser.post(f"{url}&preview=true", content=CSV).json()
    assert seen["values"] == {"inwoners": 34500}
    assert browser.get(f"/api/intakes/{intake['id']}").json()["progress"]["done"] == 0
    filled = browser.post(f"{url}&state_version=1", content=CSV).json()
    assert filled["answers"][0]["origin"] == seen["source"]
    assert browser.post(f"{url}&state_version=1", content=CSV).status_code == 409
    assert browser.post(url, content="a;b\n1;2\n").status_code == 422


def test_the_report_in_every_format(browser, intake):
    give(browser, intake, "schooltype", "mbo")
    url = f"/api/intakes/{intake['id']}/report"
    text = browser.get(url)
    assert text.headers["content-type"].startswith("text/markdown")
    assert "# Wijkprofiel" in text.text
    page = browser.get(url, params={"format": "html"})
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert browser.get(url, params={"format": "pdf"}).content.startswith(b"%PDF")
    word = browser.get(url, params={"format": "docx"})
    assert Document(io.BytesIO(word.content)).core_properties.title == "Wijkprofiel"
    assert "wijkanalyse-" in word.headers["content-disposition"]
    assert browser.get(url, params={"format": "odt"}).status_code == 422


def test_a_shared_scan_over_http(browser, stranger):
    mine = browser.post("/api/intakes", json={"flow": "samenwerkingsscan"}).json()
    scan = browser.post(f"/api/intakes/{mine['id']}/share").json()["scan"]
    other = stranger.post("/api/intakes", json={"flow": "samenwerkingsscan", "scan": scan})
    assert other.status_code == 201
    assert other.json()["shared"] is True
    assert stranger.post("/api/intakes", json={"flow": "samenwerkingsscan", "scan": "gok"}).status_code == 422
    assert stranger.get(f"/api/intakes/{mine['id']}").status_code == 404


@pytest.mark.parametrize("body", [{}, {"flow": "niets"}, {"flow": 3}, {"flow": "wijkanalyse", "iets": 1}])
def test_a_wrong_start_is_explained(browser, body):
    response = browser.post("/api/intakes", json=body)
    assert response.status_code == 422
    assert response.json()["detail"]


def test_the_flows_are_listed(browser):
    assert {flow["name"] for flow in browser.get("/api/flows").json()} == {
        "wijkanalyse", "schoolmodel", "samenwerkingsscan", "spelregeltoets",
    }  # fmt: skip
