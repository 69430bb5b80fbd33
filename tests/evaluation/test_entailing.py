import numpy as np
import pytest
import torch
from tests.conftest import write_small_corpus

from verbind_bot.corpus.library import load_corpus
from verbind_bot.evaluation.claims import LabelledClaim
from verbind_bot.evaluation.entailing import fit, thresholds


def test_the_thresholds_lose_the_least_of_what_is_true_and_let_pass_no_more_than_the_rules():
    supported = np.array([0.9, 0.8, 0.7, 0.95, 0.6, 0.4, 0.99])
    doubted = [False, False, True, True, True, True, None]
    right = [True, True, True, True, False, False, False]
    enough, sure = thresholds(supported, doubted, right)
    assert enough <= 0.8  # what the rules let pass is true
    assert 0.6 < sure <= 0.7  # the last false one falls by a rule, whatever the judge says


def test_where_the_rules_let_something_false_pass_the_judge_may_stop_it_to_save_more():
    supported = np.array([0.1, 0.9, 0.93, 0.97])
    doubted = [False, False, True, True]
    right = [False, True, True, False]
    enough, sure = thresholds(supported, doubted, right)
    assert 0.1 < enough <= 0.9
    assert enough <= sure <= 0.93  # one false one for another


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
    judge.fitted(0.5, 0.75, [passage.text]).save(tmp_path / "entailment.npz")
    from verbind_bot.index.entailment import Entailment

    kept = Entailment.load(tmp_path / "entailment.npz")
    assert (kept.enough, kept.sure) == (0.5, 0.75)
    assert kept.knows(passage.text)
    assert not kept.knows(passage.text + " ")
    for claim, logit in zip(claims, logits, strict=True):
        assert kept.support(claim.sentence, quote) == pytest.approx(float(torch.sigmoid(logit)), abs=0.05)
