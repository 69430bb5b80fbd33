"""A real llama.cpp server over real HTTP; its small base model writes nonsense, in the form that it is held to."""

from __future__ import annotations

import pytest

from verbind_bot.answering.drafting import Draft
from verbind_bot.errors import LanguageModelError
from verbind_bot.llm.endpoint import Endpoint
from verbind_bot.llm.types import Message

pytestmark = pytest.mark.llm

MESSAGES = [
    Message("system", "Antwoord in JSON met een zin en een citaat."),
    Message(
        "user", '<passage n="1" locator="1" title="Bijen">\nBijen wonen in een kast.\n</passage>\nWaar wonen bijen?'
    ),
]
SHORT = {"type": "string", "minLength": 1, "maxLength": 24}


def closed(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def one(item):
    return {"type": "array", "items": item, "minItems": 1, "maxItems": 1}


SOURCE = closed(passage={"type": "integer", "enum": [1]}, quote=SHORT)
SCHEMA = closed(sentences=one(closed(text=SHORT, sources=one(SOURCE))), complete={"type": "boolean"})


@pytest.fixture(scope="module")
def endpoint(llama_url):
    made = Endpoint(llama_url, "llama", timeout=240.0, first_token_timeout=120.0, max_tokens=200, retries=0)
    yield made
    made.close()


def test_the_words_come_one_by_one_and_make_the_schema(endpoint):
    with endpoint.stream(MESSAGES, SCHEMA) as stream:
        deltas = list(stream)
    draft = Draft.model_validate_json("".join(deltas))
    assert len(draft.sentences) == 1
    assert draft.sentences[0].sources[0].passage == 1
    assert len(deltas) > 5
    assert stream.finish_reason == "stop"
    assert stream.usage.prompt_tokens > 20
    assert stream.usage.completion_tokens >= len(deltas) // 2
    assert 0 < stream.usage.first_token_ms < stream.usage.total_ms


def test_the_same_question_gives_the_same_words(endpoint):
    texts = set()
    for _ in range(2):
        with endpoint.stream(MESSAGES, SCHEMA) as stream:
            texts.add("".join(stream))
    assert len(texts) == 1


def test_a_text_stops_at_the_tokens_that_we_give_it(endpoint):
    with endpoint.stream(MESSAGES, SCHEMA, max_tokens=5) as stream:
        assert "".join(stream)
    assert stream.finish_reason == "length"
    assert stream.usage.completion_tokens == 5


def test_a_prompt_that_does_not_fit_is_said_to_be_too_long(endpoint):
    with endpoint.stream([Message("user", "honing " * 4000)]) as stream, pytest.raises(LanguageModelError) as caught:
        next(stream)
    assert caught.value.reason == "too_long"


def test_a_text_that_is_left_midway_leaves_the_server_free(endpoint):
    with endpoint.stream([Message("user", "Vertel over bijen.")], max_tokens=800) as stream:
        assert next(stream)
    with endpoint.stream(MESSAGES, SCHEMA) as stream:
        assert Draft.model_validate_json("".join(stream))
