"""Answered questions -> the adapter of a corpus (`python -m verbind_bot.evaluation.adapting`).

Learns from the labels of `evals/statements.jsonl`: first the upper layers of the embedding model (`learning`), where it
is the default one, then two linear maps after it. The labelled questions of train, dev and test are never seen: the
decision to answer is fitted on the first and needs figures of questions that are new. Takes about an hour. After
it, fit that decision again (`verbind_bot.evaluation.fitting`), for its figures are made of the adapted vectors.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field

from verbind_bot.bootstrap import read_corpus
from verbind_bot.corpus.library import Corpus
from verbind_bot.errors import CorpusError
from verbind_bot.evaluation.dataset import read_records
from verbind_bot.evaluation.learning import Course, contrast, contrast_each, learn
from verbind_bot.evaluation.tuning import Tuned, numbers_of
from verbind_bot.index.adapting import ADAPTER, AdaptedEmbedder, Adapter
from verbind_bot.index.e5 import E5
from verbind_bot.index.embedding import DEFAULT_MODEL, DOCUMENT_PROMPT, QUERY_PROMPT, Embedder, load_embedder
from verbind_bot.index.entries import passage_text, statement_text
from verbind_bot.index.low_rank import Layers
from verbind_bot.settings import load_settings

_EPOCHS, _BATCH, _RATE = 14, 512, 2e-3
_ROUNDS, _FROZEN = 4, 6  # over the questions while layers learn, and the layers that stay as they are
_TEMPERATURE = 0.04
_DROPOUT = 0.1
_HOLD = 0.01  # how much a map is held back from leaving the identity
_SEED = 7


class Answered(BaseModel):
    """A line of `statements.jsonl`: a question, and the statements that answer it, most important first.

    They may be of several passages. Most are only learned from; the others are stored with the passage too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    statements: tuple[str, ...] = Field(min_length=1)  # "passage#number", the first statement being 1

    @property
    def passage(self) -> str:
        """The passage that answers the question best."""
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


def texts_of(corpus: Corpus, labels: Sequence[Answered]) -> Course[str]:
    """All that is learned from. Raises CorpusError for a label with a statement that the corpus does not have."""
    stated = [(p, n, s) for p in corpus.passages for n, s in enumerate(p.statements, 1)]
    number = {f"{passage.id}#{n}": at for at, (passage, n, _) in enumerate(stated)}
    place = {passage.id: at for at, passage in enumerate(corpus.passages)}
    for line, label in enumerate(labels, 1):
        if not set(label.statements) <= number.keys():
            raise CorpusError(f"dit past niet op het corpus: {label.question}", "statements.jsonl", line)
    return Course(
        [label.question for label in labels],
        [passage_text(passage) for passage in corpus.passages],
        [statement_text(passage, statement) for passage, _, statement in stated],
        [place[label.passage] for label in labels],
        [frozenset(number[key] for key in label.statements) for label in labels],
        [place[passage.id] for passage, _, _ in stated],
    )


def learned_layers(texts: Course[str], rounds: int = _ROUNDS) -> Layers:
    """The changes of the upper layers of the default model."""
    tuned = Tuned(E5(), _FROZEN)

    def states(prompt: str, of: Sequence[str]) -> list[torch.Tensor]:
        return tuned.lower([tuned.e5.row(row) for row in tuned.e5.tokens.rows([prompt + text for text in of])])

    course = Course(
        states(QUERY_PROMPT, texts.questions),
        states(DOCUMENT_PROMPT, texts.passages),
        states(DOCUMENT_PROMPT, texts.statements),
        texts.passage,
        texts.answers,
        texts.statement_of,
    )
    learn(tuned, course, rounds)
    return tuned.layers()


def lesson(texts: Course[str], embedder: Embedder) -> Lesson:
    """The vectors of everything, for `fit`."""
    answers = torch.zeros(len(texts.questions), len(texts.statements), dtype=torch.bool)
    for at, own in enumerate(texts.answers):
        answers[at, list(own)] = True
    return Lesson(
        torch.from_numpy(embedder.embed_queries(texts.questions)),
        torch.from_numpy(embedder.embed_documents(texts.passages)),
        torch.from_numpy(embedder.embed_documents(texts.statements)),
        torch.tensor(texts.passage),
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
    return Adapter(numbers_of(maps[0]), numbers_of(maps[1]), model)


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
        + contrast_each(by_statement, of.answers[batch], _TEMPERATURE)
        + contrast(by_question.masked_fill(itself, -1.0), alike, _TEMPERATURE)
    )


def main(folder: str = "evals") -> None:
    """Fit the adapter of the corpus that is set, and write it into its folder."""
    settings = load_settings()
    embedder = load_embedder(settings.embedding_model, str(settings.data_dir / "models"))
    texts = texts_of(read_corpus(settings), list(read_records(Path(folder) / "statements.jsonl", Answered)))
    model, same = embedder.name, np.eye(embedder.dimension, dtype=np.float32)
    layers = learned_layers(texts) if model == DEFAULT_MODEL else {}
    changed = AdaptedEmbedder(embedder, Adapter(same, same, model, layers))
    path = settings.corpus_dir / ADAPTER
    replace(fit(lesson(texts, changed), model), layers=layers).save(path)
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
