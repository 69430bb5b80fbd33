"""The words of a language model, as they come in -> the sentences of its draft, each with the quotes that it gives."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_OPENING = re.compile(r'\{[^{}\[\]]*"sentences"\s*:\s*\[')
_THOUGHT, _THOUGHT_ENDS = "<think>", "</think>"
_LEFT_OUT = ("title", "description", "minLength", "maxLength")
_BETWEEN = re.compile(r"[\s,]*")


class DraftSource(BaseModel):
    """A passage number and the literal quote from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    passage: int
    quote: str = Field(max_length=2000)


class DraftSentence(BaseModel):
    """One sentence as the model wrote it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(max_length=1000)
    sources: tuple[DraftSource, ...]


class Draft(BaseModel):
    """The schema that a model is asked to answer in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sentences: tuple[DraftSentence, ...]
    complete: bool


def schema_of(model: type[BaseModel]) -> dict[str, object]:
    """The JSON schema of `model` in the few words that every endpoint takes; lengths are checked by us."""
    plain = _plain(model.model_json_schema())
    return plain if isinstance(plain, dict) else {}


def _plain(schema: Any) -> Any:
    """Without the keywords that strict endpoints refuse, and those that only explain."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _plain(value) for key, value in schema.items() if key not in _LEFT_OUT or isinstance(value, dict)}


def after_thought(text: str) -> int:
    """Where the words begin behind the thought that `text` may start with; its end while that thought goes on."""
    if not text.lstrip().startswith(_THOUGHT):
        return 0
    _, ends, words = text.partition(_THOUGHT_ENDS)
    return len(text) - len(words) if ends else len(text)


class DraftReader:
    """Reads a draft while it comes in, also inside a code fence or behind other words or a thought."""

    def __init__(self) -> None:
        self.text = ""
        self.fault = ""  # of the first sentence that is not as the schema has it
        self._start = 0
        self._at: int | None = None  # where the next sentence begins, once the draft has
        self._decoder = json.JSONDecoder()

    def feed(self, delta: str) -> list[DraftSentence]:
        """Take in the next words; returns the sentences that they complete."""
        self.text += delta
        found: list[DraftSentence] = []
        while not self.fault and (value := self._next()) is not None:
            try:
                found.append(DraftSentence.model_validate(value))
            except ValidationError as error:
                self.fault = f"{error.errors()[0]['loc']}: {error.errors()[0]['msg']}"
        return found

    def finish(self) -> bool:
        """Note a draft that ended before its JSON did; returns whether the model says that its answer is complete."""
        if self._at is None:
            self.fault = self.fault or 'there is no object with "sentences"'
            return False
        try:
            value, _ = self._decoder.raw_decode(self.text, self._start)
            return Draft.model_validate(value).complete
        except (ValueError, ValidationError, RecursionError) as error:
            self.fault = self.fault or str(error)[:200]
            return False

    def _next(self) -> Any:
        """The next whole element of the array of sentences, or None when it is not there yet."""
        if self._at is None:
            opened = _OPENING.search(self.text, after_thought(self.text))
            if not opened:
                return None
            self._start, self._at = opened.span()
        between = _BETWEEN.match(self.text, self._at)
        start = between.end() if between else self._at
        if self.text[start : start + 1] != "{":
            return None
        try:
            value, self._at = self._decoder.raw_decode(self.text, start)
        except (ValueError, RecursionError):  # not whole yet, or nested without end
            return None
        return value
