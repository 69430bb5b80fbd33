"""The index is switched while questions go on."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import numpy as np
import pytest
from fastapi.testclient import TestClient
from tests.chroma_server import ChromaServer
from tests.conftest import write_small_corpus

from verbind_bot.bootstrap import add_source, build
from verbind_bot.channels.keeping import roll_back_index
from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.watching import CorpusWatch, watched
from verbind_bot.errors import IndexingError
from verbind_bot.index.adapting import ADAPTER, Adapter
from verbind_bot.index.chroma import open_client
from verbind_bot.index.embedding import DEFAULT_MODEL
from verbind_bot.index.moving import roll_back, unpin
from verbind_bot.settings import Settings
from verbind_bot.types import Status

pytestmark = pytest.mark.model
QUESTION = "Wanneer haal je honing uit de kast?"


@pytest.fixture
def settings(tmp_path):
    write_small_corpus(tmp_path / "corpus")
    return Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        corpus_dir=tmp_path / "corpus",
        watch_seconds=0.1,
        admin_token="geheim",
        questions_per_minute=0,
    )


@pytest.fixture
def edit(settings):
    """A function that puts another text in the place of 'juli'."""
    file = settings.corpus_dir / "notitie" / "1.md"
    text = file.read_text(encoding="utf-8")

    def put(month):
        part = file.with_name(".part")
        part.write_text(text.replace("juli", month), encoding="utf-8")
        part.replace(file)

    return put


@pytest.fixture
def loader(settings):
    loader = watched(settings)
    loader.load(lambda done, total: None)
    loader.start()
    yield loader
    loader.stop()
    loader._thread.join()


def until(true, seconds=120):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def text_of(parts):
    return " ".join(passage.text for passage in parts.corpus.passages)


def test_threads_ask_without_pause_while_the_corpus_is_changed_three_times(loader, edit):
    faults, answered, stop = [], [], threading.Event()

    def ask():
        while not stop.is_set():
            parts = loader.now().parts()
            try:
                answer = parts.assistant.ask(QUESTION, history=())
                assert answer.status is Status.ANSWERED
                assert answer.citations
                for citation in answer.citations:
                    assert citation.quote in parts.corpus.by_id[citation.passage_id].text
                answered.append(answer.text)
            except Exception as error:
                faults.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    months = ["juli", "mei", "augustus", "september"]
    try:
        for before, month in pairwise(months):
            until(lambda before=before: any(before in text for text in answered))
            edit(month)
            until(lambda month=month: any(month in text for text in answered))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert faults == []
    last = loader.parts()
    assert "september" in last.assistant.ask(QUESTION, history=()).text
    assert "augustus" not in text_of(last)
    assert not last.index.words.knows("augustus")


def test_a_request_keeps_what_it_began_with(loader, edit):
    stand = loader.now()
    edit("mei")
    until(lambda: "mei" in text_of(loader.parts()))
    answer = stand.parts().assistant.ask(QUESTION, history=())
    assert "juli" in answer.text
    assert answer.citations[0].quote in stand.parts().corpus.by_id[answer.citations[0].passage_id].text


def test_a_broken_corpus_keeps_the_old_one_and_is_shown(settings, loader, edit):
    file = settings.corpus_dir / "notitie" / "1.md"
    with TestClient(create_app(settings, loader)) as client:
        file.write_text("---\nlocator: [\n---\n", encoding="utf-8")
        until(lambda: loader.now().problem)
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert "1.md" in ready.json()["detail"]
        assert "juli" in client.post("/api/ask", json={"question": QUESTION}).json()["text"]
        client.post("/beheer", data={"token": "geheim"})
        assert "1.md" in client.get("/beheer").text
        edit("mei")
        until(lambda: "mei" in text_of(loader.parts()))
        assert client.get("/readyz").json()["detail"] == "klaar"
        assert "mei" in client.post("/api/ask", json={"question": QUESTION}).json()["text"]


def test_a_server_that_starts_with_a_broken_corpus_answers_from_the_index(settings):
    build(settings)
    (settings.corpus_dir / "notitie" / "1.md").write_text("---\nlocator: [\n---\n", encoding="utf-8")
    with TestClient(create_app(settings)) as client:
        loader = client.app.state.loader
        until(lambda: loader.ready or loader.failed)
        assert "1.md" in client.get("/readyz").json()["detail"]
        assert "juli" in client.post("/api/ask", json={"question": QUESTION}).json()["text"]


def test_a_first_start_that_failed_is_tried_again_when_the_corpus_is_mended(settings, edit):
    (settings.corpus_dir / "notitie" / "1.md").write_text("---\nlocator: [\n---\n", encoding="utf-8")
    with TestClient(create_app(settings)) as client:
        until(lambda: client.app.state.loader.failed)
        assert client.get("/readyz").json()["status"] == "failed"
        edit("mei")
        until(lambda: client.get("/readyz").status_code == 200)
        assert "mei" in client.post("/api/ask", json={"question": QUESTION}).json()["text"]


def test_a_roll_back_is_followed_and_stays(settings, loader, edit):
    edit("mei")
    until(lambda: "mei" in text_of(loader.parts()))
    roll_back(settings.index_dir, None, loader.parts().index.embedder.name)
    until(lambda: "juli" in text_of(loader.parts()))
    assert loader.parts().index.pinned
    edit("augustus")
    assert not loader._watch.changed(loader.parts())
    assert "juli" in text_of(loader.parts())
    unpin(settings.index_dir)
    until(lambda: "augustus" in text_of(loader.parts()))


def test_the_command_rolls_back_an_index_of_an_adapted_model_too(settings, edit):
    same = np.eye(384, dtype=np.float32)
    Adapter(same, same, DEFAULT_MODEL).save(settings.corpus_dir / ADAPTER)
    build(settings)
    edit("mei")
    assert "adapter" in build(settings).index.release.model
    roll_back_index(settings)
    assert "juli" in text_of(build(settings))


def test_intakes_and_conversations_go_on_over_a_switch(settings, loader, edit):
    with TestClient(create_app(settings, loader)) as client:
        first = client.post("/api/ask", json={"question": QUESTION}).json()
        intake = client.post("/api/intakes", json={"flow": "wijkanalyse"}).json()
        edit("mei")
        until(lambda: "mei" in text_of(loader.parts()))
        again = client.post("/api/ask", json={"question": QUESTION, "conversation_id": first["conversation_id"]})
        assert again.json()["conversation_id"] == first["conversation_id"]
        assert client.get(f"/api/intakes/{intake['id']}").status_code == 200


def test_an_index_of_another_version_is_refused_with_what_to_do(settings):
    build(settings)
    client = open_client(settings.index_dir / "chroma")
    client.get_collection("verbind", embedding_function=None).modify(metadata={"format": 99})
    with TestClient(create_app(settings)) as browser:
        until(lambda: browser.app.state.loader.failed)
        assert "ingest --rebuild" in browser.get("/readyz").json()["detail"]
    assert build(settings, rebuild=True).assistant.ask(QUESTION, history=()).status is Status.ANSWERED


def test_what_another_adds_while_an_index_is_made_is_in_it(settings, tmp_path):
    (tmp_path / "was.md").write_text("# Was\n\nVan bijenwas maak je kaarsen voor de winter.\n", encoding="utf-8")
    added = []

    def progress(done, total):
        if not added:
            added.append(add_source(settings, tmp_path / "was.md"))

    parts = build(settings, progress)
    assert "kaarsen" in text_of(parts)
    assert parts.index.pointer().current == parts.index.release


def test_machines_with_different_corpora_do_not_take_turns(settings, tmp_path):
    chroma = ChromaServer(tmp_path / "chroma")
    chroma.start()
    try:
        here = settings.model_copy(update={"chroma_url": chroma.url})
        there = here.model_copy(update={"data_dir": tmp_path / "there"})
        first, second = CorpusWatch(here), CorpusWatch(there)
        note = lambda done, total: None  # noqa: E731
        parts, others = first.build(note, None), second.build(note, None)
        assert others.index.release == parts.index.release
        (tmp_path / "was.md").write_text("# Was\n\nVan bijenwas maak je kaarsen voor de winter.\n", encoding="utf-8")
        add_source(here, tmp_path / "was.md")
        assert first.changed(parts)
        parts = first.build(note, parts)
        assert second.changed(others)
        with pytest.raises(IndexingError, match="ander corpus"):
            second.build(note, others)
        assert not first.changed(parts)
        assert "juli" in others.assistant.ask(QUESTION, history=()).text
        add_source(there, tmp_path / "was.md")
        assert second.changed(others)
        assert second.build(note, others).index.release == parts.index.release
        assert not first.changed(parts)
    finally:
        chroma.stop()
