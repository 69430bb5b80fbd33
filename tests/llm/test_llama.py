"""A real llama.cpp server over real HTTP; its small base model writes nonsense, in the form that it is held to."""

from __future__ import annotations

import pytest

from verbind_bot.answering.drafting import Draft, schema_of
from verbind_bot.answering.writing import Writer
from verbind_bot.bootstrap import build
from verbind_bot.errors import LanguageModelError
from verbind_bot.llm.endpoint import Endpoint
from verbind_bot.llm.types import Message
from verbind_bot.prompts import Prompts
from verbind_bot.settings import shipped

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


class Held:
    """The real model, held to a schema that leaves it one sentence to write."""

    model = "llama"

    def __init__(self, endpoint, text, quote):
        self._endpoint = endpoint
        source = closed(passage={"type": "integer", "enum": [1]}, quote={"type": "string", "enum": [quote]})
        sentence = closed(text={"type": "string", "enum": [text]}, sources=one(source))
        self._schema = closed(sentences=one(sentence), complete={"type": "boolean"})

    def stream(self, messages, schema):
        return self._endpoint.stream(messages, self._schema)


@pytest.mark.parametrize(
    ("text", "kept", "reason"),
    [
        ("In 1954 waren er in Nederland 12 imkerverenigingen.", 1, []),
        ("In 1954 waren er in Nederland 13 imkerverenigingen.", 0, ["number"]),
    ],
)
def test_what_the_model_writes_goes_past_the_verifier(endpoint, small_parts, text, kept, reason):
    passage = next(p for p in small_parts.corpus.passages if "imkerverenigingen" in p.text)
    model = Held(endpoint, text, "In 1954 telde Nederland 12 imkerverenigingen.")
    written = Writer(model, Prompts(shipped("prompts")), small_parts.verify).write("Hoeveel verenigingen?", [passage])
    assert (len(written.sentences), [d.reason for d in written.dropped]) == (kept, reason)
    assert written.fallback == (None if kept else "dropped")
    assert written.usage.prompt_tokens > 100


def test_the_schema_that_we_ask_for_is_one_that_a_grammar_can_be_made_of(endpoint):
    with endpoint.stream(MESSAGES, schema_of(Draft), max_tokens=40) as stream:
        text = "".join(stream)
    assert text.lstrip().startswith("{")
    assert '"sentences"' in text
    assert endpoint._dialect.format == "json_schema"


def test_a_small_model_never_shows_what_the_sources_do_not_say(llama_url, small_settings, small_parts):
    """Whatever it writes: each sentence is supported, or the answer is the extractive one with a note."""
    held = {"llm_base_url": llama_url, "llm_model": "llama", "llm_max_tokens": 100, "llm_retries": 0}
    slow = {"llm_timeout_seconds": 240, "llm_first_token_seconds": 120}
    parts = build(small_settings.model_copy(update=held | slow), before=small_parts)
    question = "Welke soorten kasten zijn er volgens Jansen?"
    answer, plain = (p.assistant.ask(question, history=()) for p in (parts, small_parts))
    texts = {p.id: p.text for p in small_parts.corpus.passages}
    assert answer.writing.completion_tokens > 0
    assert all(c.quote in texts[c.passage_id] for c in answer.citations)
    if answer.mode == "extractive":
        assert answer.writing.fallback in ("format", "dropped", "empty")
        assert answer.sentences == plain.sentences
        assert answer.text.startswith(plain.text)
    else:
        assert answer.writing.kept == len(answer.sentences) > 0
