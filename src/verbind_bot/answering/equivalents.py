"""Dutch words that may stand in each other's place in a sentence; the words are data (`equivalents.txt`)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from verbind_bot.index.dutch import fold, stem, words

_PATH = Path(__file__).with_name("equivalents.txt")


class Equivalents:
    """Looks up whether a text says a word in other words."""

    def __init__(self, rows: Iterable[tuple[str, Iterable[str]]]) -> None:
        """Each row is a word with the words or phrases that may replace it, and that it may replace."""
        self._words: dict[str, set[str]] = {}
        self._phrases: dict[str, set[tuple[str, ...]]] = {}
        for head, others in rows:
            for other in others:
                self._join(_stems(head), _stems(other))

    @classmethod
    @lru_cache(maxsize=1)
    def shipped(cls) -> Equivalents:
        """The table that we ship."""
        lines = [line for line in _PATH.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        return cls((head, others.split(",")) for head, _, others in (line.partition(":") for line in lines))

    def licensed(self, word: str, sentence: str, quote: str) -> bool:
        """Whether `quote` holds an equivalent of `word`, a folded word of `sentence`."""
        root = stem(word)
        said, quoted = _stems(sentence), _stems(quote)
        known = set(quoted)
        near = self._words.get(root, set())
        if near & known or any(near & self._words.get(other, set()) for other in known):
            return True  # one of its equivalents is there, or an equivalent of one (taken, werkzaamheden, opdrachten)
        if any(_in_row(phrase, quoted) for phrase in self._phrases.get(root, ())):
            return True
        # The word is part of a phrase that stands for a word of the quote ("doen mee" for "deelnemen").
        return any(root in phrase and _in_row(phrase, said) for key in known for phrase in self._phrases.get(key, ()))

    def _join(self, head: tuple[str, ...], other: tuple[str, ...]) -> None:
        if len(head) != 1 or not other or head == other:
            return
        if len(other) == 1:
            self._words.setdefault(head[0], set()).add(other[0])
            self._words.setdefault(other[0], set()).add(head[0])
        else:
            self._phrases.setdefault(head[0], set()).add(other)


@lru_cache(maxsize=4096)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(fold(text)))


def _in_row(phrase: tuple[str, ...], text: tuple[str, ...]) -> bool:
    """Whether the words of `phrase` stand in `text` in this order, at most a few words apart."""
    at = -1
    for part in phrase:
        try:
            found = text.index(part, at + 1)
        except ValueError:
            return False
        if at >= 0 and found - at > _APART:
            return False
        at = found
    return True


_APART = 6
