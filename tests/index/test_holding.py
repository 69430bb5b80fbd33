"""One process may write a local index; others are told who has it, and read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from verbind_bot.corpus.library import load_corpus
from verbind_bot.errors import HeldError, IndexingError
from verbind_bot.index.build import open_index, open_release
from verbind_bot.index.holding import hold, holder, refuse_when_held, writing

HOLD = """
import sys
from pathlib import Path
from verbind_bot.index.holding import hold
kept = hold(Path(sys.argv[1]))
print("held" if kept else "not", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def server(tmp_path):
    """Another process that holds the right to write."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_who_holds_it_is_known_and_nobody_else_gets_it(server, tmp_path):
    found = holder(tmp_path)
    assert (found.pid, found.here) == (server.pid, False)
    assert hold(tmp_path) is None
    with pytest.raises(HeldError, match=rf"proces {server.pid}, sinds .* Stop die server"):
        refuse_when_held(tmp_path)


def test_a_killed_server_holds_nothing(server, tmp_path):
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    assert holder(tmp_path) is None
    kept = hold(tmp_path)
    assert holder(tmp_path).here
    refuse_when_held(tmp_path)
    kept.release()
    kept.release()
    assert holder(tmp_path) is None


def test_another_process_reads_what_the_server_has_and_cannot_build(small_corpus, embedder, tmp_path):
    before = load_corpus(small_corpus)
    open_index(before, embedder, tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "held\n"
        file = small_corpus / "notitie" / "1.md"
        file.write_text(file.read_text(encoding="utf-8").replace("juli", "mei"), encoding="utf-8")
        opened = open_release(load_corpus(small_corpus), embedder, tmp_path)
        assert opened.corpus == before
        with pytest.raises(HeldError):
            open_index(load_corpus(small_corpus), embedder, tmp_path, rebuild=True)
    finally:
        process.communicate("")
    assert open_release(load_corpus(small_corpus), embedder, tmp_path).corpus != before


def test_a_builder_waits_for_another_and_says_so_when_it_takes_too_long(tmp_path):
    with writing(tmp_path), pytest.raises(HeldError, match="Wacht tot het klaar is"), writing(tmp_path, wait=0.1):
        pass
    with writing(tmp_path, wait=0.1):
        assert holder(tmp_path) is None


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "in-de-weg").write_text("")
    with pytest.raises(IndexingError, match="VERBIND_DATA_DIR"):
        hold(tmp_path / "in-de-weg" / "index")


CHANGE = """
import sys
from pathlib import Path
from verbind_bot.corpus.library import load_corpus
from verbind_bot.index.build import open_index
from verbind_bot.index.embedding import load_embedder
corpus, folder, months = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
embedder, file = load_embedder(), corpus / "notitie" / "1.md"
text = file.read_text(encoding="utf-8")
for month in months:
    file.write_text(text.replace("juli", month), encoding="utf-8")
    open_index(load_corpus(corpus), embedder, folder)
    print(month, flush=True)
"""


def test_a_reader_in_another_process_than_the_builder_sees_each_release_whole(small_corpus, embedder, tmp_path):
    first = open_release(load_corpus(small_corpus), embedder, tmp_path)
    vector = embedder.embed_queries(["Wanneer oogst een imker?"])[0]
    months = ["mei", "juni", "augustus", "september"]
    process = subprocess.Popen(
        [sys.executable, "-c", CHANGE, str(small_corpus), str(tmp_path), *months], stdout=subprocess.PIPE, text=True
    )
    seen = {first.corpus.hash}
    opened = first
    while True:
        ended = process.poll() is not None
        if opened.index.pointer().current != opened.index.release:
            opened = open_release(None, embedder, tmp_path)
            seen.add(opened.corpus.hash)
        for kind in ("passages", "statements", "questions"):
            found = opened.index.vectors.entries(kind, vector, 100)
            assert len(found) == len(opened.index.vectors._own[kind])
        if ended:
            break
        time.sleep(0.01)
    assert process.returncode == 0
    assert len(seen) > 1
    assert "september" in "".join(p.text for p in opened.corpus.passages)
