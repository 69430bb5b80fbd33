"""PDF -> a Document, page by page: the only importer of pypdf."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from verbind_bot.corpus.reading.document import Document, Limits, bounded, clean
from verbind_bot.corpus.reading.layout import Row, reflow
from verbind_bot.errors import CorpusError

if TYPE_CHECKING:
    from pypdf import PdfReader

_MOST_PAGES = 5000
_ROOM = 1.45  # times the usual distance between rows: a new paragraph
_LARGER = 1.12  # times the size of running text: a heading
_LETTERS_PER_PAGE = 15  # a scan has fewer, if any
_BROKEN = "deze PDF is stuk en kan niet gelezen worden. Open hem in een PDF-lezer en sla hem opnieuw op."


@dataclass(slots=True)
class _Printed:
    """A row while it is put together: where it stands and in what type."""

    text: str = ""
    x: float = 0.0
    y: float | None = None
    size: float = 0.0
    bold: bool = False


def read_pdf(content: bytes, limits: Limits) -> Document:
    """A PDF with text in it. Raises CorpusError for one with a password, without text, or broken, with the page."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(content))
        _unlock(reader)
        pages = _pages(reader, limits)
        title = clean(str(reader.metadata.title or "")) if reader.metadata else ""
    except CorpusError:
        raise
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, AssertionError) as error:
        raise CorpusError(_BROKEN) from error
    letters = sum(char.isalpha() for page in pages for row in page for char in row.text)
    if letters < _LETTERS_PER_PAGE * len(pages):
        raise CorpusError(
            "in deze PDF staan beelden in plaats van tekst, zoals bij een scan. Maak er eerst tekst van met "
            "tekstherkenning (OCR), en neem dan dat bestand op."
        )
    lines = bounded(reflow(_with_levels(pages), numbered=True), limits.characters)
    return Document(lines, title)


def _unlock(reader: PdfReader) -> None:
    """A PDF that only its owner may change opens without a password; another does not."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise CorpusError("deze PDF heeft een wachtwoord. Haal het wachtwoord eraf en probeer het opnieuw.")


def _pages(reader: PdfReader, limits: Limits) -> list[list[_Printed]]:
    count = len(reader.pages)
    if not count:
        raise CorpusError("deze PDF heeft geen pagina's. Kies een ander bestand.")
    if count > _MOST_PAGES:
        raise CorpusError(f"deze PDF heeft meer dan {_MOST_PAGES} pagina's. Deel hem op.")
    pages, size = [], 0
    for number in range(count):
        try:
            page = _rows(reader.pages[number])
        except (MemoryError, CorpusError):
            raise
        except Exception as error:  # a broken page makes pypdf raise nearly anything
            raise CorpusError(
                f"blz. {number + 1} is stuk en kan niet gelezen worden. Sla de PDF opnieuw op."
            ) from error
        size += sum(len(row.text) for row in page)
        if size > limits.characters:
            raise CorpusError(f"er staat meer dan {limits.characters} tekens tekst in deze PDF. Deel hem op.")
        pages.append(page)
    return pages


def _rows(page: Any) -> list[_Printed]:
    rows = [_Printed()]

    def see(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        parts = text.split("\n")
        for n, part in enumerate(parts):
            if n:
                rows.append(_Printed())
            row = rows[-1]
            row.text += part
            if part.strip() and row.y is None:
                row.x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
                row.y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
                row.size = abs(size * (tm[3] or tm[1] or 1) * (cm[3] or cm[1] or 1))
                row.bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()

    page.extract_text(visitor_text=see)
    return [row for row in rows if row.text.strip()]


def _with_levels(pages: Sequence[Sequence[_Printed]]) -> list[list[Row]]:
    sizes = Counter[float]()
    for page in pages:
        for row in page:
            sizes[round(row.size, 1)] += len(row.text)
    body = sizes.most_common(1)[0][0] or 1.0
    bold = sum(len(row.text) for page in pages for row in page if row.bold)
    mostly_bold = bold > 0.5 * sizes.total()
    larger = sorted({size for size in sizes if size >= _LARGER * body}, reverse=True)
    levels = {size: min(6, n) for n, size in enumerate(larger, 1)}
    return [list(_levelled(page, body, levels, mostly_bold)) for page in pages]


def _levelled(page: Sequence[_Printed], body: float, levels: dict[float, int], mostly_bold: bool) -> Iterator[Row]:
    steps = [a.y - b.y for a, b in pairwise(page) if a.y is not None and b.y is not None and a.y > b.y]
    usual = _usual(steps, body)
    above: _Printed | None = None
    for row in page:
        level = levels.get(round(row.size, 1), 0)
        text = row.text.strip()
        if not level and row.bold and not mostly_bold:
            level = min(6, len(levels) + 1)
        if len(text.split()) > 25 or (level and text.endswith((".", ",", ";")) and not re.match(r"^[\d.]+$", text)):
            level = 0
        step = above.y - row.y if above and above.y is not None and row.y is not None else 0.0
        room = _ROOM * (max(usual, 1.3 * row.size) if level else usual)
        yield Row(row.text, level, gap=step > room or step < -usual, left=row.x)
        above = row


def _usual(steps: Sequence[float], body: float) -> float:
    """The distance between two rows of one paragraph on this page."""
    near = [round(step, 1) for step in steps if 0.5 * body < step < 2.5 * body]
    return Counter(near).most_common(1)[0][0] if near else 1.3 * body
