"""Labelled questions -> changed layers of the embedding model: the first part of fitting an adapter.

Passages that look alike are taken together, each with some of its questions and all its statements, so that a question
has to tell its passage from the nearest others. The loss is InfoNCE (van den Oord et al., 2018) from questions to
passages, to statements, and to the other questions of their passage.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import torch

from verbind_bot.evaluation.tuning import Tuned, precise_enough, take_step

_SEEDS, _NEAREST = 24, 8  # passages drawn for a batch, each with one of so many that are nearest to it
_QUESTIONS = 6  # of each passage
_RATE, _TEMPERATURE = 6e-4, 0.02
_SEED = 7
T = TypeVar("T")


@dataclass(frozen=True)
class Course(Generic[T]):
    """What is learned from: all texts, as they are or as what the frozen layers make of them, and what answers what.

    `passage` (q) is the place of each question's passage, `answers` the statements that answer it, and `statement_of`
    the passage of each statement.
    """

    questions: Sequence[T]
    passages: Sequence[T]
    statements: Sequence[T]
    passage: Sequence[int]
    answers: Sequence[frozenset[int]]
    statement_of: Sequence[int]


@dataclass(frozen=True)
class Batch:
    """The places of some questions, passages and statements."""

    questions: list[int]
    passages: list[int]
    statements: list[int]


def learn(tuned: Tuned, course: Course[torch.Tensor], epochs: int) -> None:
    """Train the upper layers; takes minutes for each round over a few thousand questions."""
    torch.manual_seed(_SEED)
    dice = random.Random(_SEED)  # noqa: S311  (no secret depends on it)
    optimiser = torch.optim.AdamW(tuned.parameters, lr=_RATE, weight_decay=0.01)
    steps = -(-len(course.questions) // (2 * _SEEDS * _QUESTIONS))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps * epochs + 1, pct_start=0.1)
    batches = _Batches(course, dice)
    for epoch in range(epochs):
        losses = []
        for batch in batches.some(steps, _nearest(tuned, course)):
            with precise_enough():
                loss = _loss(tuned, course, batch)
            take_step(loss, optimiser, schedule)
            losses.append(loss.item())
        sys.stdout.write(f"lagen, ronde {epoch + 1} van {epochs}: verlies {np.mean(losses):.2f}\n")
        sys.stdout.flush()


class _Batches:
    """Draws batches; the questions of a passage come up in turn."""

    def __init__(self, course: Course[torch.Tensor], dice: random.Random) -> None:
        self._dice = dice
        self._asked, self._stated = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
        for question, passage in enumerate(course.passage):
            self._asked[passage].append(question)
        for statement, passage in enumerate(course.statement_of):
            self._stated[passage].append(statement)
        self._left: dict[int, list[int]] = {}

    def some(self, count: int, nearest: Sequence[Sequence[int]]) -> Iterator[Batch]:
        """`count` batches; `nearest` names for each passage those that look most like it."""
        for _ in range(count):
            seeds = self._dice.sample(sorted(self._asked), min(_SEEDS, len(self._asked)))
            passages = dict.fromkeys(seeds)
            for seed in seeds:
                near = [other for other in nearest[seed] if other in self._asked and other not in passages]
                passages |= dict.fromkeys(self._dice.sample(near, min(1, len(near))))
            questions = dict.fromkeys(question for passage in passages for question in self._turn(passage))
            statements = [statement for passage in passages for statement in self._stated[passage]]
            yield Batch(list(questions), list(passages), statements)

    def _turn(self, passage: int) -> list[int]:
        left = self._left.get(passage, [])
        if len(left) < _QUESTIONS:
            asked = self._asked[passage]
            left = left + self._dice.sample(asked, len(asked))
        self._left[passage] = left[_QUESTIONS:]
        return left[:_QUESTIONS]


def _nearest(tuned: Tuned, course: Course[torch.Tensor]) -> list[list[int]]:
    with torch.inference_mode(), precise_enough():
        vectors = tuned.vectors(course.passages)
        alike = (vectors @ vectors.T).float().fill_diagonal_(-1.0)
    found: list[list[int]] = alike.argsort(dim=1, descending=True)[:, :_NEAREST].tolist()
    return found


def _loss(tuned: Tuned, course: Course[torch.Tensor], batch: Batch) -> torch.Tensor:
    texts = [*(course.questions[n] for n in batch.questions), *(course.passages[n] for n in batch.passages)]
    sizes = [len(batch.questions), len(batch.passages), len(batch.statements)]
    asked, passages, statements = tuned.vectors([*texts, *(course.statements[n] for n in batch.statements)]).split(
        sizes
    )
    of = torch.tensor([course.passage[n] for n in batch.questions])
    right = of[:, None] == torch.tensor(batch.passages)[None, :]
    answers = torch.tensor([[n in course.answers[q] for n in batch.statements] for q in batch.questions])
    itself = torch.eye(len(of), dtype=torch.bool)
    alike = (of[:, None] == of[None, :]) & ~itself
    by_passage = asked @ passages.T
    return (
        contrast(by_passage, right)
        + contrast_each(asked @ statements.T, answers)
        + 0.5 * contrast(by_passage.T, right.T)
        + 0.6 * contrast((asked @ asked.T).masked_fill(itself, -1.0), alike)
    )


def contrast(scores: torch.Tensor, right: torch.Tensor, temperature: float = _TEMPERATURE) -> torch.Tensor:
    """InfoNCE with several right answers in a row: how far all together they are from the rest."""
    some = right.any(dim=1)
    logits = scores[some].float() / temperature
    kept = torch.logsumexp(logits.masked_fill(~right[some], float("-inf")), dim=1)
    return (torch.logsumexp(logits, dim=1) - kept).mean()


def contrast_each(scores: torch.Tensor, right: torch.Tensor, temperature: float = _TEMPERATURE) -> torch.Tensor:
    """InfoNCE of each right answer by itself against what is wrong, so that none stays behind the first.

    The outer sum of supervised contrastive learning (Khosla et al., 2020).
    """
    some = right.any(dim=1)
    logits, kept = scores[some].float() / temperature, right[some]
    wrong = torch.logsumexp(logits.masked_fill(kept, float("-inf")), dim=1, keepdim=True)
    lost = torch.logaddexp(logits, wrong) - logits
    return (lost.masked_fill(~kept, 0.0).sum(dim=1) / kept.sum(dim=1)).mean()
