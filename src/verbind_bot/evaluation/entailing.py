"""Labelled claims -> the judge of a corpus (`python -m verbind_bot.evaluation.entailing`).

Learns twice from six of seven of `claims-train.jsonl`, and then from those again together with `claims-hard.jsonl`,
whose false claims are near to the truth. The thresholds are set on what was kept back of the first and on
`claims-dev.jsonl`, together with the rules of the verifier, so that about as many false ones are caught as by the rules
alone. `claims-test.jsonl` is never seen. Takes about two hours on two cores.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import torch

from verbind_bot.answering.verifying import FINAL, GRAVE, Claim, Verifier
from verbind_bot.bootstrap import read_corpus
from verbind_bot.corpus.library import Corpus
from verbind_bot.evaluation.claims import LabelledClaim, load_claims
from verbind_bot.evaluation.tuning import numbers_of, take_step, with_low_rank
from verbind_bot.index.embedding import Vectors
from verbind_bot.index.entailment import ENTAILMENT, Bars, Entailment, Head, Sheet, mark_of, read_sheets
from verbind_bot.index.gemma import Gemma
from verbind_bot.index.making import open_words
from verbind_bot.settings import load_settings

_EPOCHS, _BATCH = 2, 4
_RATES, _LATER_RATES = (3e-4, 1e-3), (2e-4, 3e-4)  # of the layers and of the head
_FROZEN, _UNITS, _DROPOUT = 4, 128, 0.1
_TOGETHER = 6  # so many claims about one quote are read as one text
_ASIDE = 40  # characters beside each sentence
_SAME = 0.25  # of so many of those texts the quote itself is one more
_SEED = 3
_NEVER = 2.0  # no probability comes so far
_LOW = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05)
_HIGH = (0.91, 0.92, 0.93, 0.94, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, _NEVER)
_STEPS = (*_LOW, *(n / 100 for n in range(10, 100, 5)), *_HIGH)
_UNSET = Bars(0.0, 1.0, 1.0)
Said = list[tuple[str, bool]]  # sentences, and whether a quote says them
Group = tuple[str, Said]  # a quote and what is said of it


class Judge:
    """The model while it learns: the upper layers, and the layers that make one number of what they read."""

    def __init__(self, start: Entailment | None = None) -> None:
        """With `start` it learns on from a fitted judge."""
        self.gemma = Gemma()
        self._changed = with_low_rank(self.gemma.model, "layers", _FROZEN, scale=1.0)
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

    def logits(self, groups: Sequence[Group], dropout: float = 0.0) -> torch.Tensor:
        """One number for each sentence, group by group (n), higher for one that is supported."""
        sheets = [Sheet.of(self.gemma, quote, [sentence for sentence, _ in said]) for quote, said in groups]
        read = read_sheets(self.gemma, sheets)
        even = torch.nn.functional.dropout(self.norm(read), dropout)
        found: torch.Tensor = self.outer(torch.nn.functional.gelu(self.inner(even)))[:, 0]
        return found

    def fitted(self, bars: Bars, passages: Iterable[str]) -> Entailment:
        """What was learned, with thresholds and the texts of the passages that it was learned from."""
        layers = {name: layer.learned() for name, layer in self._changed.items()}
        head = Head(*((numbers_of(one.weight), numbers_of(one.bias)) for one in (self.norm, self.inner, self.outer)))
        return Entailment(layers, head, bars, frozenset(map(mark_of, passages)))


def fit(
    claims: Sequence[LabelledClaim],
    epochs: int = _EPOCHS,
    rates: tuple[float, float] = _RATES,
    start: Entailment | None = None,
) -> Judge:
    """Train on claims, on statements that say themselves, and on sentences beside a quote that they are not from."""
    torch.manual_seed(_SEED)
    dice = random.Random(_SEED)  # noqa: S311  (no secret depends on it)
    judge = Judge(start)
    learned = [{"params": some, "lr": rate} for some, rate in zip((judge.layers, judge.head), rates, strict=True)]
    optimiser = torch.optim.AdamW(learned, weight_decay=0.01)
    rounds = [_batches(_groups(claims, dice), dice) for _ in range(epochs)]
    steps = sum(map(len, rounds)) + 1
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, list(rates), total_steps=steps, pct_start=0.1)
    for number, batches in enumerate(rounds, 1):
        losses = []
        for batch in batches:
            logits = judge.logits(batch, _DROPOUT)
            wanted = torch.tensor([float(right) for _, said in batch for _, right in said])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted)
            take_step(loss, optimiser, schedule)
            losses.append(loss.item())
        sys.stdout.write(f"ronde {number} van {epochs}: verlies {np.mean(losses):.3f}\n")
        sys.stdout.flush()
    return judge


def _groups(claims: Sequence[LabelledClaim], dice: random.Random) -> list[Group]:
    """The claims by quote, a few together, with what another quote says; now and then with the quote itself."""
    by_quote: dict[str, list[LabelledClaim]] = {}
    for claim in claims:
        by_quote.setdefault(claim.quote, []).append(claim)
    true = [claim for claim in claims if claim.supported]
    groups = []
    for quote, about in by_quote.items():
        dice.shuffle(about)
        near = [one for one in true if one.passage == about[0].passage and one.quote != quote]
        for start in range(0, len(about), _TOGETHER):
            said = [(claim.sentence, claim.supported) for claim in about[start : start + _TOGETHER]]
            other = dice.choice(near or true)
            if other.quote != quote:
                said.append((other.sentence, False))
            if dice.random() < _SAME:
                said.append((quote, True))
            groups.append((quote, said))
    return groups


def _batches(groups: Sequence[Group], dice: random.Random) -> list[list[Group]]:
    """Batches of about the same length, in any order."""
    order = sorted(groups, key=lambda group: _length(group) + 60 * dice.random())
    batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
    dice.shuffle(batches)
    return batches


def _length(group: Group) -> int:
    quote, said = group
    return len(quote) + sum(len(sentence) + _ASIDE for sentence, _ in said)


@dataclass(frozen=True)
class Kept:
    """Claims that a judge has not learned from: its probabilities (n), and what the rules and the labels say of each.

    `doubts` says which bar a claim has to pass (0, 1 or 2: `enough`, `sure`, `certain`), and is 3 for what the rules
    reject whatever a judge says.
    """

    supported: Vectors
    doubts: Sequence[int]
    right: Sequence[bool]
    caught: float  # the share of the false ones that has to be

    def passing(self, bars: Bars) -> tuple[float, float]:
        """The shares of the false and of the true claims that are shown."""
        true = np.array(self.right)
        shown = self.supported >= np.array([*bars, _NEVER])[list(self.doubts)]
        return float(shown[~true].mean()), float(shown[true].mean())


def thresholds(sets: Sequence[Kept]) -> Bars:
    """The bars that lose the fewest true claims while of each set as many false ones are caught as has to be.

    Of bars that lose as few those that are highest for the gravest objections.
    """
    best, chosen = -1.0, Bars(_NEVER, _NEVER, _NEVER)
    for bars in sorted(map(Bars._make, combinations_with_replacement(_STEPS, 3)), key=lambda bars: bars[::-1]):
        shares = [one.passing(bars) for one in sets]
        told = sum(true for _, true in shares)
        if told >= best and all(1 - false >= one.caught for (false, _), one in zip(shares, sets, strict=True)):
            best, chosen = told, bars
    return chosen


def main(folder: str = "evals") -> None:
    """Fit the judge of the corpus that is set, and write it into its folder."""
    settings = load_settings()
    corpus = read_corpus(settings)
    claims, hard, dev = (load_claims(Path(folder) / f"claims-{name}.jsonl") for name in ("train", "hard", "dev"))
    marks = [corpus.by_id[key].text for key in {claim.passage for claim in [*claims, *hard]}]
    (learn, kept), (learn_hard, kept_hard) = _apart(claims, 7), _apart(hard, 12)
    first = fit(learn).fitted(_UNSET, marks)
    learned = fit([*learn_hard, *learn], 1, _LATER_RATES, first).fitted(_UNSET, marks)
    rules = Verifier(open_words(settings.index_dir, corpus).analyzer, corpus.terms)
    sets = [_kept(learned, rules, held, corpus, caught) for held, caught in ((kept, 0.95), (dev, 0.99))]
    bars = thresholds(sets)
    for one in (*sets, _kept(learned, rules, kept_hard, corpus, 0.0)):
        false, true = one.passing(bars)
        sys.stdout.write(f"onwaar en tegengehouden {1 - false:.3f}, waar en tegengehouden {1 - true:.3f}\n")
    path = settings.corpus_dir / ENTAILMENT
    replace(learned, bars=bars).save(path)
    sys.stdout.write(f"{path}: {bars}\n")


def _apart(claims: Sequence[LabelledClaim], every: int) -> tuple[list[LabelledClaim], list[LabelledClaim]]:
    """The claims to learn from, and one of `every` that is kept back."""
    return [claim for n, claim in enumerate(claims) if n % every], list(claims[::every])


def _kept(judge: Entailment, rules: Verifier, claims: Sequence[LabelledClaim], corpus: Corpus, caught: float) -> Kept:
    found = np.array([judge.support(claim.sentence, claim.quote) for claim in claims], dtype=np.float32)
    doubts = [_doubt(rules, claim, corpus) for claim in claims]
    return Kept(found, doubts, [claim.supported for claim in claims], caught)


def _doubt(rules: Verifier, claim: LabelledClaim, corpus: Corpus) -> int:
    found = rules.objection(Claim.about(claim.sentence, claim.quote, corpus.by_id[claim.passage]))
    if found is None:
        return 0
    return 3 if found in FINAL else 2 if found in GRAVE else 1


if __name__ == "__main__":
    main(*sys.argv[1:])
