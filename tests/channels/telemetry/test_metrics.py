"""Figures for Prometheus: what is counted, by which labels, who may see it, and several workers."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from verbind_bot.channels.doctor import run_checks
from verbind_bot.channels.telemetry.metrics import Figures
from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import Settings
from verbind_bot.types import Answer, Dropped, Lookups, Status, Writing

HERE = ("127.0.0.1", 50000)
TOKEN = "een-lang-token"


def samples(text: str) -> dict[tuple, float]:
    """Every sample: its name with its labels -> its value."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def visit(small_parts, tmp_path):
    clients = []

    def open_with(client=HERE, **more):
        loader = Loader(lambda progress: small_parts)
        app = create_app(Settings(_env_file=None, data_dir=tmp_path, **more), loader)
        found = TestClient(app, raise_server_exceptions=False, client=client)
        found.__enter__()
        clients.append(found)
        while not loader.ready:
            assert loader.failed is None
        return found

    yield open_with
    for client in clients:
        client.__exit__(None, None, None)


@pytest.mark.model
def test_answers_requests_and_verdicts_are_counted_once(visit, small_parts):
    client = visit()
    before = samples(client.get("/metrics").text)
    answer = client.post("/api/ask", json={"question": "Wat is een korf?"}).json()
    client.post("/api/feedback", json={"answer_id": answer["id"], "verdict": "up"})
    client.post("/api/feedback", json={"answer_id": "weg", "verdict": "up"})
    client.get("/api/passages/1:kast")
    client.get("/zomaar/iets?q=x")
    client.get("/static/style.css")
    after = samples(client.get("/metrics").text)

    def more(name: str, **labels: str) -> float:
        key = (name, *sorted(labels.items()))
        return after.get(key, 0) - before.get(key, 0)

    assert more("verbind_answers_total", channel="api", mode="extractive", status="answered") == 1
    for step in ("embed", "retrieve", "compose", "total"):
        assert more("verbind_answer_seconds_count", step=step) == 1
    assert more("verbind_cache_total", cache="vectors", result="hit") > 0
    assert more("verbind_cache_total", cache="vectors", result="miss") == 0  # all are at hand from the start
    assert more("verbind_feedback_total", channel="api", verdict="up") == 1
    asked = {"method": "POST", "route": "/api/ask", "status": "200"}
    assert more("verbind_http_requests_total", **asked) == 1
    passage = {"method": "GET", "route": "/api/passages/{passage_id:path}", "status": "200"}
    assert more("verbind_http_requests_total", **passage) == 1
    assert more("verbind_http_requests_total", method="GET", route="-", status="404") == 1
    assert more("verbind_http_requests_total", method="GET", route="/static", status="200") == 1
    assert after[("verbind_http_requests_in_flight",)] == 1
    assert after[("verbind_ready",)] == 1
    assert after[("verbind_index_trouble",)] == 0
    assert time.time() - 24 * 3600 < after[("verbind_index_built_timestamp_seconds",)] <= time.time()
    assert after[("verbind_index_passages",)] == len(small_parts.corpus.passages)
    assert after[("verbind_index_vectors",)] == small_parts.index.vectors.count()


@pytest.mark.model
def test_only_this_machine_a_trusted_proxy_itself_and_the_admin_may_see_them(visit):
    far, bearer = ("10.0.0.9", 1), {"Authorization": f"Bearer {TOKEN}"}
    assert visit().get("/metrics").status_code == 200
    assert visit().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
    assert visit(far).get("/metrics").status_code == 401
    assert visit(far).get("/metrics", headers={"Authorization": "Bearer None"}).status_code == 401
    assert visit(far).get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401
    assert visit(far, trusted_proxies="10.0.0.0/24").get("/metrics").status_code == 200
    admin = visit(far, admin_token=TOKEN)
    refused = admin.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert admin.get("/metrics", headers=bearer).status_code == 200


def test_what_a_language_model_did_is_counted():
    counted = Figures()
    writing = Writing("m", 100, 20, 0.25, 1.0, 2.0, kept=2, dropped=(Dropped("x", "quote"),), fallback="dropped")
    counted.answer(Answer("1", "?", Status.ANSWERED, "t", mode="llm", writing=writing), "web")
    counted.answer(Answer("2", "?", Status.ANSWERED, "t"), "web")
    found = samples(counted.exposition("")[0].decode())
    assert found[("verbind_llm_tokens_total", ("kind", "prompt"))] == 100
    assert found[("verbind_llm_tokens_total", ("kind", "completion"))] == 20
    assert found[("verbind_llm_cost_euro_total",)] == 0.25
    assert found[("verbind_llm_sentences_total", ("result", "dropped"))] == 1
    assert found[("verbind_llm_fallbacks_total",)] == 1
    assert found[("verbind_answers_total", ("channel", "web"), ("mode", "llm"), ("status", "answered"))] == 1


def test_what_was_looked_up_is_counted_over_a_switch_of_the_index():
    counted, first, second = Figures(), Lookups(), Lookups(5, 1)
    for lookups in (first, second):
        counted.lookups(lookups)
        lookups.hits, lookups.misses = 10, 2
        counted.lookups(lookups)
        counted.lookups(lookups)
    found = samples(counted.exposition("")[0].decode())
    totals = [found[("verbind_cache_total", ("cache", "vectors"), ("result", each))] for each in ("hit", "miss")]
    assert totals == [20, 4]


def test_a_visitor_cannot_make_labels():
    counted = Figures()
    for name in ("GRUWEL", "PROPFIND"):
        counted.request("-", name, 405, 0.1)
    counted.verdict("<script>", "slack")
    found = samples(counted.exposition("")[0].decode())
    assert found[("verbind_http_requests_total", ("method", "other"), ("route", "-"), ("status", "405"))] == 2
    assert found[("verbind_feedback_total", ("channel", "slack"), ("verdict", "other"))] == 1


WORKER = """
from verbind_bot.channels.telemetry.metrics import figures
figures().request("/", "GET", 200, 0.1)
figures().index({"passages": 7, "vectors": 9})
print(figures().exposition("")[0].decode())
"""


def test_the_figures_of_several_workers_are_added_up(tmp_path):
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    texts = [
        subprocess.run([sys.executable, "-c", WORKER], env=env, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    requests = ("verbind_http_requests_total", ("method", "GET"), ("route", "/"), ("status", "200"))
    assert [samples(text)[requests] for text in texts] == [1, 2]
    assert samples(texts[1])[("verbind_index_passages",)] == 7


@pytest.mark.model
def test_doctor_shows_what_watches_over_the_server(small_settings, small_parts, tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "weg"))
    watched = {"log_format": "json", "admin_token": TOKEN, "otel_endpoint": "http://127.0.0.1:1", "port": 0}
    kept = {"data_dir": small_settings.data_dir, "corpus_dir": small_settings.corpus_dir}
    checks = {check.name: check for check in run_checks(Settings(_env_file=None, **kept, **watched))}
    assert checks["Log"].detail == "json, vanaf info, zonder vragen"
    assert (checks["Cijfers"].ok, checks["Traces"].ok) == (False, False)
    assert "VERBIND_OTEL_ENDPOINT" in checks["Traces"].remedy
    (tmp_path / "weg").mkdir()
    assert {check.name: check for check in run_checks(Settings(_env_file=None, **kept, **watched))}["Cijfers"].ok
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
    plain = {check.name for check in run_checks(Settings(_env_file=None, **kept, port=0))}
    assert not plain & {"Log", "Cijfers", "Traces"}
