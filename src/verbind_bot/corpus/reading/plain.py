"""Bytes -> text in whatever encoding it was saved, and plain text -> a Document."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from verbind_bot.corpus.reading.document import Document, Limits, bounded
from verbind_bot.corpus.reading.layout import Row, reflow
from verbind_bot.errors import CorpusError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_ORDINARY = re.compile(r"[\w\s.,;:!?'\"()\[\]/%€&+=*#@<>|~^`{}\\$§°·•–—‘’“”„…-]")
_NO_TEXT = "dit bestand is geen tekst. Sla het op als PDF, Word (.docx), Markdown of tekst (UTF-8)."


def decode(content: bytes) -> str:
    """The text of a file: by its byte order mark, as UTF-8, as UTF-16 without a mark, or as Windows-1252.

    Raises CorpusError when none of these gives a readable text.
    """
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if _readable(text):
            return text
    raise CorpusError(_NO_TEXT)


def read_text(content: bytes, limits: Limits) -> Document:
    """Plain text: lines that were broken to a width are joined; form feeds part the pages."""
    pages = decode(content).split("\f")
    if len(pages) > 1 and not pages[-1].strip():
        pages.pop()
    rows = [[Row(line) for line in re.split(r"\r\n|\r|\n|\u2028|\u2029|\x0b|\x85", page)] for page in pages]
    return Document(bounded(reflow(rows, numbered=len(pages) > 1), limits.characters))


def _encodings(content: bytes) -> Iterator[str]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            yield encoding
            return
    yield "utf-8"
    head = content[:4000]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > 0.3 * len(head) / 2 > 5 * min(even, odd):
        yield "utf-16-le" if odd > even else "utf-16-be"
    if not even + odd:
        yield "cp1252"


def _readable(text: str) -> bool:
    if not text or len(_CONTROLS.findall(text)) > 0.02 * len(text):
        return False
    sample = text[:20_000]
    return "\x00" not in text and len(_ORDINARY.findall(sample)) >= 0.9 * len(sample)
