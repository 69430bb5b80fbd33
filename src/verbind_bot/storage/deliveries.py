"""Deliveries that were handled before, so that a retried one is handled once, whichever process gets it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert
from sqlalchemy.exc import IntegrityError

from verbind_bot.storage.schema import deliveries

_KEEP = timedelta(days=1)


class Deliveries:
    """The ids of what was delivered in the last day."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def first(self, delivery_id: str) -> bool:
        """Whether this is the first time that the delivery is seen; only one caller ever gets True."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(deliveries).values(id=delivery_id[:128], seen_at=datetime.now(UTC)))
        except IntegrityError:
            return False
        return True

    def remove_old(self) -> int:
        """Delete what is too old to be delivered again; returns how many went."""
        with self._engine.begin() as connection:
            return int(
                connection.execute(delete(deliveries).where(deliveries.c.seen_at < datetime.now(UTC) - _KEEP)).rowcount
            )
