"""A text from elsewhere (plain text, Markdown) -> passages; the note itself is recognised by its headings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from verbind_bot.corpus.blocks import Body, ItemList, Paragraph, build_body, split_blocks
from verbind_bot.corpus.edition import Section
from verbind_bot.corpus.sentences import split_sentences
from verbind_bot.errors import CorpusError
from verbind_bot.types import Edition, Passage, Source

MAX_WORDS = 120
_NUMBERED = re.compile(
    r"^(?:(?P<number>\d(?:\.\d){0,3})\.?|(?P<part>Bron|Bijlage)\s+(?P<nth>\d)\s*:?)\s*(?P<title>.*)$"
)
_MARKDOWN = re.compile(r"^#{1,6}\s+(?P<title>.+?)\s*#*$")
_SHARE_OF_NOTE = 0.6


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    locator: str
    lines: tuple[str, ...]


def read_source(path: Path, outline: Sequence[Section]) -> list[Passage]:
    """Split a UTF-8 text or Markdown file into passages of at most about 120 words under its headings.

    When most headings of `outline` are found in it, the file is the note: its passages get the note's
    locators. Raises CorpusError for a file that is empty or not text.
    """
    lines = _read_lines(path)
    parts = list(_note_parts(lines, outline))
    found = {part.locator for part in parts if part.locator}
    is_note = len(found) >= _SHARE_OF_NOTE * len(outline)
    if not is_note:
        parts = list(_headed_parts(lines, path.stem))
    counts: dict[str, int] = {}
    passages = []
    for part in parts:
        for body in _chunks(part.lines):
            key = part.locator or _slug(path.stem)
            counts[key] = counts.get(key, 0) + 1
            passages.append(
                Passage(
                    id=f"origineel:{key}:{counts[key]}" if is_note else f"bron:{key}:{counts[key]}",
                    locator=part.locator or key,
                    title=part.title if is_note else path.stem,
                    heading=part.title,
                    text=body.text,
                    statements=body.statements,
                    source=Source.NOTE if is_note else Source.OWN,
                    edition=Edition.ORIGINAL,
                    path=path.name,
                )
            )
    if not passages:
        raise CorpusError("hier staat geen tekst in. Kies een bestand met tekst.", str(path))
    return passages


def _read_lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(
            "dit bestand is geen tekst in UTF-8. Sla het op als .txt of .md in UTF-8.", str(path)
        ) from error
    if "\x00" in text:
        raise CorpusError("dit bestand is geen tekst. Sla het op als .txt of .md.", str(path))
    page_numbers = re.compile(r"\s*\d{1,4}\s*")
    return _single_spaced([line for line in text.splitlines() if not page_numbers.fullmatch(line)])


def _single_spaced(lines: list[str]) -> list[str]:
    """Undo the blank line that text extraction puts behind every line; a longer gap stays a blank line."""
    blank = [not line.strip() for line in lines]
    pairs = sum(1 for a, b in itertools.pairwise(blank) if not a and b)
    if pairs < 0.6 * blank.count(False):
        return lines
    kept: list[str] = []
    run = 0
    for line in lines:
        if line.strip():
            if run > 1:
                kept.append("")
            kept.append(line)
            run = 0
        else:
            run += 1
    return kept


def _note_parts(lines: Iterable[str], outline: Sequence[Section]) -> Iterator[_Part]:
    """The parts under headings of the outline; text before the first one is left out."""
    titles = {section.locator: section.title for section in outline}
    locator = ""
    kept: list[str] = []
    for line in lines:
        found = _locator_of(line.strip(), titles)
        if found:
            if locator:
                yield _Part(titles[locator], locator, tuple(kept))
            locator, kept = found, []
        else:
            kept.append(line)
    if locator:
        yield _Part(titles[locator], locator, tuple(kept))


def _locator_of(line: str, titles: dict[str, str]) -> str:
    """The locator whose heading `line` is, or an empty string."""
    match = _NUMBERED.match(line)
    if match:
        number = match["number"] or f"{match['part'].lower()}-{match['nth']}"
        known = titles.get(number)
        if known is None:
            return ""
        bare = match["part"] == "Bijlage" and not match["title"]
        return number if bare or _alike(match["title"], known) else ""
    return next((loc for loc, title in titles.items() if not loc[0].isdigit() and line == title), "")


def _alike(heading: str, title: str) -> bool:
    a, b = ({w.lower() for w in re.findall(r"\w+", text)} for text in (heading, title))
    return bool(a) and len(a & b) >= 0.5 * max(len(a), 1)


def _headed_parts(lines: Iterable[str], fallback: str) -> Iterator[_Part]:
    title = fallback
    kept: list[str] = []
    for line in lines:
        match = _MARKDOWN.match(line)
        if match:
            yield _Part(title, "", tuple(kept))
            title, kept = match["title"], []
        else:
            kept.append(line)
    yield _Part(title, "", tuple(kept))


def _chunks(lines: Iterable[str]) -> Iterator[Body]:
    """Pack whole paragraphs and lists into bodies of at most MAX_WORDS words, unless one is longer by itself."""
    packed: list[Paragraph | ItemList] = []
    size = 0
    for block in _split_long(split_blocks(lines)):
        words = _size(block)
        leads_list = isinstance(block, ItemList) and packed and _text(packed[-1]).endswith(":")
        if packed and size + words > MAX_WORDS and not leads_list:
            yield build_body(packed)
            packed, size = [], 0
        packed.append(block)
        size += words
    if packed:
        yield build_body(packed)


def _split_long(blocks: Iterable[Paragraph | ItemList]) -> Iterator[Paragraph | ItemList]:
    """Cut paragraphs of more than MAX_WORDS words between sentences, into parts of about equal length."""
    for block in blocks:
        parts = -(-_size(block) // MAX_WORDS)
        if isinstance(block, ItemList) or parts < 2:
            yield block
            continue
        want, taken = _size(block) / parts, ""
        for start, end in split_sentences(block.text):
            taken = f"{taken} {block.text[start:end]}".strip()
            if len(taken.split()) >= want:
                yield Paragraph(taken)
                taken = ""
        if taken:
            yield Paragraph(taken)


def _text(block: Paragraph | ItemList) -> str:
    return block.text if isinstance(block, Paragraph) else " ".join(block.items)


def _size(block: Paragraph | ItemList) -> int:
    return len(_text(block).split())


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", name.lower())) or "bron"
