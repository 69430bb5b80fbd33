"""`verbind-bot eval` as a maintainer runs it, over a small corpus, in process and over HTTP."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest
import uvicorn
from tests.conftest import ROOT
from typer.testing import CliRunner

from verbind_bot.channels.cli import app
from verbind_bot.channels.web.app import create_app
from verbind_bot.settings import load_settings

pytestmark = pytest.mark.model
FOLDER = ROOT / "tests" / "data" / "volkstuin"


@pytest.fixture
def evals(tmp_path, monkeypatch):
    shutil.copytree(FOLDER / "evals", tmp_path / "evals")
    monkeypatch.setenv("VERBIND_CORPUS_DIR", str(FOLDER / "corpus"))
    monkeypatch.setenv("VERBIND_DATA_DIR", str(ROOT / ".data" / "volkstuin"))
    (tmp_path / "evals" / "thresholds.toml").write_text('[test]\n"hit@5" = 0.5\n', encoding="utf-8")
    return tmp_path / "evals"


def run(*arguments):
    return CliRunner().invoke(app, ["eval", *map(str, arguments)], env={"COLUMNS": "160"})


def saved_in(output):
    (line,) = [line for line in output.splitlines() if line.startswith("Meting: ")]
    return Path(line.removeprefix("Meting: "))


def test_a_run_is_saved_with_all_that_it_was_made_with(evals):
    done = run("--split", "test", "--evals", evals, "--check")
    assert done.exit_code == 0, done.output
    folder = saved_in(done.output)
    assert {f.name for f in folder.iterdir()} >= {
        "results.jsonl", "manifest.json", "summary.json", "run.trec", "qrels.trec", "report.html", "report.md",
    }  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text())
    assert len(manifest["corpus_hash"]) == 16
    assert manifest["files"]["evals/queries.jsonl"]
    assert len((folder / "results.jsonl").read_text().splitlines()) == 60


def test_a_figure_below_its_threshold_ends_with_code_1_and_names_the_questions(evals):
    (evals / "thresholds.toml").write_text('[test]\n"hit@1" = 1.0\n', encoding="utf-8")
    done = run("--split", "test", "--evals", evals, "--check", "--no-report")
    assert done.exit_code == 1
    assert "test, hit@1" in done.output
    assert "tuin-0" in done.output


def test_a_baseline_needs_both_splits(evals):
    done = run("--split", "test", "--evals", evals, "--accept")
    assert done.exit_code != 0
    assert not (evals / "baseline.json").exists()


def test_a_server_is_measured_like_the_assistant_itself(evals):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(load_settings()), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        for _ in range(300):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                    break
            except httpx.ConnectError:
                pass
            time.sleep(0.1)
        over_http = run("--split", "test", "--evals", evals, "--no-report", "--url", f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(10)
    inside = run("--split", "test", "--evals", evals, "--no-report")
    assert over_http.exit_code == inside.exit_code == 0, over_http.output
    figures = [json.loads((saved_in(d.output) / "summary.json").read_text()) for d in (over_http, inside)]
    assert figures[0]["splits"]["test"]["measures"] == figures[1]["splits"]["test"]["measures"]


@pytest.mark.parametrize(("url", "said"), [("ftp://x", "geen webadres"), ("http://127.0.0.1:9", "geen antwoord")])
def test_a_wrong_address_is_explained(evals, url, said):
    done = run("--split", "test", "--evals", evals, "--url", url)
    assert done.exit_code != 0
    assert said in done.output + str(done.exception)
