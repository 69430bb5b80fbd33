"""A sentence with its quotes, held to real passages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.answering.judging import Sure

from verbind_bot.answering.attributing import Attribution, Verified
from verbind_bot.answering.drafting import DraftSentence, DraftSource
from verbind_bot.answering.quoting import locate
from verbind_bot.answering.verifying import Reason, Verifier
from verbind_bot.index.dutch import Analyzer
from verbind_bot.types import Passage, Source, Statement

TEXT = (
    "De school overlegt elke week met ouders. Het wijkteam kent vier coaches. "
    "De gemeente betaalt ‘het hele plan’ niet. Elke coach begeleidt een gezin."
)


def passage_of(text, key="1:a"):
    spans, start = [], 0
    for part in text.split(". "):
        end = start + len(part) + (0 if part.endswith(".") else 1)
        spans.append(Statement(start, end, text[start:end]))
        start = end + 1
    return Passage(key, "1", "Titel", "Kop", text, tuple(spans))


PASSAGE = passage_of(TEXT)
OTHER = passage_of("De bibliotheek leent spellen uit. De bibliotheek krijgt 900 euro.", "2:b")


@pytest.fixture(scope="module")
def verify():
    return Attribution(Verifier(Analyzer.of([TEXT, OTHER.text]))).verify


def drafted(text, *sources):
    return DraftSentence(text=text, sources=tuple(DraftSource(passage=n, quote=q) for n, q in sources))


def quoted(found):
    assert isinstance(found, Verified), found
    return [passage.text[start:end] for passage, start, end in found.quotes]


def test_the_citation_is_the_statement_that_supports_the_sentence(verify):
    found = verify(drafted("Het wijkteam heeft vier coaches.", (1, "vier coaches")), [PASSAGE])
    assert quoted(found) == ["Het wijkteam kent vier coaches."]


def test_a_statement_without_a_list_does_not_count_nought(verify):
    found = verify(drafted("De gemeente heeft 0 spellen.", (1, OTHER.text.split(". ")[0])), [OTHER])
    assert found is Reason.NUMBER


def test_of_a_long_quote_only_what_supports_the_sentence_is_cited(verify):
    found = verify(drafted("Het wijkteam heeft vier coaches.", (1, TEXT)), [PASSAGE])
    assert quoted(found) == ["Het wijkteam kent vier coaches."]


@pytest.mark.parametrize(
    "sentence",
    ["De gemeente kent vier coaches.", "De school begeleidt elke week een gezin.", "Het wijkteam overlegt met ouders."],
)
def test_pieces_of_several_statements_do_not_make_a_new_one(verify, sentence):
    assert isinstance(verify(drafted(sentence, (1, TEXT)), [PASSAGE]), Reason)
    pieces = [(1, part) for part in TEXT.split(". ")[:4]]
    assert isinstance(verify(drafted(sentence, *pieces), [PASSAGE]), Reason)


@pytest.mark.parametrize(("sentences", "probability", "shown"), [(2, 0.95, True), (2, 0.7, False), (3, 0.95, False)])
def test_two_statements_support_a_sentence_together_only_when_the_judge_is_sure(sentences, probability, shown):
    analyzer = Analyzer.of([TEXT])
    quote = ". ".join(TEXT.split(". ")[:sentences])
    sentence = drafted("De school overlegt met ouders en het wijkteam kent vier coaches.", (1, quote))
    judge = Sure(probability, TEXT, needed=". ")  # of more than one statement
    found = Attribution(Verifier(analyzer, entailment=judge)).verify(sentence, [PASSAGE])
    assert (quoted(found) == [f"{quote}."]) if shown else isinstance(found, Reason)
    assert isinstance(Attribution(Verifier(analyzer)).verify(sentence, [PASSAGE]), Reason)


def test_a_quote_that_does_not_support_the_sentence_is_not_cited(verify):
    sentence = drafted("De bibliotheek leent spellen uit.", (1, "De school overlegt"), (2, "De bibliotheek leent"))
    assert quoted(verify(sentence, [PASSAGE, OTHER])) == ["De bibliotheek leent spellen uit."]


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        (drafted("De school overlegt met ouders."), Reason.NO_SOURCE),
        (drafted("De school overlegt met ouders.", (3, "De school overlegt")), Reason.NO_PASSAGE),
        (drafted("De school overlegt met ouders.", (0, "De school overlegt")), Reason.NO_PASSAGE),
        (drafted("De school overlegt met ouders.", (1, "De school vergadert met ouders")), Reason.QUOTE_ABSENT),
        (drafted("De school overlegt met ouders.", (2, "De school overlegt")), Reason.QUOTE_ABSENT),
        (drafted("De school overlegt met ouders.", (1, "school")), Reason.QUOTE_ABSENT),
        (drafted("De bibliotheek krijgt 901 euro.", (2, "De bibliotheek krijgt 901 euro.")), Reason.QUOTE_ABSENT),
        (drafted("De gemeente betaalt het hele plan.", (1, "het hele plan")), Reason.DENIAL),
        (drafted("Zie www.kwaad.example.", (1, "De school overlegt")), Reason.LINK),
        (drafted("school " * 46, (1, "De school overlegt")), Reason.TOO_LONG),
    ],
)
def test_why_a_sentence_is_not_shown(verify, sentence, reason):
    assert verify(sentence, [PASSAGE, OTHER]) is reason


def test_an_address_may_be_told_when_it_stands_in_the_quote_of_a_source_of_ours(verify):
    text = "De school meldt zich op www.school.example/aan."
    passage = replace(PASSAGE, text=text, statements=(Statement(0, len(text), text),))
    told = "Op www.school.example/aan meldt de school zich."
    assert quoted(verify(drafted(told, (1, text)), [passage])) == [text]
    for other in ("/uit", "", "/aan/uit"):
        assert verify(drafted(told.replace("/aan", other), (1, text)), [passage]) is Reason.LINK
    assert verify(drafted(told, (1, text)), [replace(passage, source=Source.OWN)]) is Reason.LINK


@pytest.mark.parametrize(
    "quote",
    ['De gemeente  betaalt "het hele plan" niet', "DE GEMEENTE BETAALT", "“De gemeente betaalt ‘het hele plan’ niet.”"],
)
def test_spaces_capitals_and_quotation_marks_do_not_count(quote):
    start, end = locate(quote, PASSAGE)
    assert TEXT[start:end] == "De gemeente betaalt ‘het hele plan’ niet."
