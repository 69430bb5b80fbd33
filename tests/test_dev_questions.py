"""What must hold for every answer, over all development questions and the real corpus."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from tests.conftest import ROOT

from verbind_bot.evaluation import measures
from verbind_bot.evaluation.dataset import load_cases
from verbind_bot.index.dutch import content_terms
from verbind_bot.types import Status

CASES = load_cases(ROOT / "evals", "dev")
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def answers(parts):
    return [(c, parts.assistant.ask(c.query.text, history=c.query.metadata.history)) for c in CASES]


def test_there_are_enough_questions_of_every_kind():
    kinds = {case.query.metadata.kind for case in CASES}
    assert len(CASES) >= 60
    assert kinds >= {"plain", "two-part", "follow-up", "english", "misspelt", "keyword", "unanswerable", "off-topic"}
    assert {"privacy", "greeting"} <= kinds


def test_every_sentence_is_cited_with_an_exact_quote_that_holds_it(parts, answers):
    for case, answer in answers:
        by_number = {citation.n: citation for citation in answer.citations}
        for citation in answer.citations:
            assert citation.quote, case.query.id
            assert citation.quote in parts.corpus.by_id[citation.passage_id].text, case.query.id
        for sentence in answer.sentences:
            assert sentence.citations, (case.query.id, sentence.text)
            assert any(sentence.text in by_number[n].quote for n in sentence.citations), (case.query.id, sentence.text)
            assert sentence.text in answer.text, case.query.id


def test_an_answer_has_sentences_and_a_refusal_has_none(answers):
    for case, answer in answers:
        if case.query.metadata.kind == "greeting":
            continue
        if answer.status in (Status.ANSWERED, Status.PARTIAL):
            assert answer.sentences, case.query.id
        if answer.status in (Status.NOT_IN_CORPUS, Status.OUT_OF_SCOPE):
            assert not answer.sentences, case.query.id


def test_no_personal_data_leaves_the_assistant(answers):
    for case, answer in answers:
        if case.query.metadata.leaks:
            assert answer.status is Status.PRIVACY
            assert measures.leaks(json.dumps(asdict(answer), ensure_ascii=False), case.query.metadata.leaks) == 0


def test_the_development_questions_are_not_the_stored_ones(parts):
    stored = [frozenset(content_terms(q)) for passage in parts.corpus.passages for q in passage.questions]
    for case in CASES:
        terms = frozenset(content_terms(case.query.text))
        closest = max((len(terms & other) / len(terms | other) for other in stored if terms | other), default=0.0)
        assert closest < 0.7, (case.query.id, case.query.text)
