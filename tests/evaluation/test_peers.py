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


@pytest.fixture
def built(tmp_path, monkeypatch):
    """The settings of a server, and those that a peer was built with."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        corpus_dir=tmp_path / "corpus",
        chroma_url="http://127.0.0.1:9",
        database_url="postgresql://127.0.0.1:9/x",
    )
    settings.corpus_dir.mkdir()
    made = []
    monkeypatch.setattr(peers, "build", made.append)
    monkeypatch.setattr(peers, "add_source", lambda settings, note: made.append(settings))
    monkeypatch.setattr(peers, "_changed", lambda settings, parts: None)
    return settings, made


def test_a_peer_leaves_the_servers_index_and_database_alone(built):
    settings, made = built
    peers._without_adapter(settings)
    peers._with_note(settings, ROOT / "README.md")
    assert len(made) == 3
    assert {(s.chroma_url, s.database_url) for s in made} == {(None, None)}
    assert all(settings.data_dir in s.data_dir.parents for s in made)


def test_what_left_the_corpus_leaves_its_copy(built):
    settings, made = built
    (settings.corpus_dir / "weg.md").write_text("Weg.", encoding="utf-8")
    peers._without_adapter(settings)
    (settings.corpus_dir / "weg.md").rename(settings.corpus_dir / "nieuw.md")
    peers._without_adapter(settings)
    assert [path.name for path in made[-1].corpus_dir.iterdir()] == ["nieuw.md"]


def test_the_table_is_kept_with_the_run(tmp_path):
    page = peers.save(tmp_path, "dev", [peers.PeerRow("a", {"hit@1": 0.5}), peers.PeerRow("b", {})])
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("| dev | hit@1 |")
    assert lines[2].startswith("| a | 0.500 |")
    assert len({line.count("|") for line in lines}) == 1
    assert json.loads((tmp_path / "peers-dev.json").read_text())["a"] == {"hit@1": 0.5}
