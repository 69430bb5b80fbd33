"""What returns on every page: running heads and feet, and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import TypeVar

_NUMBER = re.compile(
    r"^\W{0,3}(?:(?:pagina|blz\.?|bladzijde|page|p\.)\s*)?\d{1,4}(?:\s*(?:van|/|of|\|)\s*\d{1,4})?\W{0,3}$",
    re.IGNORECASE,
)
_LONE = re.compile(r"^\s*\d{1,4}\s*$")
_EDGE = 3  # rows from the top and from the bottom of a page
_LEAST = 3  # pages on which a running head stands; both, in a text of two pages
_SHARE = 0.2
_SHARE_OF_OTHERS = 0.5  # for headings and for long rows, which could well be text
_WORDS = 10

R = TypeVar("R")


def without_running(pages: Sequence[Sequence[R]], look: Callable[[R], tuple[str, int]]) -> list[list[R]]:
    """The rows of each page without what runs on; `look` gives a row's text and its level as a heading."""
    if len(pages) == 1:  # a number on a row of its own is the page number that stayed behind
        return [[row for row in pages[0] if not _LONE.match(look(row)[0])]]
    filled = [[n for n, row in enumerate(page) if look(row)[0].strip()] for page in pages]
    edges = [{*rows[:_EDGE], *rows[-_EDGE:]} for rows in filled]
    seen = Counter(key for page, at in zip(pages, edges, strict=True) for key in {_key(look(page[n])[0]) for n in at})
    kept = []
    for page, rows in zip(pages, filled, strict=True):
        looks = [(n, *look(page[n])) for n in rows]
        dropped = {*_peeled(looks, seen, len(pages)), *_peeled(looks[::-1], seen, len(pages))}
        kept.append([row for n, row in enumerate(page) if n not in dropped])
    return kept


def _peeled(rows: Iterable[tuple[int, str, int]], seen: Counter[str], pages: int) -> Iterator[int]:
    """The rows that run on, from the edge of the page inward."""
    running = takewhile(lambda row: _runs(row[1], row[2], seen, pages), list(rows)[:_EDGE])
    return (n for n, _, _ in running)


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", " ".join(text.lower().split()))


def _runs(text: str, level: int, seen: Counter[str], pages: int) -> bool:
    if _NUMBER.match(text.strip()) and not level:
        return True
    share = _SHARE_OF_OTHERS if level or len(text.split()) > _WORDS else _SHARE
    return seen[_key(text)] >= max(min(_LEAST, pages), share * pages)
