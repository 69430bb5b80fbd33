from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from multiprocessing import get_context

import pytest
from sqlalchemy import select

from verbind_bot.errors import ConflictError, UnknownIntakeError
from verbind_bot.storage.database import open_database
from verbind_bot.storage.intakes import IntakeStore
from verbind_bot.storage.keys import own_key
from verbind_bot.storage.schema import owners

STATE = {"answers": {"a": ["x", "é"], "b": None}, "n": 3}


@pytest.fixture
def store(database):
    return IntakeStore(open_database(database))


def test_an_intake_comes_back_whole_after_a_restart(database):
    made = IntakeStore(open_database(database)).create(["mij"], "bijen", STATE)
    again = IntakeStore(open_database(database)).get(made.id, ["iets", "mij"])
    assert (again.state, again.flow, again.state_version, again.status) == (STATE, "bijen", 1, "open")
    assert len(made.id) >= 32


def test_only_its_owners_open_it_and_only_a_hash_of_their_key_is_kept(store, database):
    made = store.create(["mij", "token"], "bijen", STATE)
    for keys in ([], ["ander"], ["mij'--"]):
        with pytest.raises(UnknownIntakeError):
            store.get(made.id, keys)
    with pytest.raises(UnknownIntakeError):
        store.get("bestaat-niet", ["mij"])
    assert store.get(made.id, ["token"]).id == made.id
    store.add_owner(made.id, "slack")
    store.add_owner(made.id, "slack")
    assert store.get(made.id, ["slack"]).id == made.id
    with open_database(database).connect() as connection:
        kept = [row.owner for row in connection.execute(select(owners))]
    assert len(kept) == 3
    assert not {"mij", "token", "slack"} & set(kept)


def test_a_later_write_wins_only_when_it_saw_the_current_state(store):
    made = store.create(["mij"], "bijen", STATE)
    store.save(made.id, 1, {"n": 4}, "open")
    with pytest.raises(ConflictError, match="intussen"):
        store.save(made.id, 1, {"n": 5}, "open")
    assert store.get(made.id, ["mij"]).state == {"n": 4}
    assert store.get(made.id, ["mij"]).state_version == 2


def test_of_many_writers_at_once_exactly_one_wins(store):
    made = store.create(["mij"], "bijen", STATE)

    def write(number):
        try:
            store.save(made.id, 1, {"n": number}, "open")
        except ConflictError:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        won = [n for n in pool.map(write, range(24)) if n is not None]
    assert len(won) == 1
    assert store.get(made.id, ["mij"]).state == {"n": won[0]}


def test_lists_ones_own_newest_first_and_deletes_all_of_it(store, database):
    made = [store.create(["mij"], "bijen", {"n": n}) for n in range(3)]
    store.create(["ander"], "bijen", STATE)
    found = store.of(["mij"])
    assert {row.id for row in found} == {row.id for row in made}
    assert all(a.updated_at >= b.updated_at for a, b in pairwise(found))
    store.delete(made[0].id)
    assert len(store.of(["mij"])) == 2
    assert store.count() == 3
    with open_database(database).connect() as connection:
        assert made[0].id not in {row.intake_id for row in connection.execute(select(owners))}


def test_a_scan_binds_the_intakes_of_several_people(store):
    made = store.create(["mij"], "scan", STATE)
    scan = store.share(made.id)
    assert store.share(made.id) == scan
    other = store.create(["ander"], "scan", STATE, scan=scan)
    assert [row.id for row in store.scan(scan)] == [made.id, other.id]
    assert store.scan("gok") == []


def test_a_code_hands_an_intake_over_once(store):
    made = store.create(["mij"], "bijen", STATE)
    store.add_owner(made.id, "code:1")
    assert store.take_over("code:1", "slack") == made.id
    assert store.get(made.id, ["slack"]).id == made.id
    assert store.get(made.id, ["mij"]).id == made.id
    with pytest.raises(UnknownIntakeError):
        store.take_over("code:1", "jij")


def test_a_message_shows_one_intake_until_it_is_deleted(store):
    first, second = (store.create(["mij"], "bijen", STATE) for _ in range(2))
    store.put_at("T1:D1:1.1", first.id)
    store.put_at("T1:D1:1.1", second.id)
    assert store.at("T1:D1:1.1") == second.id
    store.delete(second.id)
    assert store.at("T1:D1:1.1") is None


def make_key(url):
    return own_key(open_database(url), "cookie")


def test_a_key_is_made_once_when_processes_start_at_once_on_an_empty_database(database):
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        found = set(pool.map(make_key, [database] * 4))
    assert len(found) == 1
    assert len(found.pop()) >= 48
    assert own_key(open_database(database), "cookie") != own_key(open_database(database), "ander")
