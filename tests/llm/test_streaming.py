"""The web's stream with a language model behind it: what is sent, and when, over the real routes."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from tests.conftest import ROOT
from tests.llm_fake import honest
from tests.llm_fake.replies import Reply
from tests.llm_fake.server import MODEL

from verbind_bot.bootstrap import build
from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model
QUESTION = "Wat is een netwerkschool?"
LIE = "Elke netwerkschool krijgt 900 euro."


@pytest.fixture(scope="module")
def settings(_fake_model, tmp_path_factory):
    return Settings(
        _env_file=None,
        data_dir=ROOT / ".data" / "tests",
        database_url=f"sqlite:///{tmp_path_factory.mktemp('stream') / 'verbind.db'}",
        llm_base_url=_fake_model.url,
        llm_model=MODEL,
        llm_first_token_seconds=3,
        llm_retries=0,
    )


@pytest.fixture(scope="module")
def writing(parts, settings):
    """The assistant with a language model."""
    return build(settings, before=parts)


@pytest.fixture(scope="module")
def client(writing, settings):
    loader = Loader(lambda progress: writing)
    with TestClient(create_app(settings, loader)) as client:
        loader._thread.join()
        yield client


def events(client):
    """The events of an answer: (name, data)."""
    headers = {"Accept": "text/event-stream"}
    with client.stream("POST", "/api/ask", json={"question": QUESTION}, headers=headers) as response:
        text = response.read().decode()
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def lie_among_truths(body):
    """A true sentence, a lie behind a true quote, and another true sentence."""
    whole = [(n, text) for n, passage in honest.passages(body).items() for text in honest.sentences(passage)]
    first, second = ({"text": text, "sources": [{"passage": n, "quote": text}]} for n, text in whole[:2])
    return json.dumps({"sentences": [first, {**first, "text": LIE}, second], "complete": True})


def test_only_verified_sentences_are_sent_and_no_word_of_another(client, fake_model):
    fake_model.always(Reply(lie_among_truths, piece=3))
    found = events(client)
    sent = [data["text"] for name, data in found if name == "sentence"]
    name, answer = found[-1]
    assert name == "answer"
    assert len(sent) >= 2
    assert sent == [sentence["text"] for sentence in answer["sentences"]]
    assert "900" not in json.dumps([data for name, data in found if name != "answer"])
    assert "900" not in answer["text"]
    assert answer["writing"]["dropped"] == [{"sentence": LIE, "reason": "number"}]


def test_a_sentence_is_there_before_the_model_is_done(fake_model, writing):
    """The first piece holds one whole sentence; then the endpoint falls silent without ending its reply."""
    fake_model.always(
        Reply(
            lambda body: json.dumps(honest.draft(body, count=1)) + " " * 10_000,
            piece=10_000,
            then="stall",
            stop_after=1,
        )
    )
    seen = []

    def show(sentence):
        seen.append((sentence, fake_model.exchanges[-1].ended))

    answer = writing.assistant.ask(QUESTION, history=(), show=show)
    assert [ended for _, ended in seen] == [""]
    assert [sentence for sentence, _ in seen] == list(answer.sentences)


def test_when_nothing_holds_the_sentences_of_the_sources_are_sent(client, fake_model):
    fake_model.always("unsupported_claim")
    found = events(client)
    answer = found[-1][1]
    assert answer["mode"] == "extractive"
    assert [data for name, data in found if name == "sentence"] == answer["sentences"]
    assert "taalmodel" in answer["text"]
