"""What the corpus says that it answers is answered: the assistant proposes these questions itself."""

import random

import pytest

from verbind_bot.types import Status

pytestmark = pytest.mark.model


def test_a_stored_question_is_answered_from_its_passage(parts):
    stored = [(passage, question) for passage in parts.corpus.passages for question in passage.questions]
    some = random.Random(4).sample(stored, 60)
    answers = [(passage, parts.answerer.answer(question)) for passage, question in some]
    assert [answer.question for _, answer in answers if answer.status is not Status.ANSWERED] == []
    found = [any(c.passage_id == passage.id for c in answer.citations) for passage, answer in answers]
    assert sum(found) >= 58


@pytest.mark.parametrize(
    "question", ["Waar gaat deze notitie over?", "waar gaat deze notitie over", "Waar gaat dit stuk over?"]
)
def test_what_the_note_is_about_is_told(parts, question):
    answer = parts.answerer.answer(question)
    assert answer.status is Status.ANSWERED
    assert answer.citations[0].passage_id == "1:doel-notitie"


def test_one_word_more_and_it_is_weighed_again(parts):
    answer = parts.answerer.answer("Welke wet regelt passend onderwijs in België?")
    assert answer.status is not Status.ANSWERED
    assert parts.answerer.answer("Welke wet regelt passend onderwijs?").status is Status.ANSWERED
