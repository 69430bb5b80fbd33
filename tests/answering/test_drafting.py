"""The words of a model, in any pieces -> its sentences."""

from __future__ import annotations

import json

import pytest

from verbind_bot.answering.drafting import Draft, DraftReader, schema_of

ONE = {"text": 'Een "zin" met {haken} en [rechte].', "sources": [{"passage": 1, "quote": "een citaat"}]}
TWO = {"text": "Nog één.", "sources": []}
WHOLE = json.dumps({"sentences": [ONE, TWO], "complete": True}, ensure_ascii=False)


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("around", ["{}", "Natuurlijk:\n```json\n{}\n```\nGraag gedaan!"])
def test_sentences_are_there_as_soon_as_they_are_whole(size, around):
    reader, found, text = DraftReader(), [], around.replace("{}", WHOLE)
    for at in range(0, len(text), size):
        found += reader.feed(text[at : at + size])
    assert [sentence.text for sentence in found] == [ONE["text"], TWO["text"]]
    assert reader.finish()
    assert not reader.fault


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(
    "before",
    [
        '<think>vorm is {"x": 1}</think>',
        '\n<think>\n{"sentences": [{"text": "Dit niet.", "sources": []}], "complete": false}\n</think>\n',
        'In deze vorm {"x": [1]}: ',
    ],
)
def test_what_a_model_thinks_or_says_before_its_draft_is_no_part_of_it(size, before):
    reader, found, text = DraftReader(), [], before + WHOLE
    for at in range(0, len(text), size):
        found += reader.feed(text[at : at + size])
    assert [sentence.text for sentence in found] == [ONE["text"], TWO["text"]]
    assert reader.finish()


def test_a_thought_without_end_is_no_draft():
    reader = DraftReader()
    assert reader.feed(f"<think>{WHOLE}") == []
    assert not reader.finish()


def test_a_draft_may_say_first_that_it_is_complete():
    reader = DraftReader()
    assert len(reader.feed(json.dumps({"complete": True, "sentences": [ONE]}))) == 1
    assert reader.finish()


def test_a_draft_that_breaks_off_keeps_its_whole_sentences_and_is_not_complete():
    reader = DraftReader()
    assert [s.text for s in reader.feed(WHOLE[: WHOLE.index("Nog")])] == [ONE["text"]]
    assert not reader.finish()
    assert reader.fault


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Dat weet ik niet.",
        "[1, 2]",
        '{"antwoord": "ja"}',
        '{"sentences": "geen lijst"}',
        '{"sentences": [{"text": "zonder bron"}], "complete": true}',
        '{"sentences": [{"text": "x", "sources": [{"passage": "een", "quote": "x"}]}], "complete": true}',
        '{"sentences": [{"text": "' + "x" * 2000 + '", "sources": []}], "complete": true}',
        '{"sentences": [' + "[" * 5000,
    ],
)
def test_what_is_not_as_the_schema_has_it_gives_no_sentence(text):
    reader = DraftReader()
    assert reader.feed(text) == []
    assert not reader.finish()
    assert reader.fault


def test_the_schema_has_only_words_that_strict_endpoints_take():
    schema = json.dumps(schema_of(Draft))
    assert not [word for word in ("maxLength", "minLength", '"title"', '"description"') if word in schema]
    assert schema.count('"additionalProperties": false') == 3
    for name in ("sentences", "complete", "text", "sources", "passage", "quote"):
        assert f'"{name}": {{' in schema
