"""Markdown -> a Document: headings, paragraphs and lists; front matter, code, pictures and markup are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verbind_bot.corpus.reading.document import GAP, Document, Limits, Line, bounded, clean
from verbind_bot.corpus.reading.plain import decode

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.+?)\s*#*\s*(?:\{#[\w-]+\})?\s*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)\s*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_RULE = re.compile(r"^ {0,3}([-*_])(?:\s*\1){2,}\s*$")
_ITEM = re.compile(r"^(\s*)(?:[-*+•]|(\d{1,3})[.)])\s+(.*)$")
_TABLE_RULE = re.compile(r"^\s*\|?[\s:|-]+\|[\s:|-]*$")
_KEY = re.compile(r"^[\w-]+\s*:")  # what opens front matter, rather than a text between two rules
_MARKUP = (
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)"), ""),
    (re.compile(r"\[([^\]\n]+)\]\((?:[^()\n]|\([^()\n]*\))*\)"), r"\1"),
    (re.compile(r"\[([^\]\n@]+)\]\[[^\]\n]*\]"), r"\1"),
    (re.compile(r"<((?:https?://|mailto:)[^<>\s]+|[\w.+-]+@[\w-]+\.[\w.-]+)>"), r"\1"),
    (re.compile(r"</?[a-zA-Z][^<>\n]{0,300}>"), ""),
    (re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})(?=\S)([^_\n]+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])"), r"\1"),
)


def read_markdown(content: bytes, limits: Limits) -> Document:
    """A Markdown file; the first heading of level 1 is its title."""
    lines = bounded(_lines(_without_front_matter(decode(content))), limits.characters)
    title = next((line.text for line in lines if line.level == 1), "")
    return Document(lines, title)


def _without_front_matter(text: str) -> list[str]:
    for pattern, put in _MARKUP[:1]:
        text = pattern.sub(put, text)
    rows = text.splitlines()
    if rows[1:] and rows[0].strip() == "---" and _KEY.match(rows[1]) and "---" in (row.strip() for row in rows[1:60]):
        close = next(n for n, row in enumerate(rows[1:], 1) if row.strip() == "---")
        return rows[close + 1 :]
    return rows


def _lines(rows: list[str]) -> Iterator[Line]:
    fence = ""
    for at, row in enumerate(rows):
        marker = _FENCE.match(row)
        if marker and fence in ("", marker.group(1)):
            fence = "" if fence else marker.group(1)
            yield GAP
        elif not fence:
            yield from _line(row, rows[at + 1] if at + 1 < len(rows) else "", rows[at - 1] if at else "")


def _line(row: str, following: str, before: str) -> Iterator[Line]:
    heading = _HEADING.match(row)
    under = _UNDERLINE.match(following) if row.strip() and not _ITEM.match(row) else None
    if heading:
        yield from (GAP, Line(_plain(heading.group(2)), len(heading.group(1))), GAP)
    elif under and not before.strip() and "|" not in row:
        yield from (GAP, Line(_plain(row), 1 if under.group(1)[0] == "=" else 2), GAP)
    elif _UNDERLINE.match(row) or _RULE.match(row) or _TABLE_RULE.match(row):
        yield GAP
    elif row.lstrip().startswith("|"):
        cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
        yield Line("- " + _plain("; ".join(cell for cell in cells if cell)))
    else:
        yield Line(_text(row))


def _text(row: str) -> str:
    item = _ITEM.match(row)
    if item:
        return f"{item.group(2)}. {_plain(item.group(3))}" if item.group(2) else f"- {_plain(item.group(3))}"
    indent = "  " if row[:1].isspace() else ""  # goes on with the item above
    words = _plain(row.lstrip().lstrip(">"))
    return indent + words if words else ""


def _plain(text: str) -> str:
    for pattern, put in _MARKUP:
        text = pattern.sub(put, text)
    return clean(text)
