"""Each measure on a case that is worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from verbind_bot.errors import CorpusError
from verbind_bot.evaluation import measures
from verbind_bot.evaluation.abstaining import figures, risk_coverage
from verbind_bot.evaluation.dataset import Case, Nugget, Query
from verbind_bot.evaluation.ranking import passage_grades, ranking_figures, write_trec
from verbind_bot.evaluation.statistics import compare, interval, sign_flip
from verbind_bot.types import Answer, Citation, CitedSentence, Edition, Retrieved, Source, Status


def citation(n: int, locator: str, quote: str) -> Citation:
    return Citation(n, locator, "T", Source.NOTE, Edition.REWORDED, quote, (), f"{locator}:p")


ANSWER = Answer(
    "a",
    "Wat?",
    Status.ANSWERED,
    "In 1994 telde Utrecht 12 teams. [1] Dat is fijn. [2]",
    sentences=(CitedSentence("In 1994 telde Utrecht 12 teams.", (1,)), CitedSentence("Dat is fijn.", (2,))),
    citations=(citation(1, "2.1", "In 1994 telde Utrecht 12 teams."), citation(2, "9", "Heel iets anders.")),
    retrieved=(Retrieved("b", "2", 3.0), Retrieved("a", "1", 2.0), Retrieved("c", "3", 1.0)),
)
VITAL = Nugget(text="jaar", importance="vital", accept=(("1994",),))
OKAY = Nugget(text="stad en fiets", importance="okay", accept=(("Utrecht", "fiets"), ("trein",)))


def test_nugget_recall_counts_what_the_text_states():
    assert measures.nugget_recall(ANSWER.text, [VITAL, OKAY]) == 0.5
    assert measures.nugget_recall(ANSWER.text, [VITAL, OKAY], "vital") == 1
    assert measures.nugget_recall(ANSWER.text, [OKAY], "vital") is None
    assert measures.nugget_recall("Utrecht op de FIÉTS", [OKAY]) == 1


def test_citations_are_right_exact_and_hold_the_sentence():
    assert measures.citation_precision(ANSWER, {"2.1"}) == 0.5
    assert measures.citation_precision(ANSWER, {ANSWER.citations[1].passage_id}) == 0.5
    assert measures.citation_recall(ANSWER, {}) == 0.5
    assert measures.quotes_contained(ANSWER, {"2.1:p": "Kop. In 1994 telde Utrecht 12 teams. Einde.", "9:p": ""}) == 0.5
    assert measures.citation_precision(Answer("a", "?", Status.CLARIFY, ""), {"1"}) is None


def test_the_facts_of_a_sentence_stand_in_its_quote():
    wrong = CitedSentence("In 1995 telde Utrecht 12 teams.", (1,))
    answer = Answer("a", "?", Status.ANSWERED, "", sentences=(*ANSWER.sentences, wrong), citations=ANSWER.citations)
    assert measures.facts_in_quote(answer) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("sentence", "quote", "held"),
    [
        ("Er zijn 3 scholen.", "Er zijn drie scholen.", 1),
        ("Er is 1 school.", "In 2014 zijn er scholen.", 0),
        ("Er zijn 20 scholen.", "In 2014 zijn er scholen.", 0),
        ("In Ede is een school.", "Er zijn scholen in Ede-Zuid.", 1),
        ("De stad Ede telt mee.", "Er zijn scholen in Eden.", 0),
        ("Stap 2. Praat met\n3. ouders.", "1. Bel.\n2. Praat met\n3. ouders. Stap 2.", 1),
    ],
)
def test_facts_are_compared_whole_and_however_they_are_written(sentence, quote, held):
    answer = Answer(
        "a", "?", Status.ANSWERED, "", sentences=(CitedSentence(sentence, (1,)),), citations=(citation(1, "2", quote),)
    )
    assert measures.facts_in_quote(answer) == held


def test_a_sentence_in_a_models_words_needs_a_quote_that_stands_in_its_passage():
    said = (CitedSentence("Utrecht had twaalf teams.", (1,)), CitedSentence("Fijn.", (2,)), CitedSentence("Ja.", ()))
    answer = Answer("a", "?", Status.ANSWERED, "", "llm", sentences=said, citations=ANSWER.citations)
    texts = {"2.1:p": "Kop. In 1994 telde Utrecht 12 teams. Einde.", "9:p": "Iets."}
    assert measures.citation_recall(answer, texts) == pytest.approx(1 / 3)
    assert measures.citation_recall(replace(answer, mode="extractive"), texts) == 0


def test_length_and_leaks():
    assert measures.length(ANSWER) == 9
    assert measures.leaks("Bel 06-1234 of Daan", ["06-1234", "Piet", "daan"]) == 2


def test_ranking_by_hand():
    found = ranking_figures({"q": ANSWER, "none": ANSWER}, {"q": {"a": 2, "x": 1}})
    assert found.keys() == {"q"}
    assert found["q"]["hit@1"] == 0
    assert found["q"]["hit@3"] == found["q"]["hit@5"] == 1
    assert found["q"]["rr"] == 0.5
    # DCG = 2/log2(3); ideal = 2/log2(2) + 1/log2(3)
    assert found["q"]["ndcg@10"] == pytest.approx((2 / 1.58496) / (2 + 1 / 1.58496), abs=1e-4)


def test_a_passage_is_relevant_with_its_own_grade_or_that_of_its_section(corpus):
    section = {p.id for p in corpus.passages if p.locator == "3.2"}
    own, other = next(iter(section)), next(p.id for p in corpus.passages if p.locator == "4.1")
    query = Query(_id="q", text="?", metadata={"split": "dev", "kind": "plain", "persona": "", "status": ["answered"]})
    grades = passage_grades([Case(query, {own: 1, "3.2": 2, other: 1}, ())], corpus.by_id)
    assert grades == {"q": {**dict.fromkeys(section, 2), own: 1, other: 1}}
    with pytest.raises(CorpusError, match=r"3\.2:weg"):
        passage_grades([Case(query, {"3.2:weg": 1}, ())], corpus.by_id)


def test_trec_files_have_six_and_four_fields(tmp_path):
    write_trec(tmp_path, {"q": ANSWER}, {"q": {"a": 2}})
    run = [line.split() for line in (tmp_path / "run.trec").read_text().splitlines()]
    assert [(row[0], row[2], row[3]) for row in run] == [("q", "b", "1"), ("q", "a", "2"), ("q", "c", "3")]
    assert [float(row[4]) for row in run] == sorted((float(row[4]) for row in run), reverse=True)
    assert (tmp_path / "qrels.trec").read_text() == "q 0 a 2\n"


@pytest.mark.parametrize(
    ("answerable", "status", "expected"),
    [
        (True, Status.ANSWERED, {"answered": 1}),
        (True, Status.NOT_IN_CORPUS, {"answered": 0, "refusal_precision": 0}),
        (False, Status.PARTIAL, {"refused": 0}),
        (False, Status.OUT_OF_SCOPE, {"refused": 1, "refusal_precision": 1}),
    ],
)
def test_abstention(answerable, status, expected):
    assert figures(answerable, Answer("a", "?", status, "")) == expected


def test_risk_grows_with_coverage_and_ties_come_together():
    assert risk_coverage([(0.9, True), (0.5, False), (0.5, True), (0.1, False)]) == [
        (0.25, 0),
        (0.75, pytest.approx(1 / 3)),
        (1.0, 0.5),
    ]


def test_an_interval_holds_its_mean():
    found = interval([0, 0, 1, 1])
    assert (found.mean, found.n) == (0.5, 4)
    assert 0 <= found.low < 0.5 < found.high <= 1
    assert interval([1, 1, 1]).low == 1
    with pytest.raises(ValueError, match="no values"):
        interval([])


def test_the_sign_flip_test_by_hand():
    assert sign_flip([0, 0]) == 1
    assert sign_flip([1, 1, 1]) == pytest.approx(2 / 8)  # only +++ and --- are as far
    assert sign_flip([1, -1]) == 1
    assert sign_flip([1.0] * 30) < 0.001


def test_a_comparison_is_over_shared_questions():
    found = compare({"a": 0, "b": 1, "z": 1}, {"a": 1, "b": 1, "y": 0})
    assert found
    assert (found.difference, found.n, found.p) == (0.5, 2, 1.0)
    assert compare({"a": 1}, {"b": 1}) is None
