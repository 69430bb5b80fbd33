from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, update

from verbind_bot.storage.answers import AnswerStore, Feedback
from verbind_bot.storage.conversations import Conversations
from verbind_bot.storage.database import open_database
from verbind_bot.storage.deliveries import Deliveries
from verbind_bot.storage.schema import answers, deliveries
from verbind_bot.types import Answer, Citation, CitedSentence, Edition, Source, Status


@pytest.fixture
def engine(database):
    return open_database(database)


@pytest.fixture
def store(engine):
    return AnswerStore(engine, 30)


def answer(name, status=Status.ANSWERED):
    citation = Citation(1, "2.2", "T", Source.NOTE, Edition.REWORDED, "citaat", ("kpc2012",), "2.2:x")
    sentence = CitedSentence("zin", (1,))
    return Answer(name, f"vraag {name}", status, "zin [1]", sentences=(sentence,), citations=(citation,))


def test_an_answer_comes_back_as_it_was(store):
    store.add(answer("a"), "gesprek")
    assert store.get("a") == answer("a")
    assert store.get("b") is None
    assert store.of("gesprek") == [answer("a")]


def test_a_shared_link_opens_one_answer_until_it_is_revoked(store):
    store.add(answer("a"), "gesprek")
    link = store.share("a")
    assert store.share("a") == link
    assert len(link) >= 32
    assert store.shared(link) == answer("a")
    store.unshare("a")
    assert store.shared(link) is None
    assert store.share("a") != link
    assert store.share("weg") is None


def test_a_conversation_belongs_to_the_first_who_claims_it(store, engine):
    Conversations(engine, 30).begin("een")
    assert store.open_to("een", [])
    assert store.claim("een", "mij")
    assert (store.open_to("een", ["jij"]), store.open_to("een", ["jij", "mij"])) == (False, True)
    assert store.claim("een", "mij")
    assert not store.claim("een", "jij")
    for name in ("een", "twee"):
        store.claim(name, "mij")
        store.add(answer(name), name)
    store.claim("drie", "jij")
    store.add(answer("drie"), "drie")
    assert [(i, q) for i, q, _ in store.history("mij")] == [("twee", "vraag twee"), ("een", "vraag een")]
    assert store.forget("mij") == 2
    assert store.history("mij") == []
    assert store.get("een") is None
    assert len(store.history("jij")) == 1


def test_the_history_and_the_links_of_a_conversation_are_read_at_once(store, engine):
    for conversation in ("een", "twee", "drie"):
        store.claim(conversation, "mij")
        for turn in ("a", "b", "c"):
            store.add(answer(f"{conversation}-{turn}"), conversation)
    asked = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert [(i, q) for i, q, _ in store.history("mij")] == [
        ("drie", "vraag drie-a"),
        ("twee", "vraag twee-a"),
        ("een", "vraag een-a"),
    ]
    assert len([query for query in asked if query.lstrip().upper().startswith("SELECT")]) == 1
    link = store.share("twee-b")
    assert store.shares("twee") == {"twee-b": link}
    assert store.shares("een") == {}


def test_erasing_deletes_one_conversation_whole(store, engine):
    kept = Conversations(engine, 30)
    for name in ("een", "twee"):
        kept.begin(name)
        kept.add(name, f"vraag {name}")
        store.add(answer(name), name)
    store.erase("een")
    assert not kept.add("een", "nog een vraag")
    assert (store.of("een"), kept.questions("een", 5)) == ([], [])
    assert (len(store.of("twee")), kept.questions("twee", 5)) == (1, ["vraag twee"])


def test_a_question_that_was_taken_back_is_deleted(store, engine):
    kept = Conversations(engine, 30)
    store.claim("een", "mij")
    assert store.belongs("een", "mij")
    assert not store.belongs("een", "jij")
    assert not store.belongs("twee", "mij")
    for name in ("a", "b"):
        assert kept.add("een", f"vraag {name}")
        store.add(answer(name), "een")
    assert store.drop("een", "vraag a") == 1
    assert kept.questions("een", 5) == ["vraag b"]
    assert store.get("a") is None
    assert store.get("b") is not None


def test_feedback_replaces_the_former_of_the_same_channel(store):
    at = datetime.now(UTC)
    for verdict, channel in (("up", "web"), ("down", "web"), ("up", "slack")):
        store.judge(Feedback("a", verdict, "", channel, at))
    assert sorted((f.verdict, f.channel) for f in store.judged()) == [("down", "web"), ("up", "slack")]


def test_old_answers_are_not_shown_and_are_removed(store, engine):
    store.add(answer("oud"), "gesprek")
    with engine.begin() as connection:
        connection.execute(update(answers).values(answered_at=datetime.now(UTC) - timedelta(days=31)))
    store.add(answer("nieuw", Status.NOT_IN_CORPUS), "gesprek")
    assert store.get("oud") is None
    assert [a.id for a in store.of("gesprek")] == ["nieuw"]
    assert [a.id for a in store.unanswered()] == ["nieuw"]
    assert sum(n for _, n in store.per_day()) == 2
    assert store.remove_old() == 1


def test_without_days_nothing_is_kept(engine):
    store = AnswerStore(engine, 0)
    store.add(answer("a"), "gesprek")
    assert AnswerStore(engine, 30).get("a") is None


def test_a_delivery_is_first_once(engine):
    seen = Deliveries(engine)
    assert seen.first("Ev1")
    assert not seen.first("Ev1")
    assert not Deliveries(engine).first("Ev1")
    assert seen.first("Ev2")
    assert seen.remove_old() == 0
    with engine.begin() as connection:
        connection.execute(update(deliveries).values(seen_at=datetime.now(UTC) - timedelta(days=2)))
    assert seen.remove_old() == 2
