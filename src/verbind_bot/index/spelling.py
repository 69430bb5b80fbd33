"""Typing errors in a question -> the corpus's own words: the only importer of rapidfuzz and spellchecker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from verbind_bot.index.dutch import fold

_WORD = re.compile(r"[^\W\d_]{5,}")
_LETTERS_PER_ERROR = 4


@lru_cache(maxsize=1)
def _dutch() -> Callable[[str], bool]:
    """Whether a word is in a list of Dutch words (343,000 forms, from film subtitles, inside the package)."""
    return SpellChecker(language="nl").word_frequency.__contains__


def is_dutch(word: str) -> bool:
    """Whether a folded word is in the list of Dutch words."""
    return _dutch()(word)


class Spelling:
    """Corrects words that neither Dutch nor the corpus knows, when a word of the corpus is near."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        """`vocabulary` holds the folded words of the corpus."""
        self._known = frozenset(vocabulary)
        self._long = sorted(word for word in self._known if _WORD.fullmatch(word))
        self._is_dutch = _dutch()
        self._nearest = lru_cache(maxsize=4096)(self._look_up)

    def correct(self, text: str) -> str:
        """`text` with each unknown word replaced by the nearest word of the corpus.

        One error is allowed per four letters (optimal string alignment: a swap is one error), and
        the first letter must be right; words of fewer than five letters stay as they are.
        """
        return _WORD.sub(lambda match: self._nearest(match.group()), text)

    def _look_up(self, word: str) -> str:
        plain = fold(word)
        if plain in self._known or self._is_dutch(plain):
            return word
        same_start = [known for known in self._long if known[0] == plain[0]]
        found = process.extractOne(
            plain, same_start, scorer=OSA.distance, score_cutoff=min(3, len(plain) // _LETTERS_PER_ERROR)
        )
        return str(found[0]) if found else word
