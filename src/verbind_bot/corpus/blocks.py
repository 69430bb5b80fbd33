"""Paragraphs and lists -> the statements that can be quoted from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from verbind_bot.corpus.sentences import split_sentences
from verbind_bot.types import Statement

_ITEM = re.compile(r"^(?:[-*•]|(\d{1,2})[.)])\s+(\S.*)$")
_PAGE = re.compile("\ue010(\\d{1,5})\ue011")  # where a page begins, in characters that no text of a source has
_CITE = re.compile(r"\s*\[(@[\w:-]+(?:\s*;\s*@[\w:-]+)*)\]")
_MARK = re.compile("\ue010(?P<page>\\d{1,5})\ue011|\\s*\\[(?P<keys>@[\\w:-]+(?:\\s*;\\s*@[\\w:-]+)*)\\]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text between two blank lines."""

    text: str


@dataclass(frozen=True, slots=True)
class ItemList:
    """The items of one list; a numbered one counts from `first`."""

    items: tuple[str, ...]
    numbered: bool
    first: int = 1


@dataclass(frozen=True, slots=True)
class Body:
    """The running text of one passage and the statements in it, by character offset."""

    text: str
    statements: tuple[Statement, ...]


def page_mark(page: int | None) -> str:
    """What stands in a text where `page` begins; `build_body` takes it out again."""
    return f"\ue010{page}\ue011" if page is not None else ""


def last_page(text: str) -> int | None:
    """The page that the last mark in `text` names."""
    found = _PAGE.findall(text)
    return int(found[-1]) if found else None


def split_blocks(lines: Iterable[str]) -> Iterator[Paragraph | ItemList]:
    """Group lines into paragraphs and lists; an indented line continues the item above it."""
    words: list[str] = []
    items: list[str] = []
    first: int | None = None  # the number of the first item; None for a list without numbers
    for line in [*lines, ""]:
        match = _ITEM.match(line.strip())
        if items and not match and line.strip() and line[:1].isspace():
            items[-1] += " " + line.strip()
            continue
        if items and not (match and _goes_on(match.group(1), first, len(items))):
            yield ItemList(tuple(items), first is not None, first or 1)
            items = []
        if words and (match or not line.strip()):
            yield Paragraph(" ".join(words))
            words = []
        if match:
            first = first if items else int(match.group(1)) if match.group(1) else None
            items.append(match.group(2))
        elif line.strip():
            words.append(line.strip())


def _goes_on(number: str | None, first: int | None, length: int) -> bool:
    """Whether an item with this number belongs to the list above it; a list may also say 1 at every item."""
    if number is None or first is None:
        return number is None and first is None
    return int(number) in (first + length, 1)


def build_body(blocks: Iterable[Paragraph | ItemList]) -> Body:
    """Join blocks into one text; marks of works (`[@key]`) and of pages are taken out and kept with their statement.

    A list whose preceding sentence ends in a colon has that sentence as its lead.
    """
    text = ""
    statements: list[Statement] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            text += "\n\n" if text else ""
            for sentence, references, page in _cited_sentences(block.text):
                start = len(text)
                statements.append(Statement(start, start + len(sentence), sentence, references=references, page=page))
                text += sentence + " "
            text = text.rstrip()
        else:
            leads = bool(statements) and statements[-1].lead.endswith(":") and not statements[-1].items
            lead = statements.pop() if leads else None
            text += "" if not text else "\n" if lead else "\n\n"
            start = lead.start if lead else len(text)
            first = _PAGE.search(block.items[0])
            items = [_take_citations(_PAGE.sub("", item)) for item in block.items]
            marks = [f"{n}." if block.numbered else "-" for n in range(block.first, block.first + len(items))]
            text += "\n".join(f"{mark} {item}" for mark, (item, _) in zip(marks, items, strict=True))
            references = unique([*(lead.references if lead else ()), *(key for _, keys in items for key in keys)])
            statements.append(
                Statement(
                    start,
                    len(text),
                    lead.lead if lead else "",
                    tuple(item for item, _ in items),
                    block.numbered,
                    references,
                    lead.page if lead else int(first.group(1)) if first else None,
                )
            )
    return Body(text, tuple(statements))


def unique(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys in order of first occurrence."""
    return tuple(dict.fromkeys(keys))


def _take_citations(text: str) -> tuple[str, tuple[str, ...]]:
    keys = [key.strip().removeprefix("@") for mark in _CITE.findall(text) for key in mark.split(";")]
    return _CITE.sub("", text).strip(), unique(keys)


def _cited_sentences(paragraph: str) -> Iterator[tuple[str, tuple[str, ...], int | None]]:
    """The sentences of a paragraph, each with the works marked inside or directly behind it, and its first page."""
    clean, marks, pages, last = "", [], [], 0
    for match in _MARK.finditer(paragraph):
        clean += paragraph[last : match.start()]
        if match["page"]:
            pages.append((len(clean), int(match["page"])))
        else:
            marks.append((len(clean), [key.strip().removeprefix("@") for key in match["keys"].split(";")]))
        last = match.end()
    clean += paragraph[last:]
    after = -1
    for start, end in split_sentences(clean):
        keys = [key for position, found in marks if after < position <= end for key in found]
        page = next((number for position, number in reversed(pages) if position <= start), None)
        after = end
        yield clean[start:end], unique(keys), page
