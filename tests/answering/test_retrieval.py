"""Which passage goes first."""

import pytest

from verbind_bot.retrieval import Fusion, Retriever
from verbind_bot.types import Source

pytestmark = pytest.mark.model
ABOUT = "Wat zegt de Onderwijsraad over de taken van een school?"


def _found(parts, lead):
    fusion = Fusion.load().model_copy(update={"lead": {Source.REFERENCE: lead, Source.TERM: lead}})
    return Retriever(parts.corpus, parts.index, fusion).search(ABOUT).matches


def test_the_note_goes_before_a_list_about_it_unless_that_is_far_ahead(parts):
    alone = _found(parts, 0)
    assert alone[0].passage.source is Source.REFERENCE
    note = next(match for match in alone if match.passage.source is Source.NOTE)
    gap = alone[0].score - note.score
    assert [m.passage.id for m in _found(parts, gap - 0.01)] == [m.passage.id for m in alone]
    found = _found(parts, gap + 0.01)
    assert found[0].passage is note.passage
    assert found[0].words == note.words
    assert [m.passage.id for m in found[1:]] == [m.passage.id for m in alone if m.passage is not note.passage]
    assert [m.score for m in found] == [m.score for m in alone]


def test_of_a_short_list_the_first_are_those_of_a_long_one(parts):
    retriever = Retriever(parts.corpus, parts.index)
    assert retriever.search(ABOUT, 1).matches == retriever.search(ABOUT).matches[:1]
