"""Which words of a sentence come from nowhere: not from its quote, not from an equivalent of what the quote has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from verbind_bot.answering.claims import lexicon
from verbind_bot.answering.equivalents import Equivalents
from verbind_bot.index.dutch import STOPWORDS, Analyzer, content_terms, words
from verbind_bot.types import Term

_START = 5  # letters that two words must begin with to count as one word in two forms ...
_TAIL = 3  # ... and how many at most may follow


class Wording:
    """Compares the words of a sentence with those of its quote."""

    def __init__(self, analyzer: Analyzer, terms: Sequence[Term] = (), equivalents: Equivalents | None = None) -> None:
        self._terms = analyzer.terms
        self._names = [[content_terms(name) for name in term.names] for term in terms]
        self._equivalents = equivalents or Equivalents.shipped()

    def invented(self, sentence: str, quote: str, heading: str = "") -> list[str]:
        """The words of `sentence` that carry meaning and that `quote` neither has nor says in other words.

        The heading counts only where the quote points back to it (zij, het, daarvoor).
        """
        context = f"{heading} {quote}" if _points_back(quote) else quote
        known = frozenset(self._terms(context)) | self._other_names(context)
        said = set(words(context))
        known_roots = frozenset(root for other in said for root in roots(other))
        return [
            word
            for word in dict.fromkeys(words(sentence))
            if self._carries(word)
            and not self._covered(word, known)
            and not any(_same_word(word, other) for other in said)
            and not roots(word) & known_roots
            and not self._equivalents.licensed(word, sentence, context)
        ]

    @staticmethod
    def _carries(word: str) -> bool:
        return len(word) > 1 and not word.isdigit() and word not in STOPWORDS and word not in lexicon().light

    def _covered(self, word: str, known: frozenset[str]) -> bool:
        """Whether the quote has the word, or all parts of it when it is a compound."""
        terms = self._terms(word)
        return not terms or terms[0] in known or (len(terms) > 1 and all(term in known for term in terms[1:]))

    def _other_names(self, text: str) -> frozenset[str]:
        """The words of the other names of every term that `text` names."""
        row = f" {' '.join(content_terms(text))} "
        named = [names for names in self._names if any(name and f" {' '.join(name)} " in row for name in names)]
        return frozenset(stem for names in named for name in names for stem in name)


def _points_back(quote: str) -> bool:
    return bool(set(words(quote)[:6]) & lexicon().pointers)


def _same_word(a: str, b: str) -> bool:
    if min(len(a), len(b)) < _START or a[:_START] != b[:_START]:
        return False
    shared = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return max(len(a), len(b)) - shared <= _TAIL


_ENDINGS = re.compile(r"(?:ingen|ing|ende|end|enden|elijk|den|ten|de|te|en|t|d|e)$")
_MIN_ROOT = 3


@lru_cache(maxsize=32768)
def roots(word: str) -> frozenset[str]:
    """The verb that a word may be a form of, without what changes: ge-, endings, doubled letters (richt, gericht).

    Of a word with a separable prefix also the root behind it: "aangestuurd" gives "aangestur" and "stur".
    """
    found = {_root(word)}
    for prefix in lexicon().prefixes:
        if word.startswith(prefix) and len(word) - len(prefix) > _MIN_ROOT:
            found.add(_root(word[len(prefix) :]))
    return frozenset(root for root in found if len(root) >= _MIN_ROOT)


def _root(word: str) -> str:
    bare = word[2:] if word.startswith("ge") and len(word) > 5 else word
    bare = _ENDINGS.sub("", bare) if len(bare) >= 4 else bare
    bare = re.sub(r"(.)\1", r"\1", bare)
    return bare[:-1] + {"v": "f", "z": "s"}.get(bare[-1:], bare[-1:])
