"""Questions that say too little are met with a question, over the tiny corpus."""

import pytest

from verbind_bot.types import Status

pytestmark = pytest.mark.model


@pytest.mark.parametrize("question", ["???", "12345", "{{7*7}}", "1 + 1 = ?"])
def test_what_holds_no_word_is_asked_back(small_parts, question):
    answer = small_parts.answerer.answer(question)
    assert answer.status is Status.CLARIFY
    assert answer.follow_ups
    assert answer.confidence is None


def test_a_question_with_a_word_that_points_somewhere_is_not(small_parts):
    answer = small_parts.answerer.answer("Wanneer haal je honing uit de kast?")
    assert answer.status is Status.ANSWERED
    assert 0 < answer.confidence <= 1
