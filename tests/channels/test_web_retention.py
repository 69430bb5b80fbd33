"""What is older than it may be is deleted while the server runs, not only when it starts."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from verbind_bot.channels.web.loading import Loader
from verbind_bot.parts import Parts
from verbind_bot.storage.database import open_database
from verbind_bot.storage.schema import answers, turns

pytestmark = pytest.mark.model


def test_what_is_too_old_is_deleted_while_the_server_runs(small_parts, small_settings):
    engine = open_database(small_settings.resolved_database_url)
    for question in ("Welke kasten zijn er?", "Wanneer haal je honing uit de kast?"):
        small_parts.assistant.ask(question, conversation_id="gesprek")
    long_ago = datetime.now(UTC) - timedelta(days=small_settings.history_days + 1)
    with engine.begin() as connection:
        first = connection.scalar(select(answers.c.id).order_by(answers.c.answered_at).limit(1))
        connection.execute(update(answers).where(answers.c.id == first).values(answered_at=long_ago))
        connection.execute(update(turns).where(turns.c.question == "Welke kasten zijn er?").values(asked_at=long_ago))
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
        left = [connection.scalar(select(func.count()).select_from(table)) for table in (answers, turns)]
    assert left == [1, 1]


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
