"""Nothing is tuned to the note alone: a small corpus on another subject, with its own questions."""

from __future__ import annotations

import pytest
from tests.conftest import ROOT

from verbind_bot.bootstrap import build
from verbind_bot.evaluation.dataset import load_cases
from verbind_bot.evaluation.run import means, run
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
FOLDER = ROOT / "tests" / "data" / "volkstuin"


@pytest.fixture(scope="module")
def figures():
    settings = Settings(_env_file=None, data_dir=ROOT / ".data" / "volkstuin", corpus_dir=FOLDER / "corpus")
    parts = build(settings)
    cases = load_cases(FOLDER / "evals", "test")
    return means(run(cases, lambda q, h: parts.assistant.ask(q, history=h), parts.corpus.by_id))


def test_the_passage_is_found(figures):
    assert figures["hit@5"] >= 0.85
    assert figures["hit@1"] >= 0.55


def test_every_sentence_is_cited_and_every_quote_is_exact(figures):
    assert figures["citation_recall"] == figures["quotes_contained"] == figures["facts_in_quote"] == 1


def test_it_answers_and_still_refuses(figures):
    assert figures["answered"] >= 0.8
    assert figures["refused"] >= 0.4
