import pytest

from verbind_bot.index.spelling import Spelling

SPELLING = Spelling({"wijkteam", "samenwerking", "schoolplein", "ouders"})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wijktaem", "wijkteam"),  # a swap is one error
        ("samenwerknig met ouders", "samenwerking met ouders"),
        ("Is het schooplein open?", "Is het schoolplein open?"),
    ],
)
def test_a_typing_error_becomes_the_corpus_word(typed, meant):
    assert SPELLING.correct(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "huurders",  # Dutch, though one letter from nothing in the corpus
        "team",  # short
        "xijkteam",  # the first letter is wrong
        "12345",
    ],
)
def test_other_words_stay(text):
    assert SPELLING.correct(text) == text
