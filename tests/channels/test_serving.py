"""Real server processes: who may write, what other commands do meanwhile, and several workers over one Chroma."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
from tests.chroma_server import ChromaServer, free_port
from tests.conftest import write_small_corpus

pytestmark = pytest.mark.model
RUN = "from verbind_bot.channels.cli import main; main()"
QUESTION = "Wanneer haal je honing uit de kast?"


@pytest.fixture
def home(tmp_path):
    write_small_corpus(tmp_path / "corpus")
    return tmp_path


def environment(home, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VERBIND_")}
    own = {"DATA_DIR": home / "data", "CORPUS_DIR": home / "corpus", "WATCH_SECONDS": "0.3", "QUESTIONS_PER_MINUTE": 0}
    return kept | {f"VERBIND_{name}": str(value) for name, value in {**own, **more}.items()}


def bot(home, *arguments, **more):
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=home, env=environment(home, **more))


@contextmanager
def serving(home, *arguments, **more):
    """A server that answers, and its address."""
    port = free_port()
    log = (home / f"log-{port}.txt").open("w")
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "serve", "--port", str(port), *arguments],
        stdout=log, stderr=log, cwd=home, env=environment(home, **more),
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: status_of(f"{url}/readyz") == 200)
        yield url, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        log.close()


def status_of(url):
    try:
        return httpx.get(url).status_code
    except httpx.HTTPError:
        return 0


def until(true):
    end = time.monotonic() + 180
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def ask(url, question=QUESTION):
    return httpx.post(f"{url}/api/ask", json={"question": question}, timeout=60).raise_for_status().json()["text"]


@contextmanager
def asking(url, users=6):
    """Several users who ask without pause; gives what they heard, or what went wrong."""
    heard, stop = [], threading.Event()

    def user():
        while not stop.is_set():
            try:
                heard.append(ask(url))
            except Exception as error:
                heard.append(repr(error))

    threads = [threading.Thread(target=user) for _ in range(users)]
    for thread in threads:
        thread.start()
    try:
        yield heard
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def edit(home, month):
    file = home / "corpus" / "notitie" / "1.md"
    part = home / "part"
    part.write_text(file.read_text(encoding="utf-8").replace("juli", month), encoding="utf-8")
    part.replace(file)


def test_a_server_takes_in_what_other_commands_leave_to_it(home):
    with serving(home) as (url, process):
        assert "juli" in ask(url)
        (home / "was.md").write_text("# Was\n\n## Kaarsen\n\nVan bijenwas maak je kaarsen.\n", encoding="utf-8")
        done = bot(home, "ingest", "was.md")
        assert done.returncode == 0, done.stderr
        assert f"proces {process.pid}" in " ".join(done.stdout.split())
        until(lambda: "kaarsen" in ask(url, "Wat maak je van bijenwas?"))
        refused = bot(home, "ingest", "--rebuild")
        assert refused.returncode == 1
        assert f"proces {process.pid}" in " ".join(refused.stderr.split())
        assert "Traceback" not in refused.stderr
        asked = bot(home, "ask", QUESTION)
        assert asked.returncode == 0, asked.stderr
        assert "juli" in asked.stdout
        back = bot(home, "ingest", "--rollback")
        assert back.returncode == 0, back.stderr
        until(lambda: "kaarsen" not in ask(url, "Wat maak je van bijenwas?"))
        listed = " ".join(bot(home, "ingest", "--list").stdout.split())
        assert "De index staat vast op een eerdere versie" in listed
        assert "was.md" in listed
        assert "Hij is los" in " ".join(bot(home, "ingest").stdout.split())
        until(lambda: "kaarsen" in ask(url, "Wat maak je van bijenwas?"))
        copied = bot(home, "backup", "kopie.tar.gz")
        assert copied.returncode == 0, copied.stderr
        assert bot(home, "restore", "kopie.tar.gz").returncode == 1
    restored = bot(home, "restore", "kopie.tar.gz", DATA_DIR=home / "elders")
    assert restored.returncode == 0, restored.stderr
    assert "kaarsen" in bot(home, "ask", "Wat maak je van bijenwas?", DATA_DIR=home / "elders").stdout


def test_a_second_server_reads_and_takes_over_when_the_first_is_killed(home):
    with serving(home) as (first, process), serving(home) as (second, _):
        assert ask(first) == ask(second)
        edit(home, "mei")
        until(lambda: "mei" in ask(first))
        until(lambda: "mei" in ask(second))
        process.kill()
        process.wait()
        file = home / "corpus" / "notitie" / "1.md"
        file.write_text(file.read_text(encoding="utf-8").replace("mei", "augustus"), encoding="utf-8")
        until(lambda: "augustus" in ask(second))


def test_several_workers_are_refused_over_a_folder(home):
    done = bot(home, "serve", "--workers", "2")
    assert done.returncode == 1
    assert "VERBIND_CHROMA_URL" in done.stderr


def test_two_workers_over_one_chroma_switch_together(home):
    chroma = ChromaServer(home / "chroma")
    chroma.start()
    try:
        with serving(home, "--workers", "2", CHROMA_URL=chroma.url) as (url, _):
            until(lambda: all(status_of(f"{url}/readyz") == 200 for _ in range(20)))
            assert all("juli" in ask(url) for _ in range(10))
            with asking(url) as heard:
                edit(home, "mei")
                until(lambda: all("mei" in ask(url) for _ in range(20)))
            assert len(heard) > 20
            assert [text for text in heard if not re.search(r"oogst de honing in (juli|mei)\. \[1\]", text)] == []
            (home / "was.md").write_text("# Was\n\n## Kaarsen\n\nVan bijenwas maak je kaarsen.\n", encoding="utf-8")
            assert bot(home, "ingest", "was.md", CHROMA_URL=chroma.url).returncode == 0
            until(lambda: all("kaarsen" in ask(url, "Wat maak je van bijenwas?") for _ in range(20)))
        copied = bot(home, "backup", "kopie.tar.gz", CHROMA_URL=chroma.url)
        assert copied.returncode == 0, copied.stderr
    finally:
        chroma.stop()
    # What came from a server goes into a folder.
    restored = bot(home, "restore", "kopie.tar.gz", DATA_DIR=home / "elders")
    assert restored.returncode == 0, restored.stderr
    assert "kaarsen" in bot(home, "ask", "Wat maak je van bijenwas?", DATA_DIR=home / "elders").stdout
