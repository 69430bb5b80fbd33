"""The numbers that a Dutch text names, in digits or in words."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from verbind_bot.index.dutch import STOPWORDS, fold, stem

_SIGN = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")  # of a numbered list: a place, no amount
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_ORDINAL = re.compile(r"\b(\d+)(?:ste|de|e)\b")
_ONE = re.compile(r"\b[Éé][Éé]n\b")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*e?|[^\W\d_]+")


def numbers(text: str) -> list[str]:
    """The numbers of `text` in order, whatever way they are written: "drie" and "3", "derde" (as 3e), "helft" (1/2)."""
    return [value for value in map(_value, _tokens(text)) if value]


def misplaced(sentence: str, quote: str) -> str | None:
    """A number of `sentence` that counts what another number of `quote` counts, or None."""
    theirs = counted(quote)
    for value, word in counted(sentence):
        if word and (value, word) not in theirs and any(word == other for _, other in theirs):
            return value
    return None


def counted(text: str) -> list[tuple[str, str]]:
    """Each number of `text` that counts something, with the stem of that word: the next that carries meaning."""
    tokens = _tokens(text)
    found = []
    for n, token in enumerate(tokens):
        if (value := _value(token)) and not _YEAR.fullmatch(value):
            after = takewhile(lambda t: not _value(t), tokens[n + 1 : n + 4])
            found.append((value, next((stem(t) for t in after if t not in STOPWORDS), "")))
    return found


def _tokens(text: str) -> list[str]:
    marked = _ORDINAL.sub(r" \1e ", _ONE.sub(" 1 ", _SIGN.sub("", text)))
    return _TOKEN.findall(fold(marked))


def _value(token: str) -> str:
    return _plain(token) if token[0].isdigit() else _words().get(token, "")


def _plain(number: str) -> str:
    """Digits without the points of thousands; a decimal point as a comma."""
    return re.sub(r"[.](?=\d{3}(?:\D|$))", "", number).replace(".", ",")


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    """Dutch number words up to 999, thousand, million, ordinals and shares -> what stands for them."""
    data = tomllib.loads(Path(__file__).with_name("numerals.toml").read_text(encoding="utf-8"))
    units = data["units"]
    found = {word: str(n) for n, word in enumerate(units) if word != "een"}
    for ten, name in enumerate(data["tens"], 2):
        found[name] = str(ten * 10)
        found |= {f"{unit}en{name}": str(ten * 10 + n) for n, unit in enumerate(units[1:10], 1)}
    below = dict(found)
    for n, unit in enumerate(["", *units[2:10]], 1):
        found[f"{unit}honderd"] = str(n * 100)
        found |= {f"{unit}honderd{word}": str(n * 100 + int(value)) for word, value in below.items()}
    found |= {"duizend": "1000", "miljoen": "1000000", "miljard": "1000000000"}
    found |= {word: f"{n}e" for n, word in enumerate(data["ordinals"], 1)}
    return found | {word: value for value, row in data["shares"].items() for word in row}
