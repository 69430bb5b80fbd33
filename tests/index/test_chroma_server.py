"""The same index on a real Chroma server: away, back, behind a key, at a wrong address."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient
from tests.chroma_server import ChromaServer, Gate, free_port
from tests.conftest import write_small_corpus

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.watching import watched
from verbind_bot.corpus.library import load_corpus
from verbind_bot.errors import UnavailableError
from verbind_bot.index.build import open_index, open_release
from verbind_bot.index.chroma import Server, open_client
from verbind_bot.index.moving import look, roll_back, unpin
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
QUESTION = "Wanneer haal je honing uit de kast?"


@pytest.fixture
def chroma(tmp_path):
    server = ChromaServer(tmp_path / "chroma")
    server.start()
    yield server
    server.stop()


def test_it_builds_switches_and_rolls_back_as_a_folder_does(chroma, small_corpus, embedder, tmp_path):
    server, file = Server(chroma.url), small_corpus / "notitie" / "1.md"
    before = load_corpus(small_corpus)
    old = open_index(before, embedder, tmp_path / "een", server)
    file.write_text(file.read_text(encoding="utf-8").replace("juli", "mei"), encoding="utf-8")
    corpus = load_corpus(small_corpus)
    new = open_index(corpus, embedder, tmp_path / "een", server)
    vector = embedder.embed_queries([QUESTION])[0]
    for index in (old, new):
        assert set(index.vectors.entries("passages", vector, 50)) == index.vectors._own["passages"]
    assert old.vectors._own != new.vectors._own
    roll_back(tmp_path / "een", server, embedder.name)
    assert open_release(corpus, embedder, tmp_path / "een", server).corpus == before
    assert unpin(tmp_path / "een", server)
    # A machine of its own has no snapshots, but the same corpus: it needs none, and embeds nothing.
    opened = open_release(corpus, embedder, tmp_path / "een", server)
    elsewhere = open_release(corpus, embedder, tmp_path / "twee", server)
    assert elsewhere.index.release == opened.index.release
    assert look(tmp_path / "twee", server).current == opened.index.release


def test_a_server_that_comes_back_is_found_again_without_opening_anything(chroma, small_corpus, embedder, tmp_path):
    index = open_index(load_corpus(small_corpus), embedder, tmp_path, Server(chroma.url))
    vector = embedder.embed_queries([QUESTION])[0]
    found = index.vectors.entries("passages", vector, 5)
    chroma.stop()
    with pytest.raises(UnavailableError, match="Probeer het zo opnieuw"):
        index.vectors.entries("passages", vector, 5)
    with pytest.raises(UnavailableError, match="antwoordt niet"):
        open_client(tmp_path, Server(chroma.url))
    chroma.start()
    assert index.vectors.entries("passages", vector, 5) == found


def test_a_key_is_sent_and_its_lack_is_said(chroma, small_corpus, embedder, tmp_path):
    gate = Gate(chroma.port, "geheim")
    try:
        for token, advice in ((None, "Zet de sleutel"), ("fout", "Controleer VERBIND_CHROMA_TOKEN")):
            with pytest.raises(UnavailableError, match=advice) as caught:
                open_client(tmp_path, Server(gate.url, token))
            assert "fout" not in str(caught.value)
        index = open_index(load_corpus(small_corpus), embedder, tmp_path, Server(gate.url, "geheim"))
        assert index.vectors.entries("passages", embedder.embed_queries([QUESTION])[0], 5)
    finally:
        gate.stop()
    assert "geheim" not in repr(Server("http://x", "geheim"))


def test_a_wrong_path_another_server_and_nobody_are_told_apart(chroma, tmp_path):
    with pytest.raises(UnavailableError, match=r"geen Chroma.*het pad"):
        open_client(tmp_path, Server(f"{chroma.url}/verkeerd"))

    class Other(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<h1>Welkom</h1>")

        def log_message(self, *args): ...

    other = ThreadingHTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    with pytest.raises(UnavailableError, match="geen Chroma"):
        open_client(tmp_path, Server(f"http://127.0.0.1:{other.server_port}"))
    other.shutdown()
    other.server_close()
    with pytest.raises(UnavailableError, match="chroma run") as caught:
        open_client(tmp_path, Server(f"http://wie:wachtwoord@127.0.0.1:{free_port()}"))
    assert "wachtwoord" not in str(caught.value)


def until(true):
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def test_the_web_server_says_that_the_index_is_away_and_goes_on_when_it_is_back(chroma, tmp_path):
    corpus = write_small_corpus(tmp_path / "corpus")
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        corpus_dir=corpus,
        chroma_url=chroma.url,
        watch_seconds=0.2,
        questions_per_minute=0,
    )
    loader = watched(settings)
    with TestClient(create_app(settings, loader)) as client:
        until(lambda: loader.ready or loader.failed)
        asked = {"question": QUESTION}
        assert client.post("/api/ask", json=asked).json()["status"] == "answered"
        chroma.stop()
        away = client.post("/api/ask", json=asked)
        assert (away.status_code, away.headers["content-type"]) == (503, "application/problem+json")
        assert "niet te bereiken" in away.json()["detail"]
        assert away.headers["retry-after"]
        events = client.post("/api/ask", json=asked, headers={"Accept": "text/event-stream"}).text
        assert "event: error" in events
        assert "niet te bereiken" in events
        page = client.post("/", data={"vraag": QUESTION}, headers={"Accept": "text/html"})
        assert page.status_code == 503
        until(lambda: client.get("/readyz").json()["status"] == "unavailable")
        assert client.get("/healthz").status_code == 200
        chroma.start()
        assert client.post("/api/ask", json=asked).json()["status"] == "answered"
        until(lambda: client.get("/readyz").json() == {"status": "ready", "detail": "klaar"})


def test_a_server_that_starts_before_chroma_does_goes_on_by_itself(tmp_path):
    chroma = ChromaServer(tmp_path / "chroma")
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        corpus_dir=write_small_corpus(tmp_path / "corpus"),
        chroma_url=chroma.url,
        watch_seconds=0.2,
    )
    loader = watched(settings)
    with TestClient(create_app(settings, loader)) as client:
        until(lambda: loader.failed)
        assert "chroma run" in client.get("/readyz").json()["detail"]
        chroma.start()
        try:
            until(lambda: loader.ready)
            assert client.post("/api/ask", json={"question": QUESTION}).json()["status"] == "answered"
        finally:
            chroma.stop()
