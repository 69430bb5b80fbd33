from dataclasses import replace

import pytest

from verbind_bot.answering.evidence import Candidate
from verbind_bot.answering.reading import read_question
from verbind_bot.answering.selection import Selection
from verbind_bot.retrieval import Match
from verbind_bot.types import Passage, Source, Statement

WEIGHTS = Selection.load()
READING = read_question("Wie doet wat in de wijk?")


def candidate(name, similarity, locator="1", score=5.0, words=10, source=Source.NOTE):
    text = " ".join(f"{name}{n}" for n in range(words)) + "."
    statement = Statement(0, len(text), text)
    passage = Passage(f"{locator}:{name}", locator, "Titel", name, text, (statement,), source=source)
    return Candidate(Match(passage, score, 0, 0, 0), statement, frozenset(text.split()), similarity, 0)


def chosen(*candidates, **changes):
    found = WEIGHTS.model_copy(update=changes).choose(READING, candidates)
    return [one.passage.heading for one in found]


def test_without_candidates_nothing_is_chosen_and_otherwise_at_least_one():
    assert chosen() == []
    assert chosen(candidate("lang", 0.1, words=300)) == ["lang"]


def test_a_question_with_one_good_statement_gets_a_short_answer_and_one_with_many_a_long_one():
    sharp = [candidate(name, similarity, words=40) for name, similarity in (("a", 0.9), ("b", 0.4), ("c", 0.3))]
    broad = [candidate(name, similarity, words=40) for name, similarity in (("a", 0.6), ("b", 0.58), ("c", 0.55))]
    assert chosen(*sharp) == ["a"]
    assert chosen(*broad) == ["a", "b", "c"]
    assert chosen(*broad, max_words=90) == ["a", "b"]


@pytest.mark.parametrize(("ahead", "first"), [(0.2, "beter"), (2.5, "zeker")])
def test_the_surer_the_section_the_more_its_statements_go_before_those_of_others(ahead, first):
    sure = candidate("zeker", 0.5, locator="3.1", score=5.0)
    other = candidate("beter", 0.8, locator="2.2", score=5.0 - ahead)
    assert chosen(sure, other, drop=0.0) == [first]


def test_a_lead_counts_up_to_a_limit_and_without_another_section_it_counts_whole():
    one, far = candidate("een", 0.5), candidate("ver", 0.5, locator="2.2", score=-90.0)
    assert WEIGHTS._lead([one, far], one.match) == WEIGHTS._lead([one], one.match) == WEIGHTS.section_lead


def test_the_note_goes_before_the_explanation_of_a_term_and_nothing_is_said_twice():
    note, term = candidate("note", 0.6), candidate("begrip", 0.65, source=Source.TERM)
    assert chosen(term, note, drop=0.0) == ["note"]
    twin = replace(candidate("tweeling", 0.6), terms=note.terms)
    assert chosen(note, twin) == ["note"]
