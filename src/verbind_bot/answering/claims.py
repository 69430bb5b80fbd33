"""What a Dutch sentence claims, so that it can be compared with a quote: names, denials, opposites, strength."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

from verbind_bot.index.dutch import STOPWORDS, content_terms, fold, stem, words
from verbind_bot.index.spelling import is_dutch

_CLAUSE = re.compile(r"[,;:.!?\n]|(?<![\w-])(?:en|maar|of|want|omdat|als|dat|die)(?![\w-])")
_NAMED = re.compile(r"on\w+(?:heid|heden)")
_TOKEN = re.compile(r"[^\W_][\w’'.-]*|[.!?:;“\"‘(\n]")


def names(text: str) -> list[str]:
    """The words of `text` that name something: capitals inside a sentence, abbreviations, unknown first words."""
    found = []
    opening = True
    for match in _TOKEN.finditer(text):
        token = match.group().rstrip(".-’'")
        if not token or not token[0].isalnum():
            opening = True
            continue
        capitals = sum(c.isupper() for c in token)
        if capitals >= 2 or (capitals and token[0].isupper() and (not opening or not is_dutch(fold(token)))):
            found.append(token.removesuffix("’s").removesuffix("'s"))
        opening = match.group().endswith(".") and len(match.group()) > 2
    return [name for name in found if len(name) > 1]


@dataclass(frozen=True)
class Lexicon:
    """The word lists of `claims.toml`, ready to match folded words."""

    negations: frozenset[str]
    light: frozenset[str]
    pointers: frozenset[str]
    prefixes: tuple[str, ...]
    opposites: tuple[tuple[str, str], ...]
    duty: tuple[str, ...]
    free: tuple[str, ...]
    strong: dict[str, tuple[str, ...]]
    weak: dict[str, tuple[str, ...]]
    reserves: dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The word lists that we ship."""
    data = tomllib.loads(Path(__file__).with_name("claims.toml").read_text(encoding="utf-8"))
    return Lexicon(
        frozenset(data["negations"]),
        frozenset(map(fold, data["light"])),
        frozenset(map(fold, data["pointers"])),
        tuple(data["prefixes"]),
        tuple((fold(a), fold(b)) for a, b in data["opposites"]),
        tuple(data["duty"]),
        tuple(data["free"]),
        {name: tuple(map(fold, group)) for name, group in data["strong"].items()},
        {name: tuple(map(fold, group)) for name, group in data["weak"].items()},
        {name: tuple(map(fold, data["reserves"].get(name, group))) for name, group in data["weak"].items()},
    )


def holds(text_words: Iterable[str], pattern: str) -> bool:
    """Whether some word matches `pattern`: a word, several words in a row, or a start that ends in *."""
    found = list(text_words)
    if " " in pattern:
        return f" {pattern} " in f" {' '.join(found)} "
    if pattern.endswith("*"):
        return any(word.startswith(pattern[:-1]) for word in found)
    return pattern in found


def groups(text: str, table: dict[str, tuple[str, ...]]) -> frozenset[str]:
    """The groups of `table` that `text` uses a word of."""
    found = words(text)
    return frozenset(name for name, patterns in table.items() if any(holds(found, p) for p in patterns))


def denials(text: str) -> list[int]:
    """Where in the words of `text` something is denied."""
    found = words(text)
    return [n for n, word in enumerate(found) if _denies(word)]


def _denies(word: str) -> bool:
    if any(holds([word], pattern) for pattern in lexicon().negations):
        return True
    rest = word.removeprefix("on")
    return rest != word and len(rest) >= 5 and is_dutch(rest) and not rest.startswith(("der", "twikkel", "ts", "tm"))


def opposed(sentence: str, quote: str) -> tuple[str, str] | None:
    """A word that the sentence has more often than the quote and the opposite that it has less often, or None."""
    mine, theirs = words(sentence), words(quote)
    for pair in lexicon().opposites:
        for a, b in (pair, pair[::-1]):
            if times(mine, a) > times(theirs, a) and times(mine, b) < times(theirs, b):
                return a, b
    return None


def times(found: list[str], pattern: str) -> int:
    """How many words match `pattern`, or are the same word in another form."""
    root = stem(pattern) if len(pattern) >= 4 else None
    return sum(holds([word], pattern) or stem(word) == root for word in found)


def foreign_names(sentence: str, quote: str) -> list[str]:
    """The names of the sentence that the quote does not have, in whatever form."""
    theirs = set(words(quote))
    return [name for name in names(sentence) if not all(_named(word, theirs) for word in words(name))]


def _named(word: str, theirs: set[str]) -> bool:
    stub = word[: max(5, len(word) - 2)]
    return word in theirs or any(
        other.startswith(stub) or (len(other) >= 5 and word.startswith(other) and len(word) - len(other) <= 3)
        for other in theirs
        if len(word) >= 5
    )


def denies_otherwise(sentence: str, quote: str) -> bool:
    """Whether the sentence denies what the quote does not, or says outright what the quote denies.

    A thing that both name, such as "onzekerheid", denies nothing.
    """
    things = {word for word in words(sentence) if _NAMED.fullmatch(word)} & set(words(quote))
    mine, theirs = _denied(sentence, things), _denied(quote, things)
    if len(mine) > len(theirs) or any(not any(row & other for other in theirs) for row in mine if row):
        return True
    plain = set(content_terms(sentence))
    for row in mine:
        theirs = _without(theirs, row)
    return any(row & plain if not mine else row and len(row & plain) >= min(2, len(row)) for row in theirs)


def _without(rows: list[frozenset[str]], row: frozenset[str]) -> list[frozenset[str]]:
    """The rows but the one that is most like `row`."""
    like = max(rows, key=lambda other: len(other & row))
    return [other for other in rows if other is not like]


def _denied(text: str, things: Set[str]) -> list[frozenset[str]]:
    """For each denial of `text` but `things` the words that carry meaning and stand nearest to it in its clause."""
    rows = []
    for clause in _CLAUSE.split(text):
        found = words(clause)
        for at in denials(clause):
            if found[at] in things:
                continue
            around = (found[at : at + 6], found[max(0, at - 5) : at][::-1])
            near = [[stem(w) for w in side if _weighs(w) and not _denies(w)][:2] for side in around]
            rows.append(frozenset(near[0] + near[1]))
    return rows


def _weighs(word: str) -> bool:
    return word not in STOPWORDS and word not in lexicon().light and word not in ("enkel", "enkele")


def swapped(sentence: str, quote: str) -> tuple[str, str] | None:
    """Two words of the quote of which the sentence has one in the place of the other, or None."""
    mine, theirs = content_terms(sentence), content_terms(quote)
    codes = SequenceMatcher(None, theirs, mine, autojunk=False).get_opcodes()
    exchanged = {
        (theirs[i1], mine[j1]) for tag, i1, i2, j1, j2 in codes if tag == "replace" and i2 - i1 == j2 - j1 == 1
    }
    return next(((a, b) for a, b in exchanged if (b, a) in exchanged or _doubled(a, b, mine, theirs)), None)


def _doubled(gone: str, put: str, mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether a word of the quote also took the place of another, which is now said less often."""
    return 0 < theirs.count(put) < mine.count(put) and mine.count(gone) < theirs.count(gone)
