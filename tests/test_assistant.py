import json
from dataclasses import asdict

import pytest

from verbind_bot.bootstrap import build
from verbind_bot.errors import QuestionError
from verbind_bot.types import Status


@pytest.mark.parametrize("message", ["Hallo!", "bedankt hoor", "Wat kan je?", "HELP", "hoi, hoe gaat het?"])
def test_small_talk_gets_a_short_friendly_reply(small_parts, message):
    answer = small_parts.assistant.ask(message, history=())
    assert answer.status is Status.ANSWERED
    assert answer.sentences == ()
    assert len(answer.text.split()) < 120


def test_personal_data_is_masked_and_the_rest_is_answered(small_parts):
    answer = small_parts.assistant.ask(
        "Leerling Daan Jansen (bsn 111222333) vraagt welke soorten kasten er zijn voor bijen", history=()
    )
    assert answer.status is Status.PRIVACY
    out = json.dumps(asdict(answer), ensure_ascii=False)
    assert "Daan" not in out
    assert "111222333" not in out
    assert "spaarkast" in answer.text


@pytest.mark.parametrize(
    "message", ["Mijn zoon Daan Pietersen is boos. Wat is een korf?", "Wat is een korf? Mijn nummer is 06-12345678"]
)
def test_a_short_question_beside_personal_data_is_answered(small_parts, message):
    answer = small_parts.assistant.ask(message, history=())
    assert answer.status is Status.PRIVACY
    assert answer.sentences
    assert "Daan" not in answer.text
    assert "12345678" not in answer.text


def test_personal_data_without_a_question_is_only_masked(small_parts):
    answer = small_parts.assistant.ask("Daan Jansen, groep 7: geboren op 3 mei 2012", history=())
    assert answer.status is Status.PRIVACY
    assert answer.citations == ()


@pytest.mark.parametrize("between", ["Bedankt voor de uitleg!", "👍", "hallo"])
def test_small_talk_does_not_come_between_a_question_and_its_follow_up(small_parts, monkeypatch, between):
    heard = []
    search = small_parts.answerer._retriever.search
    monkeypatch.setattr(small_parts.answerer._retriever, "search", lambda q: (heard.append(q), search(q))[1])
    first = small_parts.assistant.ask("Welke soorten kasten zijn er voor bijen?")
    small_parts.assistant.ask(between, conversation_id=first.conversation_id)
    small_parts.assistant.ask("en waarom?", conversation_id=first.conversation_id)
    assert heard[-1] == "Welke soorten kasten zijn er voor bijen? en waarom?"


def test_a_search_for_nothing_but_personal_data_finds_nothing(small_parts):
    assert small_parts.assistant.search("jan@voorbeeld.nl", 3) == ()
    assert len(small_parts.assistant.search("kasten jan@voorbeeld.nl", 2)) == 2


def test_no_turns_of_the_history_count_when_that_is_set(small_settings, small_parts):
    parts = build(small_settings.model_copy(update={"history_turns": 0}), before=small_parts)
    alone = parts.assistant.ask("en waarom?", history=["Welke soorten kasten zijn er voor bijen?"])
    assert alone.citations == ()


def test_personal_data_is_not_kept_nor_searched(small_parts, monkeypatch):
    seen = []
    ask = small_parts.answerer.answer
    monkeypatch.setattr(small_parts.answerer, "answer", lambda q, h=(), show=None: (seen.append((q, *h)), ask(q, h))[1])
    first = small_parts.assistant.ask("Leerling Daan Pietersen zoekt kasten voor bijen, welke zijn er?")
    small_parts.assistant.ask("en welke nog meer?", conversation_id=first.conversation_id)
    small_parts.assistant.ask("en dan?", history=["Wat vindt leerling Daan Pietersen van bijen?"])
    assert seen
    assert "Daan" not in repr(seen)


def test_the_conversation_survives_a_restart(small_settings, small_parts):
    from verbind_bot.bootstrap import build

    first = small_parts.assistant.ask("Welke soorten kasten zijn er volgens Jansen?")
    again = build(small_settings)
    follow_up = again.assistant.ask("en wie zegt dat?", conversation_id=first.conversation_id)
    assert follow_up.retrieved[0].passage_id in ("1:kast", "referentie:jansen1999")


@pytest.mark.parametrize("question", ["", "  \n\t", "\u200b\u0000", "x" * 1001])
def test_refuses_what_is_no_question(small_parts, question):
    with pytest.raises(QuestionError):
        small_parts.assistant.ask(question, history=())


@pytest.mark.parametrize(
    "question", ["?", "...", "🐝", "a", "(", "[1]", "{{ 7*7 }}", "'; DROP TABLE turns; --", "x" * 1000]
)
def test_answers_whatever_is_typed(small_parts, question):
    answer = small_parts.assistant.ask(question, history=())
    assert answer.status in Status
    assert answer.text
    assert "49" not in answer.text


@pytest.mark.parametrize("claimed", [True, False])
def test_a_conversation_that_is_wiped_while_its_answer_is_made_stays_away(small_parts, monkeypatch, claimed):
    assistant, answerer = small_parts.assistant, small_parts.assistant._answerer
    if claimed:
        assistant.archive.claim("gewist", "mij")

    class Slow:
        def answer(self, *given):
            assistant.archive.erase("gewist")
            return answerer.answer(*given)

    monkeypatch.setattr(assistant, "_answerer", Slow())
    answer = assistant.ask("Welke soorten kasten zijn er voor bijen?", conversation_id="gewist")
    assert answer.text
    assert assistant.archive.get(answer.id) is None
    assert assistant.archive.claim("gewist", "jij")
    assert assistant._conversations.questions("gewist", 5) == []
