"""A saved web page -> a Document: its own text, without menus, forms, scripts and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from verbind_bot.corpus.reading.document import GAP, Document, Limits, Line, bounded, clean
from verbind_bot.corpus.reading.html_rules import BLOCKS, HEADINGS, INNER, VOID, is_left_out
from verbind_bot.corpus.reading.plain import decode

_DEEPEST = 2000
_ENOUGH = 40  # words that make <main> or <article> the text of the page
_LINKED = 0.6  # share of a line that is links: a menu
_LATIN = frozenset({"iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii"})  # cp1252 to every browser
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)


def read_html(content: bytes, limits: Limits) -> Document:
    """A web page. Its heading of level 1, or otherwise its title, is the title of the document."""
    parser = _Page()
    parser.feed(_text(content))
    parser.close()
    parser.end_line()
    inner = [line for line in parser.found if line.inner]
    chosen = inner if sum(len(line.text.split()) for line in inner) >= _ENOUGH else parser.found
    lines = bounded(_lines(chosen), limits.characters)
    title = next((line.text for line in lines if line.level == 1), "") or clean(parser.title)
    return Document(lines, title)


def _text(content: bytes) -> str:
    found = _CHARSET.search(content[:4096])
    if found:
        try:
            name = found.group(1).decode("ascii").lower()
            return content.decode("cp1252" if name in _LATIN else name)
        except (LookupError, UnicodeError):
            pass  # the page is wrong about itself
    return decode(content)


@dataclass(slots=True)
class _Found:
    text: str
    level: int
    sign: str
    inner: bool
    linked: int
    fresh: bool  # the first of a list or a table


def _lines(found: list[_Found]) -> Iterator[Line]:
    for at, line in enumerate(found):
        if not line.level and line.linked > _LINKED * len(line.text) and len(line.text.split()) < 12:
            continue
        if line.sign:
            led = at > 0 and not found[at - 1].sign and found[at - 1].text.endswith(":")
            if (line.fresh or not at or not found[at - 1].sign) and not led:
                yield GAP
            yield Line(f"{line.sign} {line.text}")
        else:
            leads = line.text.endswith(":") and at + 1 < len(found) and found[at + 1].sign
            yield from (GAP, Line(line.text, line.level), *(() if leads else (GAP,)))


@dataclass(slots=True)
class _Line:
    words: list[str] = field(default_factory=list)
    linked: int = 0


class _Page(HTMLParser):
    """Collects the visible lines of a page; what is open is kept in a list, so that no depth is too deep."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Found] = []
        self.title = ""
        self._open: list[tuple[str, bool]] = []
        self._out = 0  # how many open elements are left out
        self._inner = 0
        self._lists: list[str] = []
        self._level = 0
        self._sign = ""
        self._fresh = False
        self._in_link = 0
        self._in_title = False
        self._line = _Line()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        if tag == "title":
            self._in_title = not self.title
        if tag in BLOCKS or tag in HEADINGS or tag == "li":
            self.end_line()
        if self._open and self._open[-1][0] == "head" and (tag == "body" or tag in BLOCKS or tag in HEADINGS):
            self.handle_endtag("head")  # which a page need not close
        if tag in VOID:
            self._line.words.append(" ")
            return
        if len(self._open) >= _DEEPEST:
            return
        out = is_left_out(tag, {name: value or "" for name, value in attrs}, self._inner > 0)
        self._open.append((tag, out))
        self._out += out
        self._enter(tag)

    def _enter(self, tag: str) -> None:
        self._inner += tag in INNER
        self._in_link += tag == "a"
        self._fresh = self._fresh or tag in ("ul", "ol", "table")
        if tag in ("ul", "ol"):
            self._lists.append("-" if tag == "ul" else "1.")
        elif tag == "li":
            self._sign = self._lists[-1] if self._lists else "-"
        elif tag in HEADINGS:
            self._level = HEADINGS[tag]
        elif tag in ("td", "th") and self._line.words:
            self._line.words.append("; ")
        elif tag == "tr":
            self._sign = "-"

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and what was left open inside it."""
        if tag == "title":
            self._in_title = False
        if not any(name == tag for name, _ in self._open[-50:]):
            return
        while self._open:
            name, out = self._open.pop()
            if name in BLOCKS or name in HEADINGS or name == "li":
                self.end_line()
            self._leave(name)
            self._out -= out
            if name == tag:
                return

    def _leave(self, name: str) -> None:
        self._inner -= name in INNER
        self._in_link -= name == "a"
        if name in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif name in ("li", "tr"):
            self._sign = ""
        elif name in HEADINGS:
            self._level = 0

    def handle_data(self, data: str) -> None:
        """Take up words that are shown."""
        if self._in_title:
            self.title += data[:300]
        elif not self._out:
            self._line.words.append(data)
            self._line.linked += len(data.strip()) if self._in_link else 0

    def end_line(self) -> None:
        """Keep the line so far."""
        text = clean(re.sub(r"\s+", " ", "".join(self._line.words)))
        if text:
            self.found.append(_Found(text, self._level, self._sign, self._inner > 0, self._line.linked, self._fresh))
            self._sign = ""
            self._fresh = False
        self._level = 0 if text else self._level
        self._line = _Line()
