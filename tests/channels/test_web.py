import json
import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.errors import CorpusError

QUESTION = "Welke soorten kasten zijn er volgens Jansen?"


@pytest.fixture(scope="module")
def client(small_settings, small_parts):
    loader = Loader(lambda progress: small_parts)
    with TestClient(create_app(small_settings, loader), raise_server_exceptions=False) as client:
        loader._thread.join()
        yield client


def test_answers_as_the_contract_says(client):
    answer = client.post("/api/ask", json={"question": QUESTION}).json()
    assert set(answer) == {
        "id", "question", "status", "text", "mode", "sentences", "citations", "follow_ups", "missing", "retrieved",
        "timings_ms", "conversation_id", "writing", "confidence",
    }  # fmt: skip
    assert answer["status"] == "answered"
    citation = answer["citations"][0]
    assert set(citation) == {
        "n", "locator", "title", "source", "edition", "quote", "references", "passage_id", "page",
    }  # fmt: skip
    passage = client.get(f"/api/passages/{citation['passage_id']}").json()
    assert citation["quote"] in passage["text"]
    assert set(answer["timings_ms"]) == {"embed", "retrieve", "compose", "total"}


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/notitie", "/nergens"])
def test_a_head_is_a_get_without_its_body(client, path):
    asked, headed = client.get(path), client.head(path)
    assert headed.status_code == asked.status_code
    assert headed.headers["content-type"] == asked.headers["content-type"]
    assert headed.content == b""
    assert client.head("/api/ask").status_code == 405


def test_streams_the_same_answer_as_events(client):
    with client.stream("POST", "/api/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}) as r:
        assert r.headers["content-type"].startswith("text/event-stream")
        events = [block.split("\n") for block in r.read().decode().strip().split("\n\n")]
    names = [lines[0].removeprefix("event: ") for lines in events]
    last = json.loads(events[-1][1].removeprefix("data: "))
    assert names[0] == "status"
    assert names[-1] == "answer"
    assert names.count("sentence") == len(last["sentences"]) > 0


def test_a_conversation_understands_a_follow_up(client):
    first = client.post("/api/ask", json={"question": QUESTION}).json()
    second = client.post(
        "/api/ask", json={"question": "en wie zegt dat?", "conversation_id": first["conversation_id"]}
    ).json()
    assert second["conversation_id"] == first["conversation_id"]
    assert second["retrieved"][0]["passage_id"] in ("1:kast", "referentie:jansen1999")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b'{"question": ""}', 422, "leeg"),
        (b'{"question": "   \\u0000 "}', 422, "leeg"),
        (b'{"question": "%s"}' % (b"a" * 1001), 422, "te lang"),
        (b"{", 422, "JSON"),
        (b"[]", 422, "JSON-object"),
        (b"{}", 422, "question ontbreekt"),
        (b'{"question": 3}', 422, "moet tekst zijn"),
        (b'{"question": "a", "vraag": "b"}', 422, "vraag bestaat niet"),
        (b'{"question": "a", "conversation_id": "../x"}', 422, "conversation_id"),
        (b'{"question": "%s"}' % (b"a" * 300_000), 413, "te groot"),
    ],
)
def test_bad_input_gets_a_problem_in_dutch(client, body, status, said):
    response = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert said in response.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"), [("/api/passages/bestaat-niet", 404), ("/bestaat/niet", 404), ("/api/ask", 405)]
)
def test_unknown_places_get_a_problem_in_dutch(client, path, status):
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert "Not Found" not in response.text


def test_an_error_inside_shows_a_number_and_no_trace(client, small_parts, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("geheim")

    monkeypatch.setattr(small_parts.assistant, "ask", broken)
    response = client.post("/api/ask", json={"question": QUESTION})
    assert response.status_code == 500
    assert "geheim" not in response.text
    assert response.json()["id"] in response.json()["detail"]


def test_the_page_answers_without_javascript(client):
    page = client.post("/", data={"vraag": QUESTION}).text
    assert 'href="/passages/1:kast?van=' in page
    assert re.search(r'data-bron="(\w+-1)".*id="bron-\1"', page, re.DOTALL)
    assert "de simplexkast" in page


def test_the_page_keeps_a_question_that_cannot_be_taken(client):
    response = client.post("/", data={"vraag": "a" * 1001})
    assert response.status_code == 422
    assert "a" * 1001 in response.text
    assert "te lang" in response.text


def test_hostile_questions_are_shown_as_text(client):
    hostile = "<script>alert(1)</script> ![x](http://x.example/y.png) [klik](javascript:alert(1)) bijen leerling Daan"
    page = client.post("/", data={"vraag": hostile}).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "Daan" not in unescape(page)


def test_a_passage_has_a_page_with_its_work_and_neighbours(client):
    page = client.get("/passages/1:kast").text
    assert "Jansen, P. (1999)" in page
    assert 'rel="next"' in page
    assert client.get("/passages/nee").status_code == 404


def test_headers_keep_the_browser_safe(client):
    headers = client.get("/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    page = client.get("/").text
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=", page)


def test_an_error_page_is_a_page_for_a_browser_and_says_nothing_of_the_inside(client, small_parts, monkeypatch):
    browser = {"Accept": "text/html"}
    missing = client.get("/bestaat/niet", headers=browser)
    assert (missing.status_code, "Niet gevonden" in missing.text) == (404, True)
    assert client.get("/api/passages/nee", headers=browser).headers["content-type"] == "application/problem+json"

    def broken(*_, **__):
        raise RuntimeError("geheim")

    monkeypatch.setattr(small_parts.assistant, "ask", broken)
    failed = client.post("/", data={"vraag": QUESTION}, headers=browser)
    assert failed.status_code == 500
    assert failed.headers["content-type"].startswith("text/html")
    assert "geheim" not in failed.text
    assert "default-src 'self'" in failed.headers["content-security-policy"]


def test_alive_at_once_and_not_ready_while_loading(small_settings):
    class Waiting(Loader):
        def start(self) -> None: ...

    with TestClient(create_app(small_settings, Waiting(lambda progress: None))) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        response = client.post("/api/ask", json={"question": "Wat is een korf?"})
        assert (response.status_code, response.headers["retry-after"]) == (503, "5")
        page = client.post("/", data={"vraag": "Wat is een korf?", "gesprek": "van-zojuist"})
        assert page.status_code == 503
        assert "Wat is een korf?" in page.text
        assert 'name="gesprek" value="van-zojuist"' in page.text


def test_a_failed_start_is_said(small_settings):
    def broken(progress):
        raise CorpusError("het bestand is stuk", "x.md", 3)

    loader = Loader(broken)
    with TestClient(create_app(small_settings, loader)) as client:
        loader._thread.join()
        assert client.get("/readyz").json() == {"status": "failed", "detail": "x.md, regel 3: het bestand is stuk"}


def test_the_api_is_described_without_anything_from_elsewhere(client):
    page = client.get("/docs").text
    for path in ("POST /api/ask", "POST /api/intakes", "GET /api/passages/", "GET /healthz"):
        assert path in page
    assert "cdn" not in page
    document = client.get("/openapi.json").json()
    assert "/api/intakes/{intake_id}/answers" in document["paths"]
