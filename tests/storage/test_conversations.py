from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from verbind_bot.errors import StorageError
from verbind_bot.storage.conversations import Conversations
from verbind_bot.storage.database import open_database
from verbind_bot.storage.schema import turns


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/verbind.db"


def test_the_last_questions_come_back_in_order_after_a_restart(url):
    kept = Conversations(open_database(url), 30)
    kept.begin("gesprek")
    kept.begin("ander")
    for question in ("een", "twee", "drie"):
        assert kept.add("gesprek", question)
    kept.add("ander", "iets anders")
    again = Conversations(open_database(url), 30)
    assert again.questions("gesprek", 2) == ["twee", "drie"]
    assert again.questions("onbekend", 2) == []


def test_zero_days_keep_nothing(url):
    engine = open_database(url)
    none = Conversations(engine, 0)
    none.begin("gesprek")
    assert not none.add("gesprek", "Wat is een wijkteam?")
    assert Conversations(engine, 30).questions("gesprek", 5) == []


def test_old_questions_are_not_used_and_are_removed(url):
    engine = open_database(url)
    kept = Conversations(engine, 30)
    kept.begin("gesprek")
    kept.add("gesprek", "oud")
    with engine.begin() as connection:
        connection.execute(update(turns).values(asked_at=datetime.now(UTC) - timedelta(days=31)))
    kept.add("gesprek", "nieuw")
    assert kept.questions("gesprek", 5) == ["nieuw"]
    assert kept.remove_old() == 1
    assert kept.remove_old() == 0


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 65, "'; drop table turns"])
def test_an_id_that_is_not_well_formed_becomes_a_new_one(url, given):
    kept = Conversations(open_database(url), 30)
    new = kept.known(given)
    assert new != given
    assert len(new) >= 32
    assert kept.known(new) == new


def test_a_database_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "bestand").write_text("geen map")
    with pytest.raises(StorageError, match="bestand"):
        open_database(f"sqlite:///{tmp_path}/bestand/verbind.db")


def test_a_database_that_is_no_database_is_explained(tmp_path):
    (tmp_path / "verbind.db").write_bytes(b"dit is geen database" * 100)
    with pytest.raises(StorageError):
        open_database(f"sqlite:///{tmp_path}/verbind.db")
