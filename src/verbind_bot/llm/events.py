"""The bytes of a streamed completion -> its pieces. Also takes a completion that comes whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from verbind_bot.llm.faults import WireError, broken, judge

_DONE = b"[DONE]"


class _Said(BaseModel):
    content: str | list[Any] | None = None
    refusal: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None


class _Choice(BaseModel):
    delta: _Said | None = None
    message: _Said | None = None
    finish_reason: str | None = None


class _Tokens(BaseModel):
    prompt_tokens: int | None = Field(None, ge=0)
    completion_tokens: int | None = Field(None, ge=0)


class _Event(BaseModel):
    choices: list[_Choice] | None = None
    usage: _Tokens | None = None
    error: Any = None


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event adds: words, a sign of thinking, why the text ended, the tokens (in, out)."""

    text: str = ""
    thinking: bool = False
    finish_reason: str | None = None
    tokens: tuple[int, int] | None = None


def pieces(chunks: Iterable[bytes]) -> Iterator[Piece]:
    """The pieces of a completion. Raises WireError for an error event, a refusal, or what is no completion at all."""
    whole = b""
    ended = False
    for line in _lines(chunks):
        if line.startswith(b"data:"):
            data = line[5:].strip()
            if data == _DONE:
                if not ended:
                    yield Piece(finish_reason="stop")
                return
            piece = _piece(data)
            ended = ended or piece.finish_reason is not None
            yield piece
        elif not line.startswith((b":", b"event:", b"id:", b"retry:")):
            whole += line
    if whole:
        yield _piece(whole)


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines that are not empty; a line is kept in parts until it is whole, so that a long one costs no more."""
    parts: list[bytes] = []
    for chunk in chunks:
        first, *rest = chunk.split(b"\n")
        parts.append(first)
        for part in rest:
            if line := b"".join(parts).strip():
                yield line
            parts = [part]
    if line := b"".join(parts).strip():
        yield line


def _piece(data: bytes) -> Piece:
    try:
        event = _Event.model_validate(json.loads(data))
    except (ValueError, ValidationError, RecursionError):
        raise broken() from None
    if event.error:
        raise judge(None, event.error)
    if event.choices is None and event.usage is None:
        raise broken()
    choice = event.choices[0] if event.choices else _Choice()
    said = choice.delta or choice.message or _Said()
    if said.refusal or choice.finish_reason == "content_filter":
        raise WireError("refused")
    tokens = (event.usage.prompt_tokens or 0, event.usage.completion_tokens or 0) if event.usage else None
    parts = said.content if isinstance(said.content, list) else []  # some endpoints put their thinking in parts
    text = "".join(_text(part) for part in parts) if parts else said.content or ""
    thinking = bool(parts or said.reasoning or said.reasoning_content)
    return Piece(str(text), thinking, choice.finish_reason, tokens)


def _text(part: object) -> str:
    text = part.get("text") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""
