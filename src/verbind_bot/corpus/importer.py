"""A document from elsewhere -> passages; the note itself is recognised by its headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from verbind_bot.corpus.blocks import build_body, unique
from verbind_bot.corpus.chunks import chunks
from verbind_bot.corpus.edition import Section
from verbind_bot.corpus.reading.document import Document, Line
from verbind_bot.types import WORK, Edition, Passage, Reference, Source

_NUMBERED = re.compile(
    r"^(?:(?P<number>\d(?:\.\d){0,3})\.?|(?P<part>Bron|Bijlage)\s+(?P<nth>\d)\s*[:.]?)\s*(?P<title>.*)$"
)
_IN_CONTENTS = re.compile(r"(?:\.\s?){4,}\s*\d{1,4}\s*$|…{2,}\s*\d{1,4}\s*$")  # a row of a table of contents
_SHARE_OF_NOTE = 0.6


@dataclass(frozen=True, slots=True)
class Origin:
    """What a document's passages are named after: `id` in their ids, `title` for readers, `path` the file's name.

    With a `work`, the document is the text of that work itself.
    """

    id: str
    title: str
    path: str
    work: Reference | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    heading: str
    locator: str
    lines: tuple[Line, ...]


def import_passages(document: Document, origin: Origin, outline: Sequence[Section]) -> list[Passage]:
    """Split a document into passages of at most about 120 words under its headings.

    When most headings of `outline` are found in it, the document is the note: its passages get the note's locators.
    """
    lines = [line for line in document.lines if not _IN_CONTENTS.search(line.text)]
    parts = [] if origin.work else list(_note_parts(lines, outline))
    if not parts or len({part.locator for part in parts}) < _SHARE_OF_NOTE * len(outline):
        parts = list(_headed_parts(lines, origin))
        return list(_passages(parts, origin, WORK if origin.work else "bron:", Source.OWN))
    return list(_passages(parts, origin, "origineel:", Source.NOTE))


def is_note(passages: Iterable[Passage]) -> bool:
    """Whether these passages are the note's own text."""
    return any(passage.source is Source.NOTE for passage in passages)


def _passages(parts: Iterable[_Part], origin: Origin, prefix: str, source: Source) -> Iterator[Passage]:
    counts: dict[str, int] = {}
    keys = (origin.work.key,) if origin.work else ()
    for part in parts:
        for packed in chunks(part.lines):
            body = build_body(packed)
            counts[part.locator] = counts.get(part.locator, 0) + 1
            place = part.locator if source is Source.NOTE else origin.id
            statements = tuple(replace(s, references=unique([*keys, *s.references])) for s in body.statements)
            yield Passage(
                id=f"{prefix}{place}:{counts[part.locator]}",
                locator=part.locator,
                title=part.title,
                heading=part.heading,
                text=body.text,
                statements=statements,
                references=unique(key for statement in statements for key in statement.references),
                source=source,
                edition=Edition.ORIGINAL,
                path=origin.path,
                page=next((s.page for s in statements if s.page is not None), None),
            )


def _note_parts(lines: Sequence[Line], outline: Sequence[Section]) -> Iterator[_Part]:
    """The parts under headings of the outline, and under headings of their own in these; text before it is left out."""
    titles = {section.locator: section.title for section in outline}
    locator, heading = "", ""
    missing: set[str] = set()  # the words of a section's title that its heading did not have yet
    kept: list[Line] = []
    for line in lines:
        found = locator_of(line, titles)
        words = _words(line.text)
        if missing and words and words <= missing:
            missing -= words
        elif found or (locator and line.level):
            if locator:
                yield _Part(titles[locator], heading, locator, tuple(kept))
            locator, kept = found or locator, []
            heading = titles[locator] if found else _named(line.text, titles[locator])
            missing = _words(titles[locator]) - words if found else set()
        else:
            missing = missing if not words else set()
            kept.append(line)
    if locator:
        yield _Part(titles[locator], heading, locator, tuple(kept))


def _named(heading: str, title: str) -> str:
    """A heading such as "Tip 1" says too little without the title above it."""
    return heading if len(heading.split()) > 2 else f"{title}: {heading.rstrip('.')}"


def locator_of(line: Line, titles: dict[str, str]) -> str:
    """The locator whose heading `line` is, or an empty string."""
    text = line.text.strip()
    match = _NUMBERED.match(text)
    if match:
        number = match["number"] or f"{match['part'].lower()}-{match['nth']}"
        known = titles.get(number)
        if known is not None:
            bare = match["part"] == "Bijlage" and not match["title"]
            return number if bare or _alike(match["title"], known) else ""
    if line.level:
        return next(
            (loc for loc, title in titles.items() if text and _plain(text) in (_plain(title), _bare(title))), ""
        )
    return next((loc for loc, title in titles.items() if not loc[0].isdigit() and text == title), "")


def _headed_parts(lines: Iterable[Line], origin: Origin) -> Iterator[_Part]:
    title = origin.work.label if origin.work else origin.title
    locator = origin.work.key if origin.work else origin.id
    heading = title
    kept: list[Line] = []
    for line in lines:
        if line.level:
            yield _Part(title, heading, locator, tuple(kept))
            heading, kept = line.text, []
        else:
            kept.append(line)
    yield _Part(title, heading, locator, tuple(kept))


def _alike(heading: str, title: str) -> bool:
    a, b = _words(heading), _words(title)
    return bool(a) and len(a & b) >= 0.5 * len(a)


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"\w+", text)}


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _bare(title: str) -> str:
    """A title without "Bron 1:" before it."""
    return _plain(re.sub(r"^(?:Bron|Bijlage)\s+\d\s*:", "", title))


def slug(name: str) -> str:
    """A name as part of an id."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower())) or "bron"
