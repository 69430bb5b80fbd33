"""Speed as ratios within one run; nothing here passes or fails on a time. Run with `make bench`."""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

import pytest
from fastapi.testclient import TestClient

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.index.build import entries_of, open_index
from verbind_bot.index.vectors import KINDS
from verbind_bot.settings import Settings

QUESTIONS = (
    "Hoe krijg ik ouders mee die nooit op school komen?",
    "Welke soorten scholen onderscheidt de Onderwijsraad?",
    "Wat doet een spelleider in een netwerk?",
    "Waarom werkt één model niet overal?",
    "Wie is verantwoordelijk voor de jeugd in een gemeente?",
    "Hoeveel kost een buurtteam per jaar?",
)


def test_embedding_a_question(benchmark, parts):
    questions = itertools.cycle(QUESTIONS)
    benchmark(lambda: parts.index.embedder.embed_queries([next(questions)]))


def test_a_whole_answer(benchmark, parts):
    questions = itertools.cycle(QUESTIONS)
    answers = []
    benchmark.pedantic(
        lambda: answers.append(parts.assistant.ask(next(questions), history=())), rounds=120, warmup_rounds=12
    )
    embed = median(a.timings_ms["embed"] for a in answers)
    total = median(a.timings_ms["total"] for a in answers)
    rest = median(a.timings_ms["total"] - a.timings_ms["embed"] for a in answers)
    print(
        f"\nmedians of {len(answers)} answers: whole {total:.1f} ms, embedding {embed:.1f} ms, the rest {rest:.1f} ms"
    )
    print(f"whole answer / embedding alone = {total / embed:.2f}")
    print(f"work besides embedding: {1000 / rest:.0f} questions a second on one core")


def test_everything_but_embedding(benchmark, parts, tmp_path, monkeypatch):
    """Whole requests over HTTP's path, storage included, with the questions' vectors known: what two cores can do."""
    embedder, known = parts.index.embedder, {}
    real = embedder.embed_queries

    def remembered(texts):
        key = tuple(texts)
        if key not in known:
            known[key] = real(texts)
        return known[key]

    monkeypatch.setattr(embedder, "embed_queries", remembered)
    loader = Loader(lambda progress: parts)
    app = create_app(Settings(_env_file=None, data_dir=tmp_path, questions_per_minute=0), loader)
    questions = itertools.cycle(QUESTIONS)
    with TestClient(app) as client:
        loader._thread.join()

        def ask():
            assert client.post("/api/ask", json={"question": next(questions)}).status_code == 200

        for _ in QUESTIONS:
            ask()
        spent = time.process_time()
        benchmark.pedantic(ask, rounds=300)
        spent = (time.process_time() - spent) / 300
    print(f"\nprocessor time of a request besides embedding: {1000 * spent:.1f} ms")
    print(f"{1 / spent:.0f} questions a second on one core, {2 / spent:.0f} on two (a process each)")


def test_a_passage_of_the_api(benchmark, parts):
    ids = itertools.cycle(parts.corpus.by_id)
    benchmark(lambda: parts.corpus.neighbours(parts.corpus.by_id[next(ids)]))


def test_indexing_against_embedding_the_same_texts(benchmark, parts, tmp_path):
    corpus, embedder = parts.corpus, parts.index.embedder
    raw = [(kind, e.text) for kind in KINDS for p in corpus.passages[:60] for e in entries_of(p, kind)]

    class Timed:
        name, dimension, spent = embedder.name, embedder.dimension, 0.0

        def _timed(self, embed, texts):
            started = time.perf_counter()
            rows = embed(texts)
            self.spent += time.perf_counter() - started
            return rows

        def embed_queries(self, texts):
            return self._timed(embedder.embed_queries, texts)

        def embed_documents(self, texts):
            return self._timed(embedder.embed_documents, texts)

    timed = Timed()
    small = type(corpus)(corpus.sections, corpus.passages[:60], corpus.references, corpus.terms)
    started = time.perf_counter()
    benchmark.pedantic(lambda: open_index(small, timed, tmp_path / "index"), rounds=1)
    whole = time.perf_counter() - started
    print(
        f"\nindexing {len(raw)} texts / embedding them: {whole:.1f} / {timed.spent:.1f} s = {whole / timed.spent:.3f}"
    )


def test_memory(benchmark, parts):
    parts.assistant.ask(QUESTIONS[0], history=())
    benchmark.pedantic(lambda: None, rounds=1)
    print(f"\npeak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def test_alive_while_the_model_loads(benchmark, tmp_path):
    binary = Path(sys.executable).with_name("verbind-bot")
    if not binary.exists():
        pytest.skip("verbind-bot is not installed beside this Python")

    def until_alive() -> None:
        environment = {**os.environ, "VERBIND_DATA_DIR": str(tmp_path), "VERBIND_PORT": "8765"}
        server = subprocess.Popen([binary, "serve"], env=environment, stderr=subprocess.DEVNULL)
        try:
            while True:
                try:
                    urllib.request.urlopen("http://127.0.0.1:8765/healthz", timeout=5).read()
                    return
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.01)
        finally:
            server.kill()
            server.wait()

    benchmark.pedantic(until_alive, rounds=5)
