"""Answers that can be opened again: by their conversation, by who asked, or by a link that was shared."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from verbind_bot.storage.intakes import owner_hash
from verbind_bot.storage.schema import answers, conversations, feedback, turns
from verbind_bot.types import Answer

_ANSWER = TypeAdapter(Answer)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What someone thought of an answer: `verdict` is "up" or "down"."""

    answer_id: str
    verdict: str
    remark: str
    channel: str
    given_at: datetime


class AnswerStore:
    """Keeps answers for a number of days; with 0 days nothing is kept. Texts must be masked already."""

    def __init__(self, engine: Engine, keep_days: int) -> None:
        self._engine = engine
        self._days = keep_days

    def add(self, answer: Answer, conversation_id: str) -> None:
        """Keep an answer."""
        if not self._days:
            return
        row = {"id": answer.id, "conversation_id": conversation_id, "status": answer.status.value}
        with self._engine.begin() as connection:
            connection.execute(insert(answers).values(**row, answer=asdict(answer), answered_at=datetime.now(UTC)))

    def get(self, answer_id: str) -> Answer | None:
        """An answer by its id, which cannot be guessed."""
        return self._one(answers.c.id == answer_id)

    def shared(self, share: str) -> Answer | None:
        """The answer behind a shared link; None when it was revoked."""
        return self._one(answers.c.share == share)

    def share(self, answer_id: str) -> str | None:
        """The secret of the link to this answer, the same every time; None when the answer is not kept."""
        with self._engine.begin() as connection:
            row = answers.c.id == answer_id
            made = update(answers).where(row, answers.c.share.is_(None))
            connection.execute(made.values(share=secrets.token_urlsafe(24)))
            return connection.execute(select(answers.c.share).where(row)).scalar()

    def unshare(self, answer_id: str) -> None:
        """Revoke the link."""
        with self._engine.begin() as connection:
            connection.execute(update(answers).where(answers.c.id == answer_id).values(share=None))

    def of(self, conversation_id: str) -> list[Answer]:
        """The answers of a conversation, oldest first."""
        query = (
            select(answers.c.answer)
            .where(answers.c.conversation_id == conversation_id, answers.c.answered_at >= self._border())
            .order_by(answers.c.answered_at)
        )
        with self._engine.connect() as connection:
            return [_read(row.answer) for row in connection.execute(query)]

    def claim(self, conversation_id: str, owner: str) -> bool:
        """Make the conversation belong to the key `owner`; False when it belongs to another."""
        mine, now = owner_hash(owner), datetime.now(UTC)
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(conversations).values(id=conversation_id, created_at=now, owner=mine))
        except IntegrityError:
            pass  # it is there already
        row = conversations.c.id == conversation_id
        with self._engine.begin() as connection:
            connection.execute(update(conversations).where(row, conversations.c.owner.is_(None)).values(owner=mine))
            return connection.execute(select(conversations.c.owner).where(row)).scalar() == mine

    def belongs(self, conversation_id: str, owner: str) -> bool:
        """Whether the key `owner` claimed the conversation."""
        query = select(conversations.c.owner).where(conversations.c.id == conversation_id)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar() == owner_hash(owner)

    def open_to(self, conversation_id: str, owners: Iterable[str]) -> bool:
        """Whether nobody claimed the conversation, or one of the keys `owners` did."""
        query = select(conversations.c.owner).where(conversations.c.id == conversation_id)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar() in (None, *map(owner_hash, owners))

    def drop(self, conversation_id: str, question: str) -> int:
        """Delete what is kept of a question in a conversation; returns how many answers went."""
        with self._engine.begin() as connection:
            asked = (turns.c.conversation_id == conversation_id) & (turns.c.question == question)
            connection.execute(delete(turns).where(asked))
            rows = connection.execute(
                select(answers.c.id, answers.c.answer).where(answers.c.conversation_id == conversation_id)
            )
            gone = [row.id for row in rows if row.answer["question"] == question]
            return int(connection.execute(delete(answers).where(answers.c.id.in_(gone))).rowcount)

    def history(self, owner: str) -> list[tuple[str, str, datetime]]:
        """The owner's conversations, the newest first: id, first question, and when it was asked."""
        turn = func.row_number().over(partition_by=answers.c.conversation_id, order_by=answers.c.answered_at)
        kept = (
            select(answers.c.conversation_id, answers.c.answer["question"].as_string().label("question"))
            .add_columns(answers.c.answered_at.label("at"), turn.label("turn"))
            .join(conversations, conversations.c.id == answers.c.conversation_id)
            .where(conversations.c.owner == owner_hash(owner), answers.c.answered_at >= self._border())
            .subquery()
        )
        query = select(kept).where(kept.c.turn == 1).order_by(kept.c.at.desc())
        with self._engine.connect() as connection:
            return [(row.conversation_id, row.question, row.at) for row in connection.execute(query)]

    def shares(self, conversation_id: str) -> dict[str, str]:
        """The secrets of the links that the answers of a conversation have now, by the answers' ids."""
        query = select(answers.c.id, answers.c.share).where(
            answers.c.conversation_id == conversation_id, answers.c.share.is_not(None)
        )
        with self._engine.connect() as connection:
            return {row.id: row.share for row in connection.execute(query)}

    def erase(self, conversation_id: str) -> None:
        """Delete a conversation with all its questions and answers."""
        with self._engine.begin() as connection:
            for table, column in ((answers, "conversation_id"), (turns, "conversation_id"), (conversations, "id")):
                connection.execute(delete(table).where(table.c[column] == conversation_id))

    def forget(self, owner: str) -> int:
        """Delete every conversation of the owner; returns how many."""
        with self._engine.begin() as connection:
            mine = select(conversations.c.id).where(conversations.c.owner == owner_hash(owner))
            connection.execute(delete(answers).where(answers.c.conversation_id.in_(mine)))
            gone = connection.execute(delete(conversations).where(conversations.c.owner == owner_hash(owner)))
        return int(gone.rowcount)

    def judge(self, given: Feedback) -> None:
        """Keep feedback; a later verdict of the same channel on the same answer replaces the former."""
        with self._engine.begin() as connection:
            same = (feedback.c.answer_id == given.answer_id) & (feedback.c.channel == given.channel)
            connection.execute(delete(feedback).where(same))
            connection.execute(insert(feedback).values(**asdict(given)))

    def judged(self) -> list[Feedback]:
        """All feedback, the newest first."""
        with self._engine.connect() as connection:
            kept = select(feedback).where(feedback.c.given_at >= self._border())
            rows = connection.execute(kept.order_by(feedback.c.given_at.desc()))
            return [Feedback(r.answer_id, r.verdict, r.remark, r.channel, r.given_at) for r in rows]

    def unanswered(self, limit: int = 100) -> list[Answer]:
        """The newest answers that could not say (all of) what was asked."""
        without = answers.c.status.in_(("not_in_corpus", "clarify", "partial"))
        kept = select(answers.c.answer).where(without, answers.c.answered_at >= self._border())
        query = kept.order_by(answers.c.answered_at.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [_read(row.answer) for row in connection.execute(query)]

    def per_day(self) -> list[tuple[str, int]]:
        """How many answers were given on each day, oldest first."""
        day = func.date(answers.c.answered_at)
        query = select(day.label("day"), func.count().label("n")).group_by(day).order_by(day)
        with self._engine.connect() as connection:
            return [(str(row.day), int(row.n)) for row in connection.execute(query)]

    def remove_old(self) -> int:
        """Delete what is older than the days that are kept; returns how many answers went."""
        with self._engine.begin() as connection:
            connection.execute(delete(feedback).where(feedback.c.given_at < self._border()))
            return int(connection.execute(delete(answers).where(answers.c.answered_at < self._border())).rowcount)

    def _border(self) -> datetime:
        return datetime.now(UTC) - timedelta(days=self._days)

    def _one(self, condition: Any) -> Answer | None:
        query = select(answers.c.answer).where(condition, answers.c.answered_at >= self._border())
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return _read(row.answer) if row else None


def _read(data: Mapping[str, Any]) -> Answer:
    return _ANSWER.validate_python(data)
