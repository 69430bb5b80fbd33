"""Labelled claims -> the judge of a corpus (`python -m verbind_bot.evaluation.entailing`).

Learns from six of seven of `claims-train.jsonl`, and then from `claims-hard.jsonl`, whose false claims are near to the
truth, with some of the first again. The thresholds are set on what was kept back and on `claims-dev.jsonl`, together
with the rules of the verifier, so that of neither more fabrications pass than by the rules alone. `claims-test.jsonl`
is never seen. Takes about an hour and a quarter on two cores.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from verbind_bot.answering.verifying import Claim, Reason, Verifier
from verbind_bot.bootstrap import read_corpus
from verbind_bot.corpus.library import Corpus
from verbind_bot.evaluation.claims import LabelledClaim, load_claims
from verbind_bot.evaluation.tuning import numbers_of, precise_enough, take_step, with_low_rank
from verbind_bot.index.embedding import Vectors
from verbind_bot.index.entailment import ENTAILMENT, Entailment, Head, PairRow, mark_of, read_pairs
from verbind_bot.index.gemma import Gemma
from verbind_bot.index.making import open_words
from verbind_bot.settings import load_settings

_EPOCHS, _BATCH = 2, 24
_RATES, _LATER_RATES = (3e-4, 1e-3), (2e-4, 3e-4)  # of the layers and of the head
_FROZEN, _UNITS, _DROPOUT = 4, 128, 0.1
_SAME, _ELSEWHERE = 200, 700  # pairs added in each round: a statement with itself, and a sentence with another quote
_AGAIN = 600  # claims that are learned from again beside the hard ones
_SEED = 3
_KEPT_BACK = 7  # of so many claims one is kept for the thresholds
_STEPS = np.concatenate([[0.0, 0.005, 0.01, 0.02, 0.03, 0.05], np.linspace(0.1, 0.995, 180)])
Pair = tuple[str, str, bool]  # a sentence, a quote, whether the quote says it


class Judge:
    """The model while it learns: the upper layers, and the layers that make one number of what they read."""

    def __init__(self, start: Entailment | None = None) -> None:
        """With `start` it learns on from a fitted judge."""
        self.gemma = Gemma()
        self._changed = with_low_rank(self.gemma.model.bfloat16(), "layers", _FROZEN, scale=1.0)
        width = 2 * self.gemma.dimension
        self.norm, self.inner = torch.nn.LayerNorm(width), torch.nn.Linear(width, _UNITS)
        self.outer = torch.nn.Linear(_UNITS, 1)
        if start:
            self._resume(start)

    def _resume(self, start: Entailment) -> None:
        for name, pair in start.layers.items():
            self._changed[name].resume(*pair)
        for layer, pair in zip((self.norm, self.inner, self.outer), astuple(start.head), strict=True):
            layer.weight.data, layer.bias.data = map(torch.from_numpy, pair)

    @property
    def layers(self) -> list[torch.nn.Parameter]:
        """What is learned of the model."""
        return [matrix for layer in self._changed.values() for matrix in (layer.down, layer.up)]

    @property
    def head(self) -> list[torch.nn.Parameter]:
        """What is learned behind it."""
        return [matrix for layer in (self.norm, self.inner, self.outer) for matrix in layer.parameters()]

    def logits(self, pairs: Sequence[Pair], dropout: float = 0.0) -> torch.Tensor:
        """One number for each pair (n), higher for one that is supported."""
        with precise_enough():
            read = read_pairs(self.gemma, [PairRow.of(self.gemma, *pair[:2]) for pair in pairs])
        even = torch.nn.functional.dropout(self.norm(read), dropout)
        found: torch.Tensor = self.outer(torch.nn.functional.gelu(self.inner(even)))[:, 0]
        return found

    def fitted(self, enough: float, sure: float, passages: Iterable[str]) -> Entailment:
        """What was learned, with thresholds and the texts of the passages that it was learned from."""
        layers = {name: layer.learned() for name, layer in self._changed.items()}
        head = Head(*((numbers_of(one.weight), numbers_of(one.bias)) for one in (self.norm, self.inner, self.outer)))
        return Entailment(layers, head, enough, sure, frozenset(map(mark_of, passages)))


def fit(
    claims: Sequence[LabelledClaim],
    corpus: Corpus,
    epochs: int = _EPOCHS,
    rates: tuple[float, float] = _RATES,
    start: Entailment | None = None,
) -> Judge:
    """Train on claims, on statements that say themselves, and on sentences beside a quote that they are not from."""
    torch.manual_seed(_SEED)
    dice = random.Random(_SEED)  # noqa: S311  (no secret depends on it)
    judge = Judge(start)
    pairs = [(claim.sentence, claim.quote, claim.supported) for claim in claims]
    groups = [{"params": learned, "lr": rate} for learned, rate in zip((judge.layers, judge.head), rates, strict=True)]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * (-(-(len(pairs) + _SAME + _ELSEWHERE) // _BATCH) + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, list(rates), total_steps=steps, pct_start=0.1)
    for epoch in range(epochs):
        losses = []
        for batch in _batches([*pairs, *_added(claims, corpus, dice)], dice):
            logits = judge.logits(batch, _DROPOUT)
            wanted = torch.tensor([float(pair[2]) for pair in batch])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted)
            take_step(loss, optimiser, schedule)
            losses.append(loss.item())
        sys.stdout.write(f"ronde {epoch + 1} van {epochs}: verlies {np.mean(losses):.3f}\n")
        sys.stdout.flush()
    return judge


def _added(claims: Sequence[LabelledClaim], corpus: Corpus, dice: random.Random) -> Iterator[Pair]:
    statements = [(p.id, p.quote(s)) for p in corpus.passages for s in p.statements]
    for _, text in dice.sample(statements, min(_SAME, len(statements))):
        yield text, text, True
    true = [claim for claim in claims if claim.supported]
    for claim in dice.sample(true, min(_ELSEWHERE, len(true))):
        near = [text for key, text in statements if key == claim.passage and text != claim.quote]
        yield claim.sentence, dice.choice(near or [statements[0][1]]), False


def _batches(pairs: Sequence[Pair], dice: random.Random) -> list[list[Pair]]:
    """Batches of about the same length, in any order."""
    order = sorted(pairs, key=lambda pair: len(pair[0]) + len(pair[1]) + 60 * dice.random())
    batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
    dice.shuffle(batches)
    return batches


@dataclass(frozen=True)
class Kept:
    """Claims that a judge has not learned from: its probabilities (n), and what the rules and the labels say of each.

    `doubted` says whether a word comes from nowhere, and is None when another rule rejects the claim in any case.
    """

    supported: Vectors
    doubted: Sequence[bool | None]
    right: Sequence[bool]

    def passing(self, enough: float, sure: float) -> tuple[float, float]:
        """The shares of the false and of the true claims that are shown."""
        true, doubt = np.array(self.right), np.array([bool(one) for one in self.doubted])
        open_ = np.array([one is not None for one in self.doubted])
        shown = open_ & (self.supported >= np.where(doubt, sure, enough))
        return float(shown[~true].mean()), float(shown[true].mean())


def thresholds(sets: Sequence[Kept]) -> tuple[float, float]:
    """`enough` and `sure` that lose the fewest true claims while of each set as many false ones are caught as by rules.

    By the rules alone nothing passes that is doubted, and all that is not.
    """
    limits = [one.passing(0.0, 2.0)[0] for one in sets]
    best, chosen = -1.0, (1.0, 1.0)
    for enough in _STEPS:
        for sure in _STEPS[enough <= _STEPS]:
            shares = [one.passing(enough, sure) for one in sets]
            told = sum(true for _, true in shares)
            if told > best and all(false <= limit for (false, _), limit in zip(shares, limits, strict=True)):
                best, chosen = told, (float(enough), float(sure))
    return chosen


def main(folder: str = "evals") -> None:
    """Fit the judge of the corpus that is set, and write it into its folder."""
    settings = load_settings()
    corpus = read_corpus(settings)
    claims, hard, dev = (load_claims(Path(folder) / f"claims-{name}.jsonl") for name in ("train", "hard", "dev"))
    marks = [corpus.by_id[key].text for key in {claim.passage for claim in [*claims, *hard]}]
    learn = [claim for n, claim in enumerate(claims) if n % _KEPT_BACK]
    first = fit(learn, corpus).fitted(0.0, 1.0, marks)
    again = random.Random(_SEED).sample(learn, _AGAIN)  # noqa: S311  (no secret depends on it)
    learned = fit([*hard, *again], corpus, 1, _LATER_RATES, first).fitted(0.0, 1.0, marks)
    rules = Verifier(open_words(settings.index_dir, corpus).analyzer, corpus.terms)
    enough, sure = thresholds([_kept(learned, rules, held, corpus) for held in (claims[::_KEPT_BACK], dev)])
    path = settings.corpus_dir / ENTAILMENT
    replace(learned, enough=enough, sure=sure).save(path)
    sys.stdout.write(f"{path}: genoeg vanaf {enough:.3f}, tegen een twijfel in vanaf {sure:.3f}\n")


def _kept(judge: Entailment, rules: Verifier, claims: Sequence[LabelledClaim], corpus: Corpus) -> Kept:
    found = np.array([judge.support(claim.sentence, claim.quote) for claim in claims], dtype=np.float32)
    return Kept(found, [_doubt(rules, claim, corpus) for claim in claims], [claim.supported for claim in claims])


def _doubt(rules: Verifier, claim: LabelledClaim, corpus: Corpus) -> bool | None:
    """Whether a word of a claim comes from nowhere; None when another rule rejects the claim."""
    found = rules.objection(Claim.about(claim.sentence, claim.quote, corpus.by_id[claim.passage]))
    return None if found not in (None, Reason.INVENTED) else found is Reason.INVENTED


if __name__ == "__main__":
    main(*sys.argv[1:])
