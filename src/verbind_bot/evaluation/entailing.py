"""Labelled claims -> the judge of a corpus (`python -m verbind_bot.evaluation.entailing`).

Learns from six of seven of `claims-train.jsonl`. The thresholds are set on the rest and on `claims-dev.jsonl`, together
with the rules of the verifier, so that no more fabrications pass than by the rules alone. `claims-test.jsonl` is never
seen. Takes about half an hour.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from verbind_bot.answering.verifying import Claim, Reason, Verifier
from verbind_bot.bootstrap import read_corpus
from verbind_bot.corpus.library import Corpus
from verbind_bot.evaluation.claims import LabelledClaim, load_claims
from verbind_bot.evaluation.tuning import Tuned, numbers_of, precise_enough, take_step
from verbind_bot.index.e5 import E5, mean_of
from verbind_bot.index.embedding import Vectors
from verbind_bot.index.entailment import ENTAILMENT, Entailment, mark_of, pair_row
from verbind_bot.index.making import open_words
from verbind_bot.settings import load_settings

_EPOCHS, _BATCH, _RATE, _HEAD_RATE = 5, 48, 4e-4, 1e-3
_FROZEN, _UNITS, _DROPOUT = 4, 128, 0.1
_SAME, _ELSEWHERE = 400, 800  # pairs added in each round: a statement with itself, and a sentence with another quote
_SEED, _SCALE = 3, 4.0
_KEPT_BACK = 7  # of so many claims one is kept for the thresholds
_STEPS = np.concatenate([[0.0, 0.005, 0.01, 0.02, 0.03, 0.05], np.linspace(0.1, 0.995, 180)])
Pair = tuple[str, str, bool]  # a sentence, a quote, whether the quote says it


class Judge:
    """The model while it learns: the upper layers, and the layers that make one number of what they read."""

    def __init__(self) -> None:
        self.tuned = Tuned(E5(), _FROZEN)
        width = 2 * self.tuned.e5.dimension
        self.inner, self.outer = torch.nn.Linear(width, _UNITS), torch.nn.Linear(_UNITS, 1)
        self._known: dict[tuple[str, str], torch.Tensor] = {}

    def logits(self, pairs: Sequence[Pair], dropout: float = 0.0) -> torch.Tensor:
        """One number for each pair (n), higher for one that is supported."""
        self._read(pairs)
        states, mask = self.tuned.upper([self._known[pair[:2]] for pair in pairs])
        read = _SCALE * torch.cat([mean_of(states, mask), states[:, 0].float()], dim=1)
        inner = torch.nn.functional.gelu(self.inner(torch.nn.functional.dropout(read, dropout)))
        found: torch.Tensor = self.outer(inner)[:, 0]
        return found

    def _read(self, pairs: Sequence[Pair]) -> None:
        new = list(dict.fromkeys(pair[:2] for pair in pairs if pair[:2] not in self._known))
        if new:
            rows = [pair_row(self.tuned.e5, *pair) for pair in new]
            self._known |= dict(zip(new, self.tuned.lower(rows), strict=True))

    def fitted(self, enough: float, sure: float, passages: Iterable[str]) -> Entailment:
        """What was learned, with thresholds and the texts of the passages that it was learned from."""
        inner = numbers_of(_SCALE * self.inner.weight), numbers_of(self.inner.bias)
        outer = numbers_of(self.outer.weight), numbers_of(self.outer.bias)
        return Entailment(self.tuned.layers(), inner, outer, enough, sure, frozenset(map(mark_of, passages)))


def fit(claims: Sequence[LabelledClaim], corpus: Corpus, epochs: int = _EPOCHS) -> Judge:
    """Train on claims, on statements that say themselves, and on sentences beside a quote that they are not from."""
    torch.manual_seed(_SEED)
    dice = random.Random(_SEED)  # noqa: S311  (no secret depends on it)
    judge = Judge()
    pairs = [(claim.sentence, claim.quote, claim.supported) for claim in claims]
    layers, head = judge.tuned.parameters, [*judge.inner.parameters(), *judge.outer.parameters()]
    groups = [{"params": layers, "lr": _RATE}, {"params": head, "lr": _HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * (-(-(len(pairs) + _SAME + _ELSEWHERE) // _BATCH) + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [_RATE, _HEAD_RATE], total_steps=steps, pct_start=0.1)
    for epoch in range(epochs):
        losses = []
        for batch in _batches([*pairs, *_added(claims, corpus, dice)], dice):
            with precise_enough():
                logits = judge.logits(batch, _DROPOUT)
            wanted = torch.tensor([float(pair[2]) for pair in batch])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted)
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


def thresholds(supported: Vectors, doubted: Sequence[bool | None], right: Sequence[bool]) -> tuple[float, float]:
    """`enough` and `sure` that lose the fewest true claims while as many false ones are caught as by the rules alone.

    `supported` (n) holds the judge's probabilities; `doubted` says of each claim whether a word comes from nowhere, and
    None when a rule rejects it in any case.
    """
    true, doubt = np.array(right), np.array([bool(one) for one in doubted])
    open_ = np.array([one is not None for one in doubted])
    passing = (open_ & ~doubt)[~true].mean()
    best, chosen = -1.0, (1.0, 1.0)
    for enough in _STEPS:
        for sure in _STEPS[enough <= _STEPS]:
            shown = open_ & (supported >= np.where(doubt, sure, enough))
            if shown[~true].mean() <= passing and shown[true].mean() > best:
                best, chosen = float(shown[true].mean()), (float(enough), float(sure))
    return chosen


def main(folder: str = "evals") -> None:
    """Fit the judge of the corpus that is set, and write it into its folder."""
    settings = load_settings()
    corpus = read_corpus(settings)
    claims = load_claims(Path(folder) / "claims-train.jsonl")
    judge = fit([claim for n, claim in enumerate(claims) if n % _KEPT_BACK], corpus)
    held = [*claims[::_KEPT_BACK], *load_claims(Path(folder) / "claims-dev.jsonl")]
    rules = Verifier(open_words(settings.index_dir, corpus).analyzer, corpus.terms)
    with torch.inference_mode(), precise_enough():
        pairs = [(claim.sentence, claim.quote, claim.supported) for claim in held]
        found = torch.cat([judge.logits(pairs[start : start + _BATCH]) for start in range(0, len(pairs), _BATCH)])
    probabilities = numbers_of(torch.sigmoid(found.float()))
    doubted = [_doubt(rules, claim, corpus) for claim in held]
    chosen = thresholds(probabilities, doubted, [claim.supported for claim in held])
    path = settings.corpus_dir / ENTAILMENT
    judge.fitted(*chosen, (corpus.by_id[key].text for key in {claim.passage for claim in claims})).save(path)
    sys.stdout.write(f"{path}: genoeg vanaf {chosen[0]:.3f}, tegen een twijfel in vanaf {chosen[1]:.3f}\n")


def _doubt(rules: Verifier, claim: LabelledClaim, corpus: Corpus) -> bool | None:
    """Whether a word of a claim comes from nowhere; None when another rule rejects the claim."""
    found = rules.objection(Claim.about(claim.sentence, claim.quote, corpus.by_id[claim.passage]))
    return None if found not in (None, Reason.INVENTED) else found is Reason.INVENTED


if __name__ == "__main__":
    main(*sys.argv[1:])
