"""What is older than it may be is deleted while the server runs, not only when it starts."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from verbind_bot.channels.web.loading import Loader
from verbind_bot.parts import Parts
from verbind_bot.storage.database import open_database
from verbind_bot.storage.schema import answers, turns

pytestmark = pytest.mark.model


def test_what_is_too_old_is_deleted_while_the_server_runs(small_parts, small_settings):
    engine = open_database(small_settings.resolved_database_url)
    asked = ("Welke kasten zijn er?", "Wanneer haal je honing uit de kast?")
    given = [small_parts.assistant.ask(question, conversation_id="bewaard").id for question in asked]
    long_ago = datetime.now(UTC) - timedelta(days=small_settings.history_days + 1)
    with engine.begin() as connection:
        connection.execute(update(answers).where(answers.c.id == given[0]).values(answered_at=long_ago))
        connection.execute(
            update(turns)
            .where(turns.c.conversation_id == "bewaard", turns.c.question == asked[0])
            .values(asked_at=long_ago)
        )
    removed = threading.Event()

    class Noted(Parts):
        def remove_old(self):
            super().remove_old()
            removed.set()

    loader = Loader(lambda progress: Noted(**vars(small_parts)), hour=0.01)
    loader.start()
    assert removed.wait(30)
    loader.stop()
    with engine.connect() as connection:
        kept = connection.scalars(select(answers.c.id).where(answers.c.id.in_(given))).all()
        remembered = connection.scalars(select(turns.c.question).where(turns.c.conversation_id == "bewaard")).all()
    assert kept == [given[1]]
    assert remembered == [asked[1]]


def test_a_fault_while_deleting_does_not_end_it(small_parts):
    tries, twice = [], threading.Event()

    class Broken(Parts):
        def remove_old(self):
            tries.append(1)
            if len(tries) == 2:
                twice.set()
            raise OSError("disk full")

    loader = Loader(lambda progress: Broken(**vars(small_parts)), hour=0.01)
    loader.start()
    assert twice.wait(30)
    loader.stop()
