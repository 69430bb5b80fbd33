"""Secrets that the assistant makes for itself, the same for every process on the database."""

from __future__ import annotations

import secrets

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from verbind_bot.storage.schema import keys


def own_key(engine: Engine, name: str) -> str:
    """The key of this name, made at random the first time that it is asked."""
    query = select(keys.c.value).where(keys.c.name == name)
    try:
        with engine.begin() as connection:
            if found := connection.execute(query).scalar():
                return str(found)
            connection.execute(insert(keys).values(name=name, value=secrets.token_urlsafe(48)))
    except IntegrityError:
        pass  # another process made it first
    with engine.connect() as connection:
        return str(connection.execute(query).scalar_one())
