"""Where a quote stands in a passage, whatever became of its spaces, quotation marks and capitals on the way."""

from __future__ import annotations

import re
import unicodedata

from verbind_bot.types import Passage

_SAME = str.maketrans({**dict.fromkeys('’‘“”„«»"', "'"), **dict.fromkeys("–‑—", "-"), "…": ".", "‹": "<", "›": ">"})
_MIN_CHARS = 8
_SIGN = re.compile(r"(?m)^\s*(?:[-*•]|\d{1,2}[.)])\s+")


def locate(quote: str, passage: Passage) -> tuple[int, int] | None:
    """The span of the statements of `passage` that hold `quote`, or None when it is not literally there.

    White space, case, and the kind of quotation marks and dashes do not count; every letter and digit does.
    The span is widened to whole statements, so that a quote cut out of a denial does not lose it.
    """
    wanted, _ = _folded(_SIGN.sub("", quote).strip().strip("\"'“”‘’.… "))
    text, places = _folded(passage.text)
    at = text.find(wanted) if len(wanted) >= _MIN_CHARS else -1
    if at < 0:
        return None
    start, end = places[at], places[at + len(wanted) - 1] + 1
    touched = [s for s in passage.statements if s.start < end and s.end > start]
    if not touched:
        return None
    return min(s.start for s in touched), max(s.end for s in touched)


def _folded(text: str) -> tuple[str, list[int]]:
    """The letters, digits and signs of `text` without white space or list signs, and where each one stands."""
    signs = {n for match in _SIGN.finditer(text) for n in range(*match.span())}
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char.isspace() or place in signs or unicodedata.category(char) == "Cf":
            continue
        for plain in unicodedata.normalize("NFKC", char.translate(_SAME)).casefold():
            kept.append(plain)
            places.append(place)
    return "".join(kept), places
