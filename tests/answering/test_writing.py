"""The sentences of a model, over real HTTP: how many are kept, whether they are all, and what they took."""

from __future__ import annotations

import json

import pytest
from tests.conftest import ROOT
from tests.llm_fake.replies import Reply
from tests.llm_fake.server import MODEL, FakeModel

from verbind_bot.answering.attributing import Verified
from verbind_bot.answering.writing import MAX_SENTENCES, Writer
from verbind_bot.llm.endpoint import Endpoint
from verbind_bot.llm.types import Prices
from verbind_bot.prompts import Prompts


@pytest.fixture(scope="module")
def fake():
    fake = FakeModel().start()
    yield fake
    fake.stop()


def draft(count, complete=True):
    said = [{"text": f"Dit is zin {n}.", "sources": []} for n in range(count)]
    return json.dumps({"sentences": said, "complete": complete})


@pytest.fixture
def write(fake):
    """Have a draft written and keep all of its sentences that have a place."""
    endpoint = Endpoint(fake.url, MODEL, prices=Prices(1.0, 1.0))
    writer = Writer(endpoint, Prompts(ROOT / "prompts"), lambda sentence, passages: Verified(sentence.text, ()))

    def write(text, **how):
        fake.reset()
        fake.always(Reply(lambda body: text, **how))
        return writer.write("Wat?", ())

    yield write
    endpoint.close()


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("count", "says", "complete"),
    [(MAX_SENTENCES, True, True), (MAX_SENTENCES, False, False), (20, True, False)],
)
def test_a_full_answer_is_counted_and_complete_only_when_it_says_so_and_no_more_came(
    write, whole, count, says, complete
):
    written = write(draft(count, says), whole=whole)
    assert [sentence.text for sentence in written.sentences] == [f"Dit is zin {n}." for n in range(MAX_SENTENCES)]
    assert written.complete is complete
    assert written.usage.completion_tokens > 0
    assert written.usage.cost > 0


def test_sentences_behind_each_other_in_one_are_held_to_the_same_limit(write):
    text = " ".join(f"Dit is zin {n}." for n in range(20))
    written = write(json.dumps({"sentences": [{"text": text, "sources": []}], "complete": True}))
    assert (len(written.sentences), written.complete) == (MAX_SENTENCES, False)
