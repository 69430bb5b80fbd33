"""Lines of a part -> the blocks of its passages, each of about as many words as one answer needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from verbind_bot.corpus.blocks import ItemList, Paragraph, last_page, page_mark, split_blocks
from verbind_bot.corpus.reading.document import Line
from verbind_bot.corpus.reading.layout import ITEM
from verbind_bot.corpus.sentences import split_sentences

MAX_WORDS = 120


def chunks(lines: Iterable[Line]) -> Iterator[list[Paragraph | ItemList]]:
    """Pack whole paragraphs and lists into passages of at most MAX_WORDS words, unless one is longer by itself."""
    packed: list[Paragraph | ItemList] = []
    size = 0
    for block in _cut(split_blocks(_with_pages(lines))):
        words = _size(block)
        leads_list = isinstance(block, ItemList) and packed and _text(packed[-1]).endswith(":")
        if packed and size + words > MAX_WORDS and not leads_list:
            yield packed
            packed, size = [], 0
        packed.append(block)
        size += words
    if packed:
        yield packed


def _with_pages(lines: Iterable[Line]) -> Iterator[str]:
    """The lines as text, with a mark where a block starts and where a page does."""
    page, fresh, in_item = None, True, False
    for line in lines:
        text, starts = line.text, bool(ITEM.match(line.text))
        new = fresh or starts or (in_item and not text.startswith(" ")) or line.page != page
        if text.strip() and line.page is not None and new:
            sign = ITEM.match(text)
            at = sign.end() - 1 if sign else len(text) - len(text.lstrip())
            text = text[:at] + page_mark(line.page) + text[at:]
        if text.strip():
            page = line.page
            in_item = starts or (in_item and line.text.startswith(" "))
        fresh = not text.strip()
        yield text


def _cut(blocks: Iterable[Paragraph | ItemList]) -> Iterator[Paragraph | ItemList]:
    """Cut what is longer than MAX_WORDS words, between sentences or between items, into parts of about equal length."""
    for block in blocks:
        parts = -(-_size(block) // MAX_WORDS)
        if parts < 2:
            yield block
        elif isinstance(block, Paragraph):
            yield from _cut_paragraph(block.text, _size(block) / parts)
        elif parts > 2:
            yield from _cut_list(block)
        else:
            yield block


def _cut_paragraph(text: str, want: float) -> Iterator[Paragraph]:
    taken, page = "", None
    for sentence in _sentences(text):
        taken = f"{taken} {sentence}".strip()
        if len(taken.split()) >= want:
            yield Paragraph(_from_page(taken, page))
            page = last_page(taken) or page
            taken = ""
    if taken:
        yield Paragraph(_from_page(taken, page))


def _sentences(text: str) -> Iterator[str]:
    """The sentences; what goes on for hundreds of words without an end is cut between words."""
    for start, end in split_sentences(text):
        words = text[start:end].split()
        if len(words) <= 2 * MAX_WORDS:
            yield text[start:end]
            continue
        for at in range(0, len(words), MAX_WORDS):
            yield " ".join(words[at : at + MAX_WORDS])


def _cut_list(block: ItemList) -> Iterator[ItemList]:
    """The list in pieces; the numbers go on."""
    taken: list[str] = []
    first = block.first
    for item in block.items:
        if taken and len(" ".join([*taken, item]).split()) > MAX_WORDS:
            yield replace(block, items=tuple(taken), first=first)
            first += len(taken)
            taken = []
        taken.append(item)
    yield replace(block, items=tuple(taken), first=first)


def _from_page(text: str, page: int | None) -> str:
    """The text with the page that it starts on, when it has no mark at its start."""
    return text if page is None or text.startswith(page_mark(page)[:1]) else page_mark(page) + text


def _text(block: Paragraph | ItemList) -> str:
    return block.text if isinstance(block, Paragraph) else " ".join(block.items)


def _size(block: Paragraph | ItemList) -> int:
    return len(_text(block).split())
