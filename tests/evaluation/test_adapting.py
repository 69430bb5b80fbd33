import math
import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.conftest import ROOT, write_small_corpus

from verbind_bot.corpus.library import load_corpus
from verbind_bot.errors import CorpusError
from verbind_bot.evaluation.adapting import Answered, Lesson, fit, learned_layers, lesson, texts_of
from verbind_bot.evaluation.dataset import load_cases, read_records
from verbind_bot.evaluation.learning import Course, _Batches, contrast, contrast_each
from verbind_bot.index.adapting import AdaptedEmbedder, Adapter
from verbind_bot.index.dutch import content_terms
from verbind_bot.index.embedding import load_embedder


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
    bad = Answered(question=good.question, statements=(f"{good.passage}#99",))
    with pytest.raises(CorpusError, match=r"statements\.jsonl, regel 2"):
        texts_of(corpus, [good, bad])


def test_a_question_leads_to_its_passage_and_to_the_statements_that_answer_it():
    corpus = load_corpus(ROOT / "corpus")
    passage = next(p for p in corpus.passages if len(p.statements) > 2)
    label = Answered(question="Hoe dan?", statements=(f"{passage.id}#3", f"{passage.id}#1"))
    texts = texts_of(corpus, [label])
    assert corpus.passages[texts.passage[0]] is passage
    found = lesson(texts, Hashed())
    assert [texts.statement_of[n] for n in sorted(texts.answers[0])] == texts.passage * 2
    assert found.answers.nonzero()[:, 1].tolist() == sorted(texts.answers[0])
    first, third = sorted(texts.answers[0])
    assert passage.statements[0].text in texts.statements[first]
    assert passage.statements[2].text in texts.statements[third]


def test_the_shipped_labels_fit_the_corpus_and_no_labelled_question_is_among_them():
    corpus = load_corpus(ROOT / "corpus")
    labels = list(read_records(ROOT / "evals" / "statements.jsonl", Answered))
    assert len(texts_of(corpus, labels).answers) == len(labels) > 14_000
    learned = [frozenset(content_terms(label.question)) for label in labels]
    for case in (case for split in ("dev", "test") for case in load_cases(ROOT / "evals", split)):
        terms = frozenset(content_terms(case.query.text))
        if case.answerable and not case.query.metadata.history and len(terms) > 2:
            assert all(len(terms & other) < 0.8 * len(terms | other) for other in learned), case.query.id


@pytest.mark.model
def test_layers_that_learned_some_questions_put_their_passages_nearer(tmp_path):
    corpus = load_corpus(write_small_corpus(tmp_path))
    labels = labels_of(corpus)
    texts = texts_of(corpus, labels)
    same = np.eye(384, dtype=np.float32)
    plain, layers = load_embedder(), learned_layers(texts, rounds=12)
    learned = AdaptedEmbedder(plain, Adapter(same, same, plain.name, layers))

    def lead(embedder):
        found = embedder.embed_queries(texts.questions) @ embedder.embed_documents(texts.passages).T
        own = found[np.arange(len(found)), texts.passage].copy()
        found[np.arange(len(found)), texts.passage] = -1
        return float((own - found.max(axis=1)).mean())

    assert lead(learned) > lead(plain) + 0.05


@pytest.mark.parametrize(("scores", "loss"), [([[1.0, 0.0]], 0.3133), ([[0.0, 1.0]], 1.3133), ([[0.5, 0.5]], 0.6931)])
def test_contrast_by_hand(scores, loss):
    right = torch.tensor([[True, False]])
    assert float(contrast(torch.tensor(scores), right, 1.0)) == pytest.approx(loss, abs=1e-4)
    both, rows = torch.tensor([[True, True], [False, False]]), torch.tensor([*scores, [0.0, 0.0]])
    assert float(contrast(rows, both, 1.0)) == pytest.approx(0)  # all right; a row without a right answer counts not


def test_batches_hold_whole_passages_and_each_question_comes_up_in_turn():
    of = [0] * 3 + [1] * 3 + [2] * 3
    course = Course([], [], [], of, [], [0, 0, 1, 2])
    drawn = list(_Batches(course, random.Random(1)).some(5, [[1], [2], [0]]))
    for batch in drawn:
        assert sorted(batch.passages) == [0, 1, 2]
        assert sorted(batch.statements) == [0, 1, 2, 3]
        assert sorted(batch.questions) == list(range(9))


def test_contrast_of_each_right_answer_by_hand():
    right = torch.tensor([[True, True, False], [False, False, False]])
    scores = torch.tensor([[2.0, 1.0, 0.0], [3.0, 0.0, 1.0]])
    first, second = math.log(1 + math.exp(-2)), math.log(1 + math.exp(-1))  # each against the wrong one alone
    assert float(contrast_each(scores, right, 1.0)) == pytest.approx((first + second) / 2, abs=1e-5)
