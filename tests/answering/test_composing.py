from dataclasses import replace

from verbind_bot.answering.composing import compose
from verbind_bot.answering.evidence import Candidate
from verbind_bot.prompts import Prompts
from verbind_bot.retrieval import Match
from verbind_bot.settings import shipped
from verbind_bot.types import Passage, Statement

TEXT = "Een imker houdt bijen. Een imker heeft:\n\n- een kast;\n- een kap."
SENTENCE = Statement(0, 22, "Een imker houdt bijen.")
LIST = Statement(23, len(TEXT), "Een imker heeft:", ("een kast;", "een kap."))
PASSAGE = Passage("p", "1", "Bijen", "De imker", TEXT, (SENTENCE, LIST))
PROMPTS = Prompts(shipped("prompts"))


def candidate(statement: Statement) -> Candidate:
    return Candidate(Match(PASSAGE, 1, 1, 1, 1), statement, frozenset(), 1, 1)


def test_each_line_is_a_sentence_with_its_citation_and_exact_quote():
    done = compose([candidate(SENTENCE), candidate(LIST)], PROMPTS)
    assert [(s.text, s.citations) for s in done.sentences] == [
        ("Een imker houdt bijen.", (1,)),
        ("Een imker heeft:", (2,)),
        ("een kast;", (2,)),
        ("een kap.", (2,)),
    ]
    assert all(c.quote in TEXT for c in done.citations)
    assert all(s.text in done.text for s in done.sentences)


def test_a_sentence_that_its_quote_does_not_hold_is_never_shown():
    altered = replace(SENTENCE, lead="Een imker houdt 12 bijen.")
    moved = replace(SENTENCE, start=1)
    outside = replace(SENTENCE, start=len(TEXT), end=len(TEXT) + 5)
    done = compose([candidate(s) for s in (altered, moved, outside, LIST)], PROMPTS)
    assert [c.n for c in done.citations] == [1]
    assert "12 bijen" not in done.text
    assert done.sentences[0].text == "Een imker heeft:"
