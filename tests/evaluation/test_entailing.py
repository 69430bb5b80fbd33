import numpy as np
import pytest
import torch
from tests.conftest import write_small_corpus

from verbind_bot.corpus.library import load_corpus
from verbind_bot.evaluation.claims import LabelledClaim
from verbind_bot.evaluation.entailing import Judge, Kept, fit, thresholds
from verbind_bot.index.entailment import ENTAILMENT, Bars, Entailment


def test_the_thresholds_lose_the_least_of_what_is_true_and_catch_what_must_be():
    supported = np.array([0.9, 0.8, 0.72, 0.95, 0.96, 0.6, 0.4, 0.91, 0.99])
    doubts = [0, 0, 1, 1, 2, 1, 1, 2, 3]
    right = [True, True, True, True, True, False, False, False, False]
    enough, sure, certain = thresholds([Kept(supported, doubts, right, caught=1.0)])
    assert enough <= 0.8
    assert 0.6 < sure <= 0.72
    assert 0.91 < certain <= 0.96  # the last false one falls by a rule, whatever the judge says


def test_where_the_rules_let_something_false_pass_the_judge_may_stop_it():
    supported = np.array([0.1, 0.9, 0.93, 0.97])
    enough, sure, _ = thresholds([Kept(supported, [0, 0, 1, 1], [False, True, True, False], caught=0.5)])
    assert 0.1 < enough <= 0.9
    assert enough <= sure <= 0.93


@pytest.mark.model
def test_a_judge_learns_its_lessons_and_says_the_same_when_saved(tmp_path):
    corpus = load_corpus(write_small_corpus(tmp_path))
    passage = next(p for p in corpus.passages if "imkerverenigingen" in p.text)
    quote = passage.quote(passage.statements[1])
    said = ["Nederland had in 1954 twaalf verenigingen voor imkers.", "Er waren 12 clubs van imkers in 1954."]
    not_said = ["De verenigingen van imkers kregen in 1954 subsidie.", "Imkers vergaderden in 1954 elke maand."]
    claims = [
        LabelledClaim(
            id=str(n),
            passage=passage.id,
            quote=quote,
            sentence=text,
            supported=n < 2,
            kind="paraphrase" if n < 2 else "invention",
            style="free" if n < 2 else "",
        )
        for n, text in enumerate([*said, *not_said])
    ]
    judge = fit(claims, epochs=20)
    group = (quote, [(claim.sentence, claim.supported) for claim in claims])
    with torch.inference_mode():
        logits = judge.logits([group])
    assert min(logits[:2]) > max(logits[2:])
    judge.fitted(Bars(0.5, 0.75, 0.875), [passage.text]).save(tmp_path / ENTAILMENT)
    kept = Entailment.load(tmp_path / ENTAILMENT)
    assert kept.bars == (0.5, 0.75, 0.875)
    assert kept.knows(passage.text)
    assert not kept.knows(passage.text + " ")
    for claim, logit in zip(claims, logits, strict=True):
        assert kept.support(claim.sentence, quote) == pytest.approx(float(torch.sigmoid(logit)), abs=0.05)
    with torch.inference_mode():
        assert Judge(start=kept).logits([group]).numpy() == pytest.approx(logits.numpy(), abs=0.1)
