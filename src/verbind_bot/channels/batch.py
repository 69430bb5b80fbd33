"""A file of questions -> a file of answers, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel, ConfigDict, ValidationError

from verbind_bot.assistant import Assistant
from verbind_bot.channels.rendering import answer_object
from verbind_bot.errors import QuestionError


class BatchQuestion(BaseModel):
    """One line of the input."""

    model_config = ConfigDict(extra="forbid")

    id: str | int
    question: str
    history: list[str] | None = None


def read_batch(path: Path) -> list[BatchQuestion]:
    """Read and check every line before anything is answered.

    Raises QuestionError that names the file and line of the first bad record.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{path} kan niet gelezen worden ({error}). Geef een bestand in UTF-8.") from error
    records = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            records.append(BatchQuestion.model_validate(json.loads(line)))
        except (json.JSONDecodeError, ValidationError) as error:
            raise QuestionError(
                f"{path}, regel {number}: geen geldige vraag ({error}). "
                'Schrijf per regel {"id": "…", "question": "…", "history": ["…"]}.'
            ) from error
    return records


def answer_batch(assistant: Assistant, records: Iterable[BatchQuestion], target: TextIO) -> None:
    """Answer the records in order; a question that cannot be taken gets an object with `id` and `error`."""
    for record in records:
        try:
            line = {**answer_object(assistant.ask(record.question, history=record.history or ())), "id": record.id}
        except QuestionError as error:
            line = {"id": record.id, "error": str(error)}
        target.write(json.dumps(line, ensure_ascii=False) + "\n")
        target.flush()
