"""Paragraphs and lists -> the statements that can be quoted from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from verbind_bot.corpus.sentences import split_sentences
from verbind_bot.types import Statement

_ITEM = re.compile(r"^(?:[-*•]|(\d{1,2})[.)])\s+(\S.*)$")
_CITE = re.compile(r"\s*\[(@[\w:-]+(?:\s*;\s*@[\w:-]+)*)\]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text between two blank lines."""

    text: str


@dataclass(frozen=True, slots=True)
class ItemList:
    """The items of one list."""

    items: tuple[str, ...]
    numbered: bool


@dataclass(frozen=True, slots=True)
class Body:
    """The running text of one passage and the statements in it, by character offset."""

    text: str
    statements: tuple[Statement, ...]


def split_blocks(lines: Iterable[str]) -> Iterator[Paragraph | ItemList]:
    """Group lines into paragraphs and lists; an indented line continues the item above it."""
    words: list[str] = []
    items: list[str] = []
    numbered = False
    for line in [*lines, ""]:
        match = _ITEM.match(line.strip())
        if items and not match:
            if line.strip() and line[:1].isspace():
                items[-1] += " " + line.strip()
                continue
            yield ItemList(tuple(items), numbered)
            items = []
        if words and (match or not line.strip()):
            yield Paragraph(" ".join(words))
            words = []
        if match:
            numbered = match.group(1) is not None
            items.append(match.group(2))
        elif line.strip():
            words.append(line.strip())


def build_body(blocks: Iterable[Paragraph | ItemList]) -> Body:
    """Join blocks into one text; `[@key]` marks are taken out of the text and kept with their statement.

    A list whose preceding sentence ends in a colon has that sentence as its lead.
    """
    text = ""
    statements: list[Statement] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            text += "\n\n" if text else ""
            for sentence, references in _cited_sentences(block.text):
                start = len(text)
                statements.append(Statement(start, start + len(sentence), sentence, references=references))
                text += sentence + " "
            text = text.rstrip()
        else:
            lead = statements.pop() if statements and statements[-1].lead.endswith(":") else None
            text += "" if not text else "\n" if lead else "\n\n"
            start = lead.start if lead else len(text)
            items = [_take_citations(item) for item in block.items]
            marks = [f"{n}." if block.numbered else "-" for n in range(1, len(items) + 1)]
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
                )
            )
    return Body(text, tuple(statements))


def unique(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys in order of first occurrence."""
    return tuple(dict.fromkeys(keys))


def _take_citations(text: str) -> tuple[str, tuple[str, ...]]:
    keys = [key.strip().removeprefix("@") for mark in _CITE.findall(text) for key in mark.split(";")]
    return _CITE.sub("", text).strip(), unique(keys)


def _cited_sentences(paragraph: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The sentences of a paragraph, each with the keys of the marks inside it or directly behind it."""
    clean, marks, last = "", [], 0
    for match in _CITE.finditer(paragraph):
        clean += paragraph[last : match.start()]
        marks.append((len(clean), [key.strip().removeprefix("@") for key in match.group(1).split(";")]))
        last = match.end()
    clean += paragraph[last:]
    after = -1
    for start, end in split_sentences(clean):
        keys = [key for position, found in marks if after < position <= end for key in found]
        after = end
        yield clean[start:end], unique(keys)
