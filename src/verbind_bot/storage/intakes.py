"""Intakes in the database: each belongs to its owners, and the later write wins only when it saw the current state."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from verbind_bot.errors import ConflictError, UnknownIntakeError
from verbind_bot.storage.schema import intakes, owners, places

_GONE = "Deze vragenlijst is er niet (meer), of hij is niet van jou. Controleer de link, of begin een nieuwe."
STALE = (
    "Deze vragenlijst is intussen ergens anders veranderd. Hieronder zie je hoe hij nu is; geef je antwoord opnieuw."
)


@dataclass(frozen=True, slots=True)
class StoredIntake:
    """A row: `scan` binds the intakes that several people filled in together, `basis` is the intake taken up."""

    id: str
    flow: str
    status: str
    state_version: int
    state: Mapping[str, Any]
    scan: str | None
    basis: str | None
    created_at: datetime
    updated_at: datetime


def owner_hash(key: str) -> str:
    """What is stored of an owner's key: the key itself opens the intake and stays with the owner."""
    return hashlib.sha256(key.encode()).hexdigest()


class IntakeStore:
    """Keeps the intakes; every method takes the keys of whoever asks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self,
        keys: Iterable[str],
        flow: str,
        state: Mapping[str, Any],
        status: str = "open",
        scan: str | None = None,
        basis: str | None = None,
    ) -> StoredIntake:
        """A new intake with an id that cannot be guessed."""
        now = datetime.now(UTC)
        row = StoredIntake(secrets.token_urlsafe(24), flow, status, 1, state, scan, basis, now, now)
        values = {name: getattr(row, name) for name in StoredIntake.__slots__}
        with self._engine.begin() as connection:
            connection.execute(insert(intakes).values(**values))
            hashes = [{"intake_id": row.id, "owner": owner_hash(key)} for key in dict.fromkeys(keys)]
            connection.execute(insert(owners), hashes)
        return row

    def get(self, intake_id: str, keys: Iterable[str]) -> StoredIntake:
        """The intake. Raises UnknownIntakeError when there is none, or none of the keys opens it."""
        query = (
            select(intakes)
            .join(owners, owners.c.intake_id == intakes.c.id)
            .where(intakes.c.id == intake_id, owners.c.owner.in_([owner_hash(key) for key in keys]))
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise UnknownIntakeError(_GONE)
        return _stored(row)

    def save(self, intake_id: str, seen: int, state: Mapping[str, Any], status: str) -> None:
        """Write the state that followed from version `seen`. Raises ConflictError when that is not current any more."""
        change = (
            update(intakes)
            .where(intakes.c.id == intake_id, intakes.c.state_version == seen)
            .values(state=state, status=status, state_version=seen + 1, updated_at=datetime.now(UTC))
        )
        with self._engine.begin() as connection:
            if connection.execute(change).rowcount != 1:
                raise ConflictError(STALE)

    def of(self, keys: Iterable[str]) -> list[StoredIntake]:
        """The intakes that the keys open, the last changed first."""
        mine = select(owners.c.intake_id).where(owners.c.owner.in_([owner_hash(key) for key in keys]))
        query = select(intakes).where(intakes.c.id.in_(mine)).order_by(intakes.c.updated_at.desc(), intakes.c.id)
        with self._engine.connect() as connection:
            return [_stored(row) for row in connection.execute(query)]

    def delete(self, intake_id: str) -> None:
        """Remove the intake and who owned it."""
        with self._engine.begin() as connection:
            for table in (owners, places):
                connection.execute(delete(table).where(table.c.intake_id == intake_id))
            connection.execute(delete(intakes).where(intakes.c.id == intake_id))

    def add_owner(self, intake_id: str, key: str) -> None:
        """Let another key open the intake too."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(owners).values(intake_id=intake_id, owner=owner_hash(key)))
        except IntegrityError:
            pass  # the key opened it already

    def take_over(self, token_key: str, key: str) -> str:
        """Let `key` open what the one-time `token_key` opens, and forget that one; returns the intake's id."""
        token = owners.c.owner == owner_hash(token_key)
        with self._engine.begin() as connection:
            intake_id = connection.execute(select(owners.c.intake_id).where(token)).scalar()
            if intake_id is None:
                raise UnknownIntakeError(_GONE)
            connection.execute(delete(owners).where(token))
        self.add_owner(str(intake_id), key)
        return str(intake_id)

    def put_at(self, place: str, intake_id: str) -> None:
        """Remember that the message `place` shows this intake."""
        with self._engine.begin() as connection:
            connection.execute(delete(places).where(places.c.place == place))
            connection.execute(insert(places).values(place=place, intake_id=intake_id))

    def at(self, place: str) -> str | None:
        """The id of the intake that the message `place` shows."""
        with self._engine.connect() as connection:
            return connection.execute(select(places.c.intake_id).where(places.c.place == place)).scalar()

    def share(self, intake_id: str) -> str:
        """The id of the scan that this intake belongs to, made when it has none."""
        with self._engine.begin() as connection:
            made = update(intakes).where(intakes.c.id == intake_id, intakes.c.scan.is_(None))
            connection.execute(made.values(scan=secrets.token_urlsafe(24)))
            return str(connection.execute(select(intakes.c.scan).where(intakes.c.id == intake_id)).scalar_one())

    def scan(self, scan: str) -> list[StoredIntake]:
        """The intakes of one scan, the first made first."""
        query = select(intakes).where(intakes.c.scan == scan).order_by(intakes.c.created_at, intakes.c.id)
        with self._engine.connect() as connection:
            return [_stored(row) for row in connection.execute(query)]

    def count(self) -> int:
        """How many intakes there are."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(intakes)).scalar_one())


def _stored(row: Row[Any]) -> StoredIntake:
    return StoredIntake(**{name: getattr(row, name) for name in StoredIntake.__slots__})
