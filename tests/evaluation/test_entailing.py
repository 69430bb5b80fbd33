import numpy as np
import pytest
import torch
from tests.conftest import write_small_corpus

from verbind_bot.corpus.library import load_corpus
from verbind_bot.evaluation.claims import LabelledClaim
from verbind_bot.evaluation.entailing import fit, thresholds


def test_the_thresholds_catch_what_is_false_and_lose_the_least_of_what_is_true():
    supported = np.array([0.9, 0.8, 0.7, 0.95, 0.6, 0.4, 0.99])
    doubted = [False, False, True, True, False, True, None]
    right = [True, True, True, True, False, False, False]
    enough, sure = thresholds(supported, doubted, right)
    assert 0.6 < enough <= 0.8  # the last false one falls by a rule, whatever the judge says
    assert enough <= sure <= 0.7 or sure == pytest.approx(enough)


def test_without_a_threshold_that_catches_enough_nothing_is_shown():
    assert thresholds(np.array([0.999, 0.9]), [False, False], [False, True]) == (1.0, 1.0)


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
    judge = fit(claims, corpus, epochs=25)
    with torch.inference_mode():
        logits = judge.logits([(claim.sentence, quote, claim.supported) for claim in claims])
    assert min(logits[:2]) > max(logits[2:])
    judge.fitted(0.5, 0.75).save(tmp_path / "entailment.npz")
    from verbind_bot.index.entailment import Entailment

    kept = Entailment.load(tmp_path / "entailment.npz")
    assert (kept.enough, kept.sure) == (0.5, 0.75)
    for claim, logit in zip(claims, logits, strict=True):
        assert kept.support(claim.sentence, quote) == pytest.approx(float(torch.sigmoid(logit)), abs=0.05)
