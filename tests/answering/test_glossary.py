"""Which questions ask the meaning of a term; over the shipped corpus, what they are told."""

import pytest

from verbind_bot.answering.glossary import Glossary
from verbind_bot.types import Source, Status, Term

FORMS = [
    "Wat is {}?",
    "Wat is de {}?",
    "Wat is een {}?",
    "wat is {}",
    "Wat zijn {} eigenlijk?",
    "Wat betekent {}?",
    "Wat bedoelen ze met {}?",
    "Wat wordt er onder {} verstaan?",
    "Leg {} uit",
    "Kun je uitleggen wat {} inhoudt?",
    "{}, wat is dat?",
    "Geef de definitie van het begrip {}",
    "Waar staat {} voor?",
    "What does {} mean?",
]
KLOK = Term("kloktijd", "kt", ("uur van de dag",), "Kloktijd (kt) is de tijd op de klok.", ("1",))
BIJEN = Term("raad van de bijen", "", (), "De raad van de bijen is een kring.", ("1",))
GLOSSARY = Glossary([KLOK, BIJEN])


@pytest.mark.parametrize("form", FORMS)
def test_the_meaning_of_a_term_can_be_asked_in_many_ways(form):
    assert GLOSSARY.asked(form.format("kloktijd")) is KLOK
    assert GLOSSARY.asked(form.format("Kloktijden")) is KLOK
    assert GLOSSARY.asked(form.format("KT")) is KLOK
    assert GLOSSARY.asked(form.format("raad van de bijen")) is BIJEN


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Kloktijd",  # says nothing of what is asked
        "Wat is?",
        "Wat is het?",
        "Wat is de kloktijd in België?",
        "Wat kost een kloktijd?",
        "Wat is geen kloktijd?",
        "Wat kan de kloktijd?",
        "Wat wil de kloktijd?",
        "Wat staat er in de kloktijd?",
        "Wat bedoelt de kloktijd?",
        "Wat moet ik de kloktijd uitleggen?",
        "Wat vertel je over kloktijd?",
        "Wie is de kloktijd?",
        "Wat is er voor de kloktijd?",
        "Wat is er in de kloktijd?",
        "Wat is het verschil tussen kloktijd en de raad van de bijen?",
        "Wat is de raad?",
        "Wat zijn bijen?",
        "Wat is een uur van de dag?",  # a word to search with, not a name of the term
    ],
)
def test_a_question_that_asks_more_or_something_else_is_none(question):
    assert GLOSSARY.asked(question) is None


def test_a_name_goes_before_the_expansion_of_another_and_a_name_that_only_asks_is_none():
    other, asks = Term("kt", "", (), "Kt is een kaartje.", ("1",)), Term("begrip", "", (), "Een begrip is wat.", ("1",))
    both = Glossary([other, KLOK, asks])
    assert both.asked("Wat is kt?") is other
    assert both.asked("Wat is kloktijd?") is KLOK
    assert both.asked("Wat is een begrip?") is None


@pytest.mark.model
def test_every_term_of_the_corpus_is_explained_in_whatever_way_it_is_asked(parts):
    terms = {passage.id: passage for passage in parts.corpus.passages if passage.source is Source.TERM}
    assert {term.passage_id for term in parts.corpus.terms} == set(terms)
    wrong = []
    for n, term in enumerate(parts.corpus.terms):
        names = [term.term, *([term.expansion] if term.expansion else [])]
        for m, name in enumerate(names):
            question = FORMS[(n + m * 5) % len(FORMS)].format(name)
            answer = parts.answerer.answer(question)
            told = answer.citations and answer.citations[0].passage_id == term.passage_id
            if answer.status is not Status.ANSWERED or not told:
                wrong.append((question, answer.status.value))
    assert not wrong


@pytest.mark.model
def test_a_term_needs_nothing_of_the_conversation_before_it_and_no_careful_typing(parts):
    before = ("Welke stappen heeft een netwerkorganisatie?",)
    for question in ("en wat is zorgplicht?", "Leg zorgplicht eens uit", "wat is de zorgplcht?"):
        answer = parts.answerer.answer(question, before)
        assert answer.citations[0].passage_id == "begrip:zorgplicht"


@pytest.mark.model
def test_two_terms_in_one_question_are_both_explained(parts):
    answer = parts.answerer.answer("Wat is een wijkteam en wat betekent OOGO?")
    assert answer.status is Status.ANSWERED
    assert {"begrip:wijkteam", "begrip:oogo"} <= {c.passage_id for c in answer.citations}
