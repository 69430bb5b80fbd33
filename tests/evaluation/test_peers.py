"""The peers: simpler systems, and ours with one part off, on the same questions."""

from __future__ import annotations

import json

import pytest
from tests.conftest import ROOT

from verbind_bot.evaluation import peers
from verbind_bot.evaluation.dataset import load_cases
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
FOLDER = ROOT / "tests" / "data" / "volkstuin"


@pytest.fixture(scope="module")
def rows():
    settings = Settings(_env_file=None, data_dir=ROOT / ".data" / "volkstuin", corpus_dir=FOLDER / "corpus")
    cases = load_cases(FOLDER / "evals", "test")[::2]
    return {row.name: row.means for row in peers.measure(settings, cases)["test"]}


def test_each_part_that_can_be_off_has_its_row(rows):
    assert {"uit een handleiding", "alleen woorden", "alleen vectoren", "verbind-bot"} <= rows.keys()
    assert len(rows) == 8


def test_the_tutorial_pipeline_always_answers_and_finds_less(rows):
    tutorial, ours = rows["uit een handleiding"], rows["verbind-bot"]
    assert tutorial["answered"] == 1
    assert tutorial["refused"] == 0
    assert tutorial["hit@5"] < ours["hit@5"]
    assert tutorial["words"] > 3 * ours["words"]


def test_a_part_that_is_off_changes_the_figures(rows):
    assert rows["alleen woorden"] != rows["verbind-bot"]
    assert rows["alleen vectoren"] != rows["verbind-bot"]


def test_the_table_is_kept_with_the_run(tmp_path):
    page = peers.save(tmp_path, "dev", [peers.PeerRow("a", {"hit@1": 0.5}), peers.PeerRow("b", {})])
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("| dev | hit@1 |")
    assert lines[2].startswith("| a | 0.500 |")
    assert len({line.count("|") for line in lines}) == 1
    assert json.loads((tmp_path / "peers-dev.json").read_text())["a"] == {"hit@1": 0.5}
