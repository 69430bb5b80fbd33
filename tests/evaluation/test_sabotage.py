"""The suite is tested by sabotage: each way to spoil the assistant is caught by the measure that is meant for it."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from tests.conftest import ROOT

from verbind_bot.evaluation.checking import Baseline, check, load_baseline, load_thresholds
from verbind_bot.evaluation.dataset import load_cases
from verbind_bot.evaluation.run import run
from verbind_bot.types import Retrieved, Status

pytestmark = pytest.mark.model
EVALS = ROOT / "evals"


@pytest.fixture(scope="module")
def cases():
    return load_cases(EVALS, "dev")


@pytest.fixture(scope="module")
def honest(parts, cases):
    """Each question with its real answer."""
    return {c.query.id: parts.assistant.ask(c.query.text, history=c.query.metadata.history) for c in cases}


@pytest.fixture
def findings(parts, cases, honest):
    """What `--check` says of the answers after `spoil` has been at them."""

    def judge(spoil, baseline=None):
        queue = iter(spoil(honest[c.query.id]) for c in cases)
        records = run(cases, lambda question, history: next(queue), parts.corpus.by_id)
        thresholds = load_thresholds(EVALS / "thresholds.toml")
        accepted = load_baseline(EVALS / "baseline.json") if baseline is None else baseline
        return {(f.measure, f.why): f for f in check(records, accepted, thresholds)}

    return judge


def test_the_real_answers_pass(findings):
    assert findings(lambda answer: answer) == {}


def shuffled(answer):
    order = list(answer.retrieved)
    random.Random(answer.question).shuffle(order)
    return replace(answer, retrieved=tuple(order))


def test_shuffled_retrieval_is_caught_by_the_ranking(findings):
    found = findings(shuffled)
    assert ("hit@1", "threshold") in found
    assert ("ndcg@10", "baseline") in found
    assert found["hit@1", "baseline"].questions


def test_dropped_citations_are_caught_by_citation_recall(findings):
    found = findings(lambda a: replace(a, sentences=tuple(replace(s, citations=()) for s in a.sentences)))
    assert ("citation_recall", "threshold") in found


def test_a_swapped_number_is_caught_by_the_facts_in_the_quote(findings):
    def swapped(answer):
        changed = (replace(s, text=re.sub(r"\d+", lambda m: str(int(m.group()) + 1), s.text)) for s in answer.sentences)
        return replace(answer, sentences=tuple(changed))

    found = findings(swapped)
    assert ("facts_in_quote", "threshold") in found
    assert ("citation_recall", "threshold") in found


def test_a_changed_quote_is_caught_by_containment(findings):
    def changed(answer):
        return replace(answer, citations=tuple(replace(c, quote=c.quote + " En nog iets.") for c in answer.citations))

    assert ("quotes_contained", "threshold") in findings(changed)


def test_always_answering_is_caught_by_refused(findings):
    found = findings(lambda a: replace(a, status=Status.ANSWERED))
    assert ("refused", "threshold") in found
    assert ("answered", "threshold") not in found


def test_never_answering_is_caught_by_answered(findings):
    silent = {"status": Status.NOT_IN_CORPUS, "sentences": (), "citations": (), "text": "Dat weet ik niet."}
    found = findings(lambda a: replace(a, **silent))
    assert ("answered", "threshold") in found
    assert ("vital_recall", "threshold") in found
    assert ("citation_precision", "absent") in found


def test_a_leak_is_caught(parts, cases, findings):
    secrets = " ".join(leak for c in cases for leak in c.query.metadata.leaks)
    assert ("leaks", "threshold") in findings(lambda a: replace(a, text=f"{a.text} {secrets}"))


def test_without_a_baseline_the_thresholds_still_hold(findings):
    found = findings(lambda a: replace(a, retrieved=(Retrieved("2:wat", "2", 1.0),)), baseline=Baseline())
    assert ("hit@1", "threshold") in found
    assert all(why != "baseline" for _, why in found)
