"""What must hold for the corpus that we ship, so that answers can be made of its single sentences."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from verbind_bot.types import Source

LOCATORS = {
    "1", "2", "bron-1", "bron-2", "bron-3", "bron-4", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "3.4", "3.5", "3.5.1",
    "3.5.2", "3.5.3", "3.5.4", "4.1", "4.2", "4.3", "bijlage-1", "bijlage-2", "nji",
}  # fmt: skip
# "Dit" and "deze" with nothing before them; a lead that ends in a colon points ahead, at its own list.
LEANS = re.compile(r"^(Deze|Dit|Die|Dat|Daarnaast|Daarbij|Daardoor|Hierdoor|Hierbij|Ook|Hij|Zij|Ze|Het gaat)\b")


def test_every_locator_has_its_file(corpus):
    assert {section.locator for section in corpus.sections} == LOCATORS


def test_passages_are_of_a_length_that_is_one_thing(corpus):
    lengths = {p.id: len(p.text.split()) for p in corpus.passages if p.source is Source.NOTE}
    assert {key: n for key, n in lengths.items() if not 30 <= n <= 120} == {}


def test_every_passage_says_what_it_answers(corpus):
    assert [p.id for p in corpus.passages if p.source is Source.NOTE and len(p.questions) < 3] == []


def test_no_question_leads_to_two_passages(corpus):
    note = [p for p in corpus.passages if p.source is Source.NOTE]  # a term or a work may answer the same
    asked = Counter(question.lower() for p in note for question in p.questions)
    assert [question for question, n in asked.items() if n > 1] == []


def test_every_sentence_stands_on_its_own(corpus):
    leaning = [
        s.lead
        for p in corpus.passages
        if p.source is Source.NOTE
        for s in p.statements
        if LEANS.match(s.lead) and not s.items
    ]
    assert leaning == []


def test_every_work_says_what_the_note_takes_from_it_and_where(corpus):
    cited = {key for p in corpus.passages for key in p.references}
    assert cited - corpus.references.keys() == set()
    for key, reference in corpus.references.items():
        assert reference.annotation, key
        assert set(reference.locators) <= LOCATORS, key
        assert reference.locators, key
    assert len(corpus.references) >= 50


@pytest.mark.model
def test_every_work_is_found_by_its_author_and_year(parts):
    lost = []
    written = {k: r for k, r in parts.corpus.references.items() if {"author", "year"} <= dict(r.fields).keys()}
    for key, reference in written.items():
        answer = parts.assistant.ask(
            f"Wat zegt {reference.label}, {dict(reference.fields).get('title', '')}?", history=()
        )
        if f"referentie:{key}" not in [r.passage_id for r in answer.retrieved] and not any(
            key in c.references for c in answer.citations
        ):
            lost.append(key)
    assert lost == []
