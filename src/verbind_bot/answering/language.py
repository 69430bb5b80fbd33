"""Whether a question is English or Dutch, by its small words."""

from __future__ import annotations

from verbind_bot.index.dutch import words

_ENGLISH = frozenset(
    [
        "the",
        "what",
        "which",
        "who",
        "where",
        "when",
        "why",
        "how",
        "does",
        "do",
        "is",
        "are",
        "was",
        "were",
        "of",
        "in",
        "and",
        "for",
        "with",
        "about",
        "can",
        "should",
        "their",
        "they",
        "there",
        "school",
        "neighbourhood",
        "neighborhood",
        "between",
        "to",
        "a",
        "an",
        "tell",
        "me",
    ]
)
_DUTCH = frozenset(
    [
        "de",
        "het",
        "een",
        "wat",
        "welke",
        "wie",
        "waar",
        "wanneer",
        "waarom",
        "hoe",
        "is",
        "zijn",
        "van",
        "in",
        "en",
        "voor",
        "met",
        "over",
        "kan",
        "moet",
        "hun",
        "zij",
        "er",
        "naar",
        "bij",
        "op",
        "ik",
        "je",
        "we",
        "school",
        "wijk",
    ]
)


def is_english(question: str) -> bool:
    """Whether the question's small words are English rather than Dutch."""
    found = words(question)
    return sum(w in _ENGLISH for w in found) > sum(w in _DUTCH for w in found)
