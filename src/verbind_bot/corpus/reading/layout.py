"""Rows as they stand on paper -> lines of a text: running heads out, words whole again, paragraphs and items apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from verbind_bot.corpus.reading.document import GAP, Line, clean
from verbind_bot.corpus.reading.running import without_running

_BULLET = re.compile(r"^\s*[•▪◦‣●○■□–—*·\uf0b7\uf0a7\uf02d\uf0d8]\s+(?=\S)")
_ALONE = re.compile(r"^\s*[•▪◦‣●○■□·\uf0b7\uf0a7\uf02d\uf0d8]\s*$")
ITEM = re.compile(r"^(?:-|\d{1,2}[.)])\s+\S")
_BROKEN = re.compile(r"(?P<first>[^\W\d_][\w’']*)(?P<mark>-|\u00ad)$")
_NEXT = re.compile(r"^(?P<rest>[^\W\d_][\w’'-]*)(?P<tail>[^\s\w]*)\s*")
_TITLE = re.compile(r"^(?=.*[^\W\d_])[A-Z\d‘“\"'À-Þ](?:.*[^\W_][)’”'?\"]{0,2}|\w+ \d{1,2}\.)$")
_SHARED = frozenset({"en", "of", "dan", "tot"})  # "onder- en bovenbouw" keeps its hyphen
_ENDS = (".", "!", "?", ":", ";", "…", ".”", ".’", ".)", '."')
_PROSE = 160  # a row longer than this is a whole paragraph
_LEAST_ROWS = 10  # that show how a page is spaced
_FULL = 0.7  # of the usual width: a row that goes on


@dataclass(frozen=True, slots=True)
class Row:
    """A row of text on paper: its level as a heading, whether there is room above it, and where it begins (points)."""

    text: str
    level: int = 0
    gap: bool = False
    page: int | None = None
    left: float | None = None


def reflow(pages: Sequence[Sequence[Row]], numbered: bool) -> Iterator[Line]:
    """The lines of a text that was laid out in rows, page by page; `numbered` keeps the number of the page."""
    kept = without_running([_single_spaced(page) for page in pages], lambda row: (row.text, row.level))
    rows = [
        replace(_tidy(row), page=n if numbered else None)
        for n, page in enumerate(kept, 1)
        for row in _gaps(page, n == 1)
    ]
    return _lines(_whole_words(_whole_headings(_without_dashes(_with_bullets(rows)))))


def _gaps(page: Sequence[Row], first_page: bool) -> Iterator[Row]:
    """Empty rows become room above the next row. Room above a page says nothing: there the text just goes on."""
    above = top = True
    for row in page:
        if not row.text.strip():
            above = True
            continue
        yield replace(row, gap=first_page if top else row.gap or above)
        above = top = False


def _tidy(row: Row) -> Row:
    text = _BULLET.sub("- ", row.text)
    if _ALONE.match(text):
        return replace(row, text="-")
    end = "\u00ad" if text.rstrip().endswith("\u00ad") else ""
    return replace(row, text=clean(text.replace("\u00ad", "")) + end)


def _single_spaced(page: Sequence[Row]) -> list[Row]:
    """Undo the empty row that some extraction puts behind every row; a longer gap stays one empty row."""
    blank = [not row.text.strip() for row in page]
    pairs = sum(1 for a, b in pairwise(blank) if not a and b)
    filled = [row.text.rstrip() for row in page if row.text.strip()]
    ended = sum(text.endswith(_ENDS) for text in filled)
    if len(filled) < _LEAST_ROWS or pairs < 0.6 * len(filled) or ended > 0.5 * len(filled):
        return list(page)
    kept: list[Row] = []
    run = 0
    for row, empty in zip(page, blank, strict=True):
        if not empty:
            kept += [Row("")] * (run > 1)
            kept.append(row)
        run = run + 1 if empty else 0
    return kept


def _with_bullets(rows: Sequence[Row]) -> list[Row]:
    """A bullet on a row of its own belongs to the row below it."""
    kept: list[Row] = []
    lone = False
    for row in rows:
        if row.text == "-":
            lone = True
        elif row.text:
            kept.append(replace(row, text=f"- {row.text}", gap=False) if lone and not ITEM.match(row.text) else row)
            lone = False
    return kept


def _without_dashes(rows: Sequence[Row]) -> list[Row]:
    """A dash that stands first on a row in the middle of a sentence is no sign of an item: it goes one row up."""
    kept: list[Row] = []
    in_item = False
    for row in rows:
        sign = ITEM.match(row.text)
        above = kept[-1] if kept and not row.gap and not in_item and not kept[-1].level else None
        if above and row.text.startswith("- ") and row.text[2:3].islower() and not above.text.endswith((*_ENDS, ",")):
            kept[-1] = replace(above, text=f"{above.text} –")
            kept.append(replace(row, text=row.text[2:]))
            continue
        in_item = bool(sign) or (in_item and not row.gap and not row.level)
        kept.append(row)
    return kept


def _whole_headings(rows: Sequence[Row]) -> list[Row]:
    """A heading that goes on over two rows is one heading."""
    kept: list[Row] = []
    for row in rows:
        if kept and row.level and row.level == kept[-1].level and not row.gap and row.page == kept[-1].page:
            kept[-1] = replace(kept[-1], text=f"{kept[-1].text} {row.text}")
        else:
            kept.append(row)
    return kept


def _whole_words(rows: list[Row]) -> list[Row]:
    """Words that were broken at the end of a row are joined, in the way that the rest of the text writes them."""
    known = Counter(re.findall(r"\w+(?:-\w+)*", " ".join(row.text for row in rows).lower()))
    for at in range(len(rows) - 1):
        here, below = rows[at], rows[at + 1]
        broken, following = _BROKEN.search(here.text), _NEXT.match(below.text)
        if not broken or not following or below.level != here.level or following["rest"] in _SHARED:
            continue
        word = _joined(broken["first"], following["rest"], broken["mark"], known)
        text = here.text[: broken.start()] + word + following["tail"]
        rows[at] = replace(here, text=text)
        rows[at + 1] = replace(below, text=below.text[following.end() :], gap=below.gap and not following)
    return [row for row in rows if row.text]


def _joined(first: str, rest: str, mark: str, known: Counter[str]) -> str:
    whole, hyphened = first + rest, f"{first}-{rest}"
    if mark == "-" and (not rest[0].islower() or known[hyphened.lower()] > known[whole.lower()]):
        return hyphened
    return whole


def _lines(rows: Sequence[Row]) -> Iterator[Line]:
    lengths = sorted(len(row.text) for row in rows if not row.level)
    width = lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0
    before: Row | None = None
    item: Row | None = None  # the item that the rows are in
    for at, row in enumerate(rows):
        level = row.level or (2 if _stands_alone(rows, at, width) else 0)
        if level:
            yield from (GAP, Line(row.text, level, row.page))
            item = None
        elif ITEM.match(row.text):
            yield Line(row.text, 0, row.page)
            item = row
        elif before is None or _parts(before, row, width, item):
            yield from (GAP, Line(row.text, 0, row.page))
            item = None
        else:
            yield Line(("  " if item else "") + row.text, 0, row.page)
        before = row


def _parts(before: Row, row: Row, width: int, item: Row | None) -> bool:
    """Whether a new paragraph starts at `row`."""
    if row.gap or before.level or width > _PROSE:
        return True
    ended = before.text.endswith(_ENDS)
    capital = row.text[:1].isupper() or not row.text[:1].isalpha()
    short = len(before.text) < _FULL * width
    outdented = item is not None and item.left is not None and row.left is not None and row.left < item.left + 1
    return ended and capital and (short or before.page != row.page or outdented)


def _stands_alone(rows: Sequence[Row], at: int, width: int) -> bool:
    """Whether a row without a style of its own is a heading: short, with room above it, no sentence, and a new start
    below it."""
    row, text = rows[at], rows[at].text
    below = rows[at + 1] if at + 1 < len(rows) else None
    room_above = row.gap or rows[at - 1].page != row.page
    if not room_above or below is None or ITEM.match(text) or not _TITLE.match(text):
        return False
    room = below.gap or bool(below.level)
    starts = bool(ITEM.match(below.text)) or (below.text[:1].isupper() and len(below.text) > _FULL * width)
    return (room or starts) and len(text.split()) <= 12 and len(text) < min(90, 0.8 * max(width, 60))
