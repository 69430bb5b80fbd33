"""The terminal, as a user runs it, over the tiny corpus."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.conftest import write_small_corpus

pytestmark = pytest.mark.model
KEYS = {
    "id", "question", "status", "mode", "text", "sentences", "citations", "follow_ups", "missing", "retrieved",
    "timings_ms", "conversation_id", "writing", "confidence",
}  # fmt: skip
RUN = "from verbind_bot.channels.cli import main; main()"
RUNNING = (
    "from verbind_bot.channels.slack import running; "
    "running.run_socket_mode = lambda settings, parts: print(type(parts()).__name__)"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    write_small_corpus(folder / "corpus")
    return folder


@pytest.fixture
def bot(home, monkeypatch):
    monkeypatch.setenv("VERBIND_DATA_DIR", str(home / "data"))
    monkeypatch.setenv("VERBIND_CORPUS_DIR", str(home / "corpus"))

    def run(*arguments: str, run: str = RUN) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", run, *arguments], capture_output=True, text=True, cwd=home)

    return run


def test_ask_prints_cited_sentences_and_their_sources(bot):
    done = bot("ask", "Welke kasten zijn er?")
    assert done.returncode == 0
    answer, _, sources = done.stdout.partition("Bronnen")
    assert "simplexkast;" in answer
    assert "[1]" in answer
    assert "Jansen (1999)" in sources


def test_ask_json_prints_one_answer(bot):
    answer = json.loads(bot("ask", "Waar wonen bijen in?", "--json").stdout)
    assert answer.keys() == KEYS
    assert answer["sentences"]
    assert answer["citations"][0]["source"] == "notitie"


def test_a_batch_keeps_ids_and_uses_history(bot, home):
    questions = [
        {"id": "a", "question": "Welke kasten zijn er?"},
        {"id": 7, "question": "en wie noemt die?", "history": ["Welke kasten zijn er?"]},
        {"id": "leeg", "question": "   "},
        {"id": "z", "question": "Waar wonen bijen in?", "history": None},
    ]
    (home / "in.jsonl").write_text("\n".join(map(json.dumps, questions)) + "\n\n", encoding="utf-8")
    done = bot("ask", "--batch", "in.jsonl", "--out", "uit/antwoorden.jsonl")
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in (home / "uit" / "antwoorden.jsonl").read_text("utf-8").splitlines()]
    assert [answer["id"] for answer in answers] == ["a", 7, "leeg", "z"]
    assert "leeg" in answers[2]["error"]
    assert "Jansen" in answers[1]["text"]


def test_a_broken_batch_line_is_named_before_anything_is_answered(bot, home):
    (home / "stuk.jsonl").write_text('{"id": 1, "question": "Wat?"}\n{"id": 2, "vraag": "x"}\n', encoding="utf-8")
    done = bot("ask", "--batch", "stuk.jsonl")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "regel 2" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["ask", "  "], "leeg"), (["ask", "x" * 1001], "te lang"), (["ask"], "Geef een vraag")],
)
def test_a_question_that_cannot_be_taken_is_explained(bot, arguments, message):
    done = bot(*arguments)
    assert done.returncode == 1
    assert message in done.stderr


def test_passages_prints_a_beir_corpus(bot):
    lines = [json.loads(line) for line in bot("passages").stdout.splitlines()]
    assert {"_id", "title", "text", "metadata"} == lines[0].keys()
    assert [line["_id"] for line in lines][:2] == ["1:kast", "1:jaar"]
    assert lines[0]["metadata"]["locator"] == "1"
    assert lines[0]["metadata"]["references"] == ["jansen1999"]


def test_what_is_ingested_is_found(bot, home):
    (home / "was.md").write_text("# Was\n\n## Kaarsen\n\nVan bijenwas maak je kaarsen.\n", encoding="utf-8")
    assert bot("ingest", "was.md").returncode == 0
    assert "kaarsen" in bot("ask", "Wat maak je van bijenwas?").stdout


def test_a_file_that_is_not_there_is_named(bot):
    done = bot("ingest", "weg.md")
    assert done.returncode == 1
    assert "weg.md" in done.stderr


def test_doctor_says_what_is_wrong_and_what_to_do(bot, monkeypatch, tmp_path):
    monkeypatch.setenv("VERBIND_PORT", "18123")
    good = bot("doctor")
    assert good.returncode == 0, good.stdout
    monkeypatch.setenv("VERBIND_CORPUS_DIR", str(tmp_path / "leeg"))
    bad = bot("doctor")
    assert bad.returncode == 1
    assert "VERBIND_CORPUS_DIR" in bad.stdout + bad.stderr


def test_slack_names_the_token_that_is_missing(bot, monkeypatch):
    assert "VERBIND_SLACK_APP_TOKEN" in bot("slack").stderr
    monkeypatch.setenv("VERBIND_SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("VERBIND_SLACK_CLIENT_ID", "1.2")
    done = bot("slack")
    assert done.returncode == 1
    assert "VERBIND_SLACK_BOT_TOKEN" in done.stderr


def test_slack_in_several_workspaces_has_an_assistant_and_a_place_for_their_tokens(bot, home, monkeypatch):
    for name, value in (("APP_TOKEN", "xapp-1"), ("CLIENT_ID", "1.2"), ("CLIENT_SECRET", "geheim")):
        monkeypatch.setenv(f"VERBIND_SLACK_{name}", value)
    monkeypatch.setenv("VERBIND_DATABASE_URL", f"sqlite:///{home}/slack.db")
    done = bot("slack", run=f"{RUNNING}; {RUN}")
    assert done.returncode == 0, done.stderr
    assert "Parts" in done.stdout
    with closing(sqlite3.connect(home / "slack.db")) as database:
        assert database.execute("SELECT count(*) FROM slack_bots").fetchone() == (0,)


def test_an_unknown_setting_is_refused_with_the_nearest_name(bot, monkeypatch):
    monkeypatch.setenv("VERBIND_CORPUS_DIRR", "x")
    done = bot("passages")
    assert done.returncode == 1
    assert "VERBIND_CORPUS_DIR" in done.stderr
