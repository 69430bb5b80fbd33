"""The questions of a conversation, so that a follow-up is understood, also after a restart."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from verbind_bot.storage.schema import conversations, turns

_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")


class Conversations:
    """Keeps questions without personal data for a number of days; none for zero days."""

    def __init__(self, engine: Engine, keep_days: int) -> None:
        self._engine = engine
        self._keep = timedelta(days=keep_days)

    def known(self, conversation_id: str | None) -> str:
        """The id to go on with: the given one when it is well formed, otherwise a new one that cannot be guessed."""
        if conversation_id and _ID.match(conversation_id):
            return conversation_id
        return secrets.token_urlsafe(24)

    def questions(self, conversation_id: str, limit: int) -> list[str]:
        """The last `limit` questions of the conversation, oldest first."""
        query = (
            select(turns.c.question)
            .where(turns.c.conversation_id == conversation_id, turns.c.asked_at >= datetime.now(UTC) - self._keep)
            .order_by(turns.c.id.desc())
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [str(row.question) for row in connection.execute(query)][::-1]

    def begin(self, conversation_id: str) -> None:
        """Make room for the questions of a conversation, unless it is there already."""
        if not self._keep:
            return
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(conversations).values(id=conversation_id, created_at=datetime.now(UTC)))
        except IntegrityError:
            pass  # it is there already

    def add(self, conversation_id: str, question: str) -> bool:
        """Keep a question without personal data; False when its conversation is not there (any more)."""
        if not self._keep:
            return False
        row = {"conversation_id": conversation_id, "question": question, "asked_at": datetime.now(UTC)}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(turns).values(**row))
        except IntegrityError:
            return False
        return True

    def remove_old(self) -> int:
        """Delete what is older than the days that are kept; returns how many questions went."""
        border = datetime.now(UTC) - self._keep
        with self._engine.begin() as connection:
            gone = connection.execute(delete(turns).where(turns.c.asked_at < border)).rowcount
            connection.execute(
                delete(conversations).where(
                    conversations.c.created_at < border, conversations.c.id.not_in(select(turns.c.conversation_id))
                )
            )
        return int(gone)
