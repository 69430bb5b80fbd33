"""Whose conversation it is: the browser's that began it; for everybody else it does not exist."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from fastapi import HTTPException

from verbind_bot.storage.answers import AnswerStore
from verbind_bot.types import Answer

_INTAKE = "intake-"
_GONE = "Dit gesprek bestaat niet (meer), of het hoort bij een andere browser."


def open_key(conversation_id: str) -> str:
    """The key of a conversation that was begun without a browser: who has its id may go on with it."""
    return f"open:{conversation_id}"


def conversation_of(intake_id: str) -> str:
    """The conversation of the questions that are asked halfway an intake."""
    return f"{_INTAKE}{intake_id}"[:64]


def begin(archive: AnswerStore, key: str) -> str:
    """A new conversation of this key."""
    conversation_id = secrets.token_urlsafe(24)
    archive.claim(conversation_id, key)
    return conversation_id


def take(archive: AnswerStore, conversation_id: str, keys: Iterable[str]) -> str:
    """The conversation, to go on with. Raises a 404 unless one of the keys may."""
    # A conversation with an intake is opened through its intake only.
    if not conversation_id.startswith(_INTAKE) and any(archive.claim(conversation_id, key) for key in keys):
        return conversation_id
    raise HTTPException(404, _GONE)


def read(archive: AnswerStore, conversation_id: str, key: str) -> list[Answer]:
    """The answers of the conversation, oldest first. Raises a 404 unless it is the key's own."""
    if archive.belongs(conversation_id, key) and (found := archive.of(conversation_id)):
        return found
    raise HTTPException(404, _GONE)


def own_answer(archive: AnswerStore, answer_id: str, key: str) -> Answer:
    """The answer. Raises a 404 unless it is in a conversation of the key."""
    found = archive.get(answer_id)
    if found is None or not found.conversation_id:
        raise HTTPException(404, "Dit antwoord bestaat niet (meer), of het hoort bij een andere browser.")
    read(archive, found.conversation_id, key)
    return found
