"""Dutch text -> the terms that are compared: folded, without stop words, stemmed, compounds in parts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import Stemmer

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_PLAIN = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-"})
_LINKS = ("", "s", "e", "en", "n")
_MIN_PART = 4

STOPWORDS = frozenset(Path(__file__).with_name("stopwords.txt").read_text(encoding="utf-8").split())
_STEMMER = Stemmer.Stemmer("dutch_porter")


def fold(text: str) -> str:
    """Lower case without accents; typographic apostrophes and dashes made plain."""
    plain = text.translate(_PLAIN).lower()
    if plain.isascii():
        return plain
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The folded words of `text`, in order, stop words included; hyphens divide words."""
    return [token.removesuffix("'s").replace("'", "") for token in _TOKEN.findall(fold(text))]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The Dutch stem of one folded word."""
    return str(_STEMMER.stemWord(word)) if not word.isdigit() else word


@lru_cache(maxsize=8192)
def has_words(text: str) -> bool:
    """Whether a text says anything: dots, numbers or an emoji alone do not."""
    return any(word.isalpha() for word in words(text))


def content_terms(text: str) -> tuple[str, ...]:
    """The stems of the words of `text` that carry meaning, in order."""
    return tuple(stem(word) for word in words(text) if word not in STOPWORDS and (len(word) > 1 or word.isdigit()))


class CompoundSplitter:
    """Splits compounds into words that the corpus itself uses (schoolmodel -> school, model)."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        """`vocabulary` holds folded words; only those of four letters or more can be a part."""
        self.vocabulary = frozenset(word for word in vocabulary if len(word) >= _MIN_PART)
        self._parts = lru_cache(maxsize=65536)(self._split)

    def parts(self, word: str) -> tuple[str, ...]:
        """The parts of `word`, or nothing when it is not made of known words."""
        return self._parts(word)

    def _split(self, word: str) -> tuple[str, ...]:
        best: tuple[str, ...] = ()
        for cut in range(_MIN_PART, len(word) - _MIN_PART + 1):
            head, tail = word[:cut], word[cut:]
            base = next((head.removesuffix(link) for link in _LINKS if self._known(head, link)), None)
            if base is None:
                continue
            rest = (tail,) if tail in self.vocabulary else self._parts(tail)
            if rest and (not best or len(rest) + 1 < len(best)):
                best = (base, *rest)
        return best

    def _known(self, head: str, link: str) -> bool:
        return head.endswith(link) and head.removesuffix(link) in self.vocabulary if link else head in self.vocabulary


class Analyzer:
    """Text -> search terms: stems, and the stems of the parts of compounds."""

    def __init__(self, splitter: CompoundSplitter) -> None:
        self._splitter = splitter
        # The same passages come up again and again, so their terms are kept.
        self.terms = lru_cache(maxsize=20_000)(self._terms)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Analyzer:
        """An analyzer whose splitter knows the words of `texts`."""
        return cls(CompoundSplitter({word for text in texts for word in words(text)}))

    @property
    def vocabulary(self) -> frozenset[str]:
        """The words that a compound may be made of."""
        return self._splitter.vocabulary

    def _terms(self, text: str) -> tuple[str, ...]:
        """The search terms of `text`; a compound gives its own stem and those of its parts."""
        found: list[str] = []
        for word in words(text):
            if word in STOPWORDS or (len(word) < 2 and not word.isdigit()):
                continue
            found.append(stem(word))
            found.extend(stem(part) for part in self._splitter.parts(word))
        return tuple(found)
