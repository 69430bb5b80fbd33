"""`verbind-bot eval` with a language model: both modes side by side, and what the model's words may not cost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.llm_fake.server import MODEL
from typer.testing import CliRunner

from verbind_bot.channels.cli import app
from verbind_bot.evaluation import modes
from verbind_bot.evaluation.run import Expected, Record
from verbind_bot.types import Answer, Status

FOLDER = ROOT / "tests" / "data" / "volkstuin"


def records(split="test", **figures):
    """Forty answered questions with these figures each."""
    expected = Expected((Status.ANSWERED,), {}, {}, ())
    answer = Answer("a", "vraag", Status.ANSWERED, "antwoord")
    return [Record(f"q{n}", split, "fact", "leraar", "vraag", (), expected, answer, figures) for n in range(40)]


@pytest.mark.parametrize("measure", ["citation_precision", "answered", "refused", "privacy_seen"])
def test_a_mode_that_loses_what_is_guarded_is_found(measure):
    assert [f.measure for f in modes.losses(records(**{measure: 1.0}), records(**{measure: 0.8}))] == [measure]


def test_more_leaks_are_a_loss():
    assert [f.measure for f in modes.losses(records(leaks=0.0), records(leaks=1.0))] == ["leaks"]


def test_what_is_not_guarded_or_not_lost_is_no_finding():
    assert modes.losses(records(vital_recall=1.0, answered=1.0), records(vital_recall=0.5, answered=1.0)) == []


@pytest.mark.model
def test_both_modes_stand_side_by_side_with_tokens_and_cost(fake_model, tmp_path, monkeypatch):
    fake_model.always("attentive")
    shutil.copytree(FOLDER / "evals", tmp_path / "evals")
    monkeypatch.setenv("VERBIND_CORPUS_DIR", str(FOLDER / "corpus"))
    monkeypatch.setenv("VERBIND_DATA_DIR", str(ROOT / ".data" / "volkstuin"))
    monkeypatch.setenv("VERBIND_LLM_BASE_URL", fake_model.url)
    monkeypatch.setenv("VERBIND_LLM_MODEL", MODEL)
    monkeypatch.setenv("VERBIND_LLM_PRICE_IN", "1")
    arguments = ["eval", "--split", "test", "--evals", str(tmp_path / "evals")]
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.output.splitlines() if line.startswith("Meting: ")]
    saved = Path(line.removeprefix("Meting: "))
    rows = [json.loads(row) for row in (saved / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    written = [row for row in rows if row["answer"]["writing"]]
    assert {row["answer"]["mode"] for row in written} == {"llm"}
    assert all(row["figures"]["tokens"] > 100 for row in written)
    assert all(row["figures"]["cost"] > 0 for row in written)
    both = json.loads((saved / "peers-taalmodel-test.json").read_text(encoding="utf-8"))
    assert set(both) == {"zonder taalmodel", "met taalmodel"}
    assert both["met taalmodel"]["quotes_contained"] == both["zonder taalmodel"]["quotes_contained"] == 1
    assert both["met taalmodel"]["answered"] == both["zonder taalmodel"]["answered"]
    assert "met taalmodel" in (saved / "report.html").read_text(encoding="utf-8")
    assert "test: taalmodel" in result.output
