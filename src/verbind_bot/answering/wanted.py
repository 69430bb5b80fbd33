"""Which kind of answer a question asks for, and whether a text holds one; the words are data (`wanted.toml`)."""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import lru_cache
from pathlib import Path


class Wanted(StrEnum):
    """The kind of thing that answers a question."""

    AMOUNT = "amount"
    TIME = "time"
    COMPARISON = "comparison"
    REASON = "reason"
    PERSON = "person"
    PLACE = "place"
    DEFINITION = "definition"
    LIST = "list"
    PROCEDURE = "procedure"
    ANY = "any"


@lru_cache(maxsize=1)
def _patterns() -> tuple[list[tuple[Wanted, re.Pattern[str]]], dict[Wanted, re.Pattern[str]]]:
    data = tomllib.loads(Path(__file__).with_name("wanted.toml").read_text(encoding="utf-8"))
    asks = [(Wanted(kind), re.compile(rf"\b(?:{'|'.join(cues)})(?!\w)")) for kind, cues in data["asks"].items()]
    return asks, {Wanted(kind): re.compile(pattern) for kind, pattern in data["holds"].items()}


def wanted_answer(question: str) -> Wanted:
    """The kind of answer that the question's words ask for."""
    text = " ".join(question.lower().split())
    return next((wanted for wanted, pattern in _patterns()[0] if pattern.search(text)), Wanted.ANY)


def holds_kind(text: str, wanted: Wanted) -> bool:
    """Whether `text` holds something of the wanted kind at all; true for kinds that any text can be."""
    pattern = _patterns()[1].get(wanted)
    return pattern is None or bool(pattern.search(text))
