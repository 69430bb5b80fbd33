from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.conftest import ROOT

from verbind_bot.corpus.library import load_corpus
from verbind_bot.errors import CorpusError
from verbind_bot.evaluation.adapting import Answered, Lesson, fit, lesson
from verbind_bot.evaluation.dataset import load_cases, read_records


class Hashed:
    """Texts as bags of hashed words: a real, poor embedder that takes no time."""

    name = "woorden"
    dimension = 64

    def embed_queries(self, texts):
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[sum(word.encode()) % self.dimension] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    embed_documents = embed_queries


def labels_of(corpus):
    return [
        Answered(question=question, statements=(f"{passage.id}#1",))
        for passage in corpus.passages
        for question in passage.questions
    ]


def noisy_lesson(passages=30, size=16, seed=3):
    """Questions near their passage, but for a direction that says nothing and is larger than the rest."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(passages, size))
    own[:, 0] = 0
    which = np.repeat(np.arange(passages), 8)
    asked = own[which] + rng.normal(scale=0.3, size=(len(which), size))
    asked[:, 0] = rng.normal(scale=6, size=len(which))
    documents = own + np.eye(size)[0] * rng.normal(scale=6, size=(passages, 1))
    unit = [torch.nn.functional.normalize(torch.tensor(x, dtype=torch.float32), dim=1) for x in (asked, documents)]
    answers = torch.nn.functional.one_hot(torch.tensor(which), passages).bool()
    return Lesson(unit[0], unit[1], unit[1], torch.tensor(which), answers)


def right_first(of, questions, documents):
    found = of.passages.numpy() @ documents
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return float(np.mean(((of.questions.numpy() @ questions) @ found.T).argmax(axis=1) == of.passage.numpy()))


def test_what_was_learned_finds_the_passage_of_questions_that_are_new():
    same = np.eye(16, dtype=np.float32)
    whole = noisy_lesson()
    seen, new = (
        replace(whole, questions=whole.questions[part], passage=whole.passage[part], answers=whole.answers[part])
        for part in (slice(0, None, 2), slice(1, None, 2))
    )
    adapter = fit(seen, "woorden", epochs=300)
    assert adapter.model == "woorden"
    assert right_first(new, adapter.questions, adapter.documents) > right_first(new, same, same) + 0.2


def test_labels_that_do_not_fit_the_corpus_are_named():
    corpus = load_corpus(ROOT / "corpus")
    good = labels_of(corpus)[0]
    for bad in (
        Answered(question=good.question, statements=(f"{good.passage}#99",)),
        Answered(question="Deze vraag is niet opgeslagen?", statements=good.statements),
    ):
        with pytest.raises(CorpusError, match=r"statements\.jsonl"):
            lesson(corpus, Hashed(), [good, bad])


def test_the_shipped_labels_fit_the_corpus_and_no_labelled_question_is_among_them():
    corpus = load_corpus(ROOT / "corpus")
    labels = list(read_records(ROOT / "evals" / "statements.jsonl", Answered))
    assert len(lesson(corpus, Hashed(), labels).answers) == len(labels) > 5000
    asked = {case.query.text for split in ("dev", "test") for case in load_cases(ROOT / "evals", split)}
    assert not asked & {label.question for label in labels}
