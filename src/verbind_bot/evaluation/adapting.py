"""Answered questions -> the adapter of a corpus (`python -m verbind_bot.evaluation.adapting`).

Learns from the questions that are stored with the passages, with the labels of `evals/statements.jsonl`. The labelled
questions of train, dev and test are never seen: the decision to answer is fitted on the first and needs figures of
questions that are new. Takes a few minutes. After it, fit that decision again (`verbind_bot.evaluation.fitting`), for
its figures are made of the adapted vectors.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field

from verbind_bot.bootstrap import read_corpus
from verbind_bot.corpus.library import Corpus
from verbind_bot.errors import CorpusError
from verbind_bot.evaluation.dataset import read_records
from verbind_bot.index.adapting import ADAPTER, Adapter
from verbind_bot.index.embedding import Embedder, load_embedder
from verbind_bot.index.entries import passage_text, statement_text
from verbind_bot.settings import load_settings

_EPOCHS, _BATCH, _RATE = 14, 512, 2e-3
_TEMPERATURE = 0.04
_DROPOUT = 0.1
_HOLD = 0.01  # how much a map is held back from leaving the identity
_SEED = 7


class Answered(BaseModel):
    """A line of `statements.jsonl`: a stored question, and the statements of its passage that answer it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    statements: tuple[str, ...] = Field(min_length=1)  # "passage#number", the first statement being 1

    @property
    def passage(self) -> str:
        """The passage that the question is stored with."""
        return self.statements[0].rpartition("#")[0]


@dataclass(frozen=True)
class Lesson:
    """All vectors to learn from: questions (q, d), passages (p, d), statements (s, d).

    `passage` (q) is the place of each question's passage, `answers` (q, s) is true where a statement answers it.
    """

    questions: torch.Tensor
    passages: torch.Tensor
    statements: torch.Tensor
    passage: torch.Tensor
    answers: torch.Tensor


def lesson(corpus: Corpus, embedder: Embedder, labels: Sequence[Answered]) -> Lesson:
    """Embed everything. Raises CorpusError for a label whose statement or question the corpus does not have."""
    stated = [(p, n, s) for p in corpus.passages for n, s in enumerate(p.statements, 1)]
    number = {f"{passage.id}#{n}": at for at, (passage, n, _) in enumerate(stated)}
    place = {passage.id: at for at, passage in enumerate(corpus.passages)}
    answers = torch.zeros(len(labels), len(stated), dtype=torch.bool)
    for at, label in enumerate(labels):
        if not set(label.statements) <= number.keys() or label.question not in corpus.by_id[label.passage].questions:
            raise CorpusError(f"dit past niet op het corpus: {label.question}", "statements.jsonl", at + 1)
        answers[at, [number[key] for key in label.statements]] = True
    documents = [passage_text(p) for p in corpus.passages] + [statement_text(p, s) for p, _, s in stated]
    vectors = torch.from_numpy(embedder.embed_documents(documents))
    return Lesson(
        torch.from_numpy(embedder.embed_queries([label.question for label in labels])),
        vectors[: len(place)],
        vectors[len(place) :],
        torch.tensor([place[label.passage] for label in labels]),
        answers,
    )


def fit(of: Lesson, model: str, epochs: int = _EPOCHS) -> Adapter:
    """Train the two maps from the identity, with InfoNCE against all passages, statements and stored questions."""
    torch.manual_seed(_SEED)
    same = torch.eye(of.questions.shape[1])
    maps = [torch.nn.Parameter(same.clone()), torch.nn.Parameter(same.clone())]
    optimiser = torch.optim.AdamW(maps, lr=_RATE, weight_decay=0)
    batches = -(-len(of.questions) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=epochs * batches, pct_start=0.1)
    for epoch in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(of.questions)).split(_BATCH):
            loss = _loss(of, batch, *maps)
            loss = loss + _HOLD * sum((m - same).pow(2).sum() for m in maps)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() / batches
        sys.stdout.write(f"ronde {epoch + 1} van {epochs}: verlies {total:.2f}\n")
    questions, documents = (np.asarray(m.detach().numpy(), dtype=np.float32) for m in maps)
    return Adapter(questions, documents, model)


def _loss(of: Lesson, batch: torch.Tensor, questions: torch.Tensor, documents: torch.Tensor) -> torch.Tensor:
    unit = torch.nn.functional.normalize
    asked = unit(torch.nn.functional.dropout(of.questions[batch], _DROPOUT) @ questions, dim=1)
    by_passage = asked @ unit(of.passages @ documents, dim=1).T
    by_statement = asked @ unit(of.statements @ documents, dim=1).T
    by_question = asked @ unit(of.questions @ questions, dim=1).T
    itself = torch.arange(len(of.questions))[None, :] == batch[:, None]
    alike = (of.passage[None, :] == of.passage[batch][:, None]) & ~itself
    return (
        torch.nn.functional.cross_entropy(by_passage / _TEMPERATURE, of.passage[batch])
        + _contrast(by_statement, of.answers[batch])
        + _contrast(by_question.masked_fill(itself, -1.0), alike)
    )


def _contrast(scores: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """InfoNCE with several right answers: how far all together they are from the rest."""
    some = right.any(dim=1)
    logits = scores[some] / _TEMPERATURE
    kept = torch.logsumexp(logits.masked_fill(~right[some], float("-inf")), dim=1)
    return (torch.logsumexp(logits, dim=1) - kept).mean()


def main(folder: str = "evals") -> None:
    """Fit the adapter of the corpus that is set, and write it into its folder."""
    settings = load_settings()
    embedder = load_embedder(settings.embedding_model, str(settings.data_dir / "models"))
    labels = list(read_records(Path(folder) / "statements.jsonl", Answered))
    found = lesson(read_corpus(settings), embedder, labels)
    path = settings.corpus_dir / ADAPTER
    fit(found, embedder.name).save(path)
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
