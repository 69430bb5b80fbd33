"""Whether a sentence claims more than its quote: a duty for a chance, all for some, sure for likely."""

from __future__ import annotations

import re

from verbind_bot.answering.claims import groups, holds, lexicon, times
from verbind_bot.index.dutch import STOPWORDS, stem, words

_HELD_BACK = {
    "must": ("may", "wish", "among"),
    "all": ("some", "about", "among", "sometimes"),
    "always": ("may", "sometimes"),
    "cause": ("may", "seems"),
}


def stronger(sentence: str, quote: str) -> list[str]:
    """The ways in which the sentence claims more than the quote: a strong word gained, or a reserve left out."""
    table = lexicon()
    had = groups(quote, table.strong)
    gained = groups(sentence, table.strong) - had
    gained -= {"all", "always"} if had & {"all", "always"} else frozenset()
    kept = groups(sentence, table.weak)
    lost = frozenset(g for g, _ in table.weak.items() if g not in kept and _governs(table.reserves[g], quote, sentence))
    found = [g for g in gained if g in _ALWAYS_STRONGER or set(_HELD_BACK.get(g, ())) & lost]
    found += ["must"] if _obliges(sentence, quote) else []
    found += [f"-{group}" for group in lost & _NEVER_LOST]
    return found + [word for word in words(sentence) if _raised(word, quote)]


def _obliges(sentence: str, quote: str) -> bool:
    """Whether the sentence makes a duty of what the quote leaves free: more of "moeten" and less of "kunnen"."""
    mine, theirs = words(sentence), words(quote)
    duty, free = lexicon().duty, lexicon().free
    more = sum(times(mine, p) for p in duty) > sum(times(theirs, p) for p in duty)
    return more and sum(times(mine, p) for p in free) < sum(times(theirs, p) for p in free)


def _governs(patterns: tuple[str, ...], quote: str, sentence: str) -> bool:
    """Whether a word of the group stands in the quote before something that the sentence goes on to say."""
    found, said = words(quote), set(map(stem, words(sentence)))
    for n, word in enumerate(found):
        if any(holds([word], pattern) for pattern in patterns):
            after = [stem(w) for w in found[n + 1 : n + 8] if w not in STOPWORDS][:_GOVERNED]
            if any(w in said for w in after):
                return True
    return False


_GOVERNED = 2  # words that carry meaning, behind a reserve such as "vaak" or "bijna"
_ALWAYS_STRONGER = frozenset({"all", "always", "never", "only", "proof", "sure"})
_NEVER_LOST = frozenset({"sometimes", "some", "about"})


def _raised(word: str, quote: str) -> bool:
    """Whether `word` is the superlative of a word that the quote has in its plain form."""
    base = re.sub(r"ste?$", "", word)
    theirs = words(quote)
    return base != word and len(base) >= 4 and word not in theirs and (base in theirs or f"{base}e" in theirs)
