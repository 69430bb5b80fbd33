"""What the tools of `mcp_server` give back: data for programs, and the same as text."""

from __future__ import annotations

from pydantic import BaseModel, RootModel

from verbind_bot.channels.rendering import source_line
from verbind_bot.parts import Parts
from verbind_bot.retrieval import Match
from verbind_bot.types import Answer, Passage


class AnswerResult(RootModel[Answer]):
    """The Answer object of the HTTP API."""


class FoundPassage(BaseModel):
    """A passage with its place; `score` says how well it fits what was searched for."""

    passage_id: str
    locator: str
    title: str
    heading: str
    text: str
    source: str
    edition: str
    references: list[str]
    score: float | None = None


class FoundPassages(BaseModel):
    """What a search found, best first."""

    passages: list[FoundPassage]


def found(passage: Passage, match: Match | None = None) -> FoundPassage:
    """The passage as data."""
    return FoundPassage(
        passage_id=passage.id,
        locator=passage.locator,
        title=passage.title,
        heading=passage.heading,
        text=passage.text,
        source=passage.source.value,
        edition=passage.edition.value,
        references=list(passage.references),
        score=round(match.score, 4) if match else None,
    )


def answer_text(answer: Answer, parts: Parts) -> str:
    """The answer with its sources below it."""
    references = parts.corpus.references
    lines = [f"[{c.n}] {source_line(c, references)}: “{' '.join(c.quote.split())}”" for c in answer.citations]
    return "\n\n".join(part for part in (answer.text.strip(), "\n".join(lines)) if part)


def passage_text(passage: FoundPassage) -> str:
    """The passage below its place."""
    return f"## {passage.locator} {passage.title}: {passage.heading} ({passage.passage_id})\n\n{passage.text}"


def passages_text(listed: FoundPassages) -> str:
    """All passages of a search."""
    return "\n\n".join(map(passage_text, listed.passages)) or "Er is niets gevonden."
