"""The numbers that a Dutch text names, in digits or in words."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from verbind_bot.index.dutch import fold

_ORDINAL = re.compile(r"\b(\d+)(?:ste|de|e)\b")
_ONE = re.compile(r"\b[Éé][Éé]n\b")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*e?|[^\W\d_]+")


def numbers(text: str) -> list[str]:
    """The numbers of `text` in order, whatever way they are written: "drie" and "3", "derde" (as 3e), "helft" (1/2)."""
    marked = _ORDINAL.sub(r" \1e ", _ONE.sub(" 1 ", text))
    found = (_value(token) for token in _TOKEN.findall(fold(marked)))
    return [value for value in found if value]


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
