"""Files of the edition (Markdown with YAML front matter) -> passages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from verbind_bot.corpus.blocks import build_body, split_blocks, unique
from verbind_bot.errors import CorpusError
from verbind_bot.types import Passage, Source

_HEADING = re.compile(r"^##\s+(?P<title>.+?)\s*\{#(?P<id>[a-z0-9][a-z0-9-]*)\}\s*$")
_QUESTION = re.compile(r"^\?\s+(\S.*)$")


class FrontMatter(BaseModel):
    """The YAML above a file of the edition."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    locator: str = Field(pattern=r"^[a-z0-9]+(?:[.-][a-z0-9]+)*$")
    title: str = Field(min_length=1)
    parent: str | None = None
    references: list[str] = []


@dataclass(frozen=True, slots=True)
class Section:
    """One locator of the note: its title, its place and its passages."""

    locator: str
    title: str
    parent: str | None
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    heading: str
    slug: str
    first_line: int
    lines: tuple[str, ...]


def read_section(path: Path) -> Section:
    """Read one file of the edition.

    Raises CorpusError, with the file and the line, when the file is not written as docs/corpus.md says.
    """
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError("dit bestand is geen UTF-8. Sla het op als UTF-8.", name) from error
    front, body, offset = _split_front_matter(text, name)
    passages = tuple(_passage(part, front, name, text) for part in _parts(body, offset, name))
    if not passages:
        raise CorpusError("er staat geen passage in. Begin een passage met een regel als '## Titel {#naam}'.", name)
    cited = {key for passage in passages for key in passage.references}
    for key in sorted(cited - set(front.references)):
        raise CorpusError(f"[@{key}] staat in de tekst, maar niet in 'references'. Zet de sleutel erbij.", name, 1)
    return Section(front.locator, front.title, front.parent, passages)


def _split_front_matter(text: str, name: str) -> tuple[FrontMatter, list[str], int]:
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in (line.strip() for line in lines[1:]):
        raise CorpusError("de YAML-kop tussen twee regels '---' ontbreekt.", name, 1)
    close = next(n for n, line in enumerate(lines[1:], 1) if line.strip() == "---")
    try:
        data = yaml.safe_load("\n".join(lines[1:close]))
        return FrontMatter.model_validate(data), lines[close + 1 :], close + 2
    except yaml.YAMLError as error:
        mark = getattr(error, "context_mark", None) or getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        raise CorpusError(f"de YAML-kop is stuk ({getattr(error, 'problem', error)}).", name, line) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else "kop"
        line = next((n for n, raw in enumerate(lines[:close], 1) if raw.startswith(f"{key}:")), 1)
        raise CorpusError(f"'{key}' in de YAML-kop klopt niet: {first['msg']}.", name, line) from error


def _parts(body: list[str], offset: int, name: str) -> Iterator[_Part]:
    heading, first = None, offset
    lines: list[str] = []
    for number, line in enumerate(body, offset):
        if not line.startswith("#"):
            if heading is None and line.strip():
                raise CorpusError("tekst vóór de eerste kop. Zet er een kop '## Titel {#naam}' boven.", name, number)
            lines.append(line)
            continue
        found = _HEADING.match(line)
        if not found:
            raise CorpusError("een kop moet eruitzien als '## Titel {#naam}'.", name, number)
        if heading:
            yield _Part(heading["title"], heading["id"], first, tuple(lines))
        heading, first, lines = found, number, []
    if heading:
        yield _Part(heading["title"], heading["id"], first, tuple(lines))


def _passage(part: _Part, front: FrontMatter, name: str, source: str) -> Passage:
    questions = [match.group(1) for line in part.lines if (match := _QUESTION.match(line))]
    body = build_body(split_blocks([line for line in part.lines if not _QUESTION.match(line)]))
    if not body.statements:
        raise CorpusError(f"de passage '{part.heading}' heeft geen tekst.", name, part.first_line)
    rows = source.splitlines(keepends=True)
    start = sum(map(len, rows[: part.first_line - 1]))
    end = start + sum(map(len, rows[part.first_line - 1 : part.first_line + len(part.lines)]))
    return Passage(
        id=f"{front.locator}:{part.slug}",
        locator=front.locator,
        title=front.title,
        heading=part.heading,
        text=body.text,
        statements=body.statements,
        questions=tuple(questions),
        references=unique(key for statement in body.statements for key in statement.references),
        source=Source.NOTE,
        path=Path(name).name,
        span=(start, end),
    )
