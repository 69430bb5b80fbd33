"""Log lines: one shape, one id for a request, and nothing of what somebody wrote or may do."""

from __future__ import annotations

import io
import json
import logging

import httpx
import pytest

from verbind_bot.channels.telemetry import lines, origin
from verbind_bot.errors import CorpusError
from verbind_bot.settings import Settings

ASKED = "Waar wonen de zeldzaamwoordbijen van imker Jansen"
SECRETS = (
    "zeldzaamwoord", "ontplof", "123456782", "pietje.puk@example.nl", "0612345678", "geheimtoken", "geheimkoekje",
    "geheimzoek", "geheimsleutel", "geheimbegin",
)  # fmt: skip


@pytest.fixture(scope="module")
def odd(start_odd):
    return start_odd(
        VERBIND_ADMIN_TOKEN="geheimbegin", VERBIND_API_KEY="geheimsleutel", VERBIND_LOG_LEVEL="debug"
    )  # fmt: skip


@pytest.mark.model
def test_what_people_write_and_may_do_is_in_no_line_also_when_things_fail(odd):
    headers = {
        "Authorization": "Bearer geheimtoken",
        "Cookie": "verbind_eigenaar=geheimkoekje; verbind_beheer=geheimkoekje",
        "X-API-Key": "geheimsleutel",
        "User-Agent": "geheimzoek",
    }
    stream = {**headers, "Accept": "text/event-stream"}
    private = f"{ASKED}? Mijn bsn is 123456782, mail pietje.puk@example.nl of bel 0612345678."
    with httpx.Client(base_url=odd.url, headers=headers, timeout=120) as client:
        assert client.post("/api/ask", json={"question": f"{ASKED}?"}).status_code == 200
        assert client.post("/api/ask", json={"question": private}).json()["status"] == "privacy"
        assert client.post("/api/ask", json={"question": f"ontplof {private}"}).status_code == 500
        assert client.post("/", data={"vraag": f"ontplof {private}"}).status_code == 500
        assert client.post("/api/ask", content=b'{"question": "geheimzoek').status_code == 422
        assert client.get("/bronnen", params={"q": "geheimzoek"}).status_code == 200
        assert client.get("/geheimzoek/geheimtoken").status_code == 404
        assert client.get("/api/intakes/geheimtoken").status_code == 404
        assert client.post("/beheer", data={"token": "geheimtoken"}).status_code == 403
        assert client.get("/metrics", headers={"X-Forwarded-For": "9.9.9.9"}).status_code == 401
        streamed = client.post("/api/ask", json={"question": f"ontplof {private}"}, headers=stream)
        assert "event: error" in streamed.text

    def errors():
        return [line for line in odd.lines() if "RuntimeError" in str(line.get("error"))]

    odd.until(lambda: {line["event"] for line in errors()} >= {"request failed", "request"})
    written = odd.log()
    assert [secret for secret in SECRETS if secret in written] == []
    assert any("odd_server.py" in frame for frame in errors()[0]["trace"])


@pytest.mark.model
def test_everything_of_a_request_has_its_id_which_the_user_gets_too(odd):
    answer = httpx.post(f"{odd.url}/api/ask", json={"question": "Wat is een korf?"}, headers=key(), timeout=120)
    failed = httpx.post(f"{odd.url}/api/ask", json={"question": "ontplof"}, headers=key(), timeout=120)
    number = failed.headers["x-request-id"]
    assert failed.json()["request_id"] == failed.json()["id"] == number
    assert number in failed.json()["detail"]
    found = {name: of(odd, name) for name in (answer.headers["x-request-id"], number)}
    assert [line["event"] for line in found[answer.headers["x-request-id"]]] == ["answer", "request"]
    assert [line["event"] for line in found[number]] == ["request failed", "request"]
    answered, requested = found[answer.headers["x-request-id"]]
    assert (requested["method"], requested["route"], requested["status"]) == ("POST", "/api/ask", 200)
    assert (answered["status"], answered["mode"], answered["channel"]) == ("answered", "extractive", "api")
    assert answered["ms"].keys() >= {"embed", "retrieve", "compose", "total"}
    assert answered["citations"] == len(answer.json()["citations"])
    for line in odd.lines():
        assert {"time", "level", "event"} <= line.keys()


@pytest.mark.model
def test_a_trusted_proxy_may_give_the_id_and_only_a_proper_one(odd):
    given = [("van-de-proxy.0001", True), ("kort", False), ("a" * 65, False), ("van de proxy; drop", False)]
    for number, kept in given:
        seen = httpx.get(f"{odd.url}/healthz", headers={"X-Request-ID": number}).headers["x-request-id"]
        assert (seen == number) is kept


@pytest.mark.model
def test_an_untrusted_client_cannot_choose_the_id(start_odd):
    server = start_odd(VERBIND_TRUSTED_PROXIES="10.1.2.3", VERBIND_LOG_QUESTIONS="true")
    seen = httpx.get(f"{server.url}/healthz", headers={"X-Request-ID": "van-de-proxy.0001"}).headers["x-request-id"]
    assert seen != "van-de-proxy.0001"
    question = {"question": "Wat is een korf? Mijn mail is pietje.puk@example.nl."}
    httpx.post(f"{server.url}/api/ask", json=question, timeout=120)
    asked = [line["question"] for line in server.lines() if line["event"] == "answer"]
    assert len(asked) == 1
    assert "Wat is een korf?" in asked[0]
    assert "pietje" not in server.log()


@pytest.fixture
def written():
    """Log to a string in the given form; everything is put back afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level

    def start(**settings):
        lines.start_logging(Settings(_env_file=None, **settings), stream=stream)
        return stream

    yield start
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_of_text_stays_one_line(written):
    stream = written(log_format="text")
    lines.event(
        logging.getLogger("verbind_bot.x"), "answer", status="a\nb 2026 INFO request", ms={"total": 1.5}, no=None
    )
    assert len(stream.getvalue().splitlines()) == 1
    assert 'status="a\\nb 2026 INFO request"' in stream.getvalue()
    assert "no=" not in stream.getvalue()


def test_other_libraries_are_quoted_only_where_they_cannot_quote_a_user(written):
    stream, other = written(log_format="json", log_level="debug"), logging.getLogger("some.library")
    with origin.request():
        other.info("fetched %s", "zeldzaamwoord")
        other.warning("odd body: %s", "zeldzaamwoord")
        other.warning(f"odd body: {'zeldzaamwoord'}")
        try:
            raise ValueError("zeldzaamwoord")
        except ValueError:
            other.exception("broken")
    logged = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in logged] == ["odd body: %s", "library message", "library message"]
    assert "zeldzaamwoord" not in stream.getvalue()
    assert logged[2]["error"] == "ValueError"


def test_an_error_outside_of_a_request_says_what_is_wrong(written):
    stream, own = written(log_format="json"), logging.getLogger("verbind_bot.loading")
    try:
        try:
            raise OSError("schijf vol")
        except OSError as error:
            raise CorpusError("het bestand is stuk", "x.md", 3) from error
    except CorpusError:
        own.exception("loading failed")
    line = json.loads(stream.getvalue())
    assert (line["error"], line["detail"]) == ("CorpusError < OSError", "x.md, regel 3: het bestand is stuk")


def test_a_level_that_is_not_set_keeps_short_commands_quiet(written, capsys):
    lines.start_logging(Settings(_env_file=None), quiet=True)
    lines.event(logging.getLogger("verbind_bot.x"), "answer")
    assert capsys.readouterr().err == ""
    lines.start_logging(Settings(_env_file=None, log_level="info"), quiet=True)
    lines.event(logging.getLogger("verbind_bot.x"), "answer")
    assert "answer" in capsys.readouterr().err


def key() -> dict[str, str]:
    return {"X-API-Key": "geheimsleutel"}


def of(server, number: str) -> list[dict]:
    """The lines of a request; its last is written after the response."""
    server.until(lambda: any(line["event"] == "request" for line in _with(server, number)))
    return _with(server, number)


def _with(server, number: str) -> list[dict]:
    return [line for line in server.lines() if line.get("request_id") == number]
