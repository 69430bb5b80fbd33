"""The cases of a split, answered, with every measure of each answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from verbind_bot.evaluation import abstaining, measures
from verbind_bot.evaluation.dataset import Case
from verbind_bot.evaluation.ranking import PassageGrades, passage_grades, ranking_figures
from verbind_bot.types import Answer, Passage, Status

Ask = Callable[[str, Sequence[str]], Answer]
Progress = Callable[[int, int], None]
Figures = Mapping[str, float]
_DIGITS = 4  # as many as the baseline keeps, so that an unchanged answer is no difference


@dataclass(frozen=True, slots=True)
class NuggetHit:
    """A nugget, and whether the sentences of the answer state it."""

    text: str
    importance: str
    found: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """What a good answer to the question would have."""

    status: tuple[Status, ...]
    locators: Mapping[str, int]
    passages: Mapping[str, int]
    nuggets: tuple[NuggetHit, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A question, what was expected, its answer, and each measure that applies to it (others are absent)."""

    id: str
    split: str
    kind: str
    persona: str
    question: str
    history: tuple[str, ...]
    expected: Expected
    answer: Answer
    figures: Figures


def run(
    cases: Sequence[Case], ask: Ask, passages: Mapping[str, Passage], progress: Progress | None = None
) -> list[Record]:
    """Ask every question through the public door and measure the answers.

    `progress` is called with (questions answered, questions to ask). Raises CorpusError for a
    locator or passage of a case that the corpus does not have.
    """
    texts = {key: passage.text for key, passage in passages.items()}
    grades = passage_grades(cases, passages)
    records = []
    for done, case in enumerate(cases, 1):
        answer = ask(case.query.text, case.query.metadata.history)
        records.append(_record(case, answer, texts))
        if progress:
            progress(done, len(cases))
    return _with_ranking(records, grades)


def nugget_hits(case: Case, answer: Answer) -> tuple[NuggetHit, ...]:
    """Each nugget of the case with whether the answer's sentences state it."""
    flat = measures.plain(_sentences(answer))
    return tuple(NuggetHit(n.text, n.importance, measures.states(flat, n)) for n in case.nuggets)


def _record(case: Case, answer: Answer, texts: Mapping[str, str]) -> Record:
    known = case.query.metadata
    expected = Expected(known.status, case.locators, case.passages, nugget_hits(case, answer))
    figures = _figures(case, answer, texts)
    return Record(
        case.query.id, known.split, known.kind, known.persona, case.query.text, known.history, expected, answer, figures
    )


def _with_ranking(records: Sequence[Record], grades: PassageGrades) -> list[Record]:
    ranked = ranking_figures({record.id: record.answer for record in records}, grades)
    measured = []
    for record in records:
        figures = {**record.figures, **ranked.get(record.id, {})}
        if record.history and "hit@1" in figures:
            figures["follow_up"] = figures["hit@1"]
        measured.append(replace(record, figures={name: round(value, _DIGITS) for name, value in figures.items()}))
    return measured


def _figures(case: Case, answer: Answer, texts: Mapping[str, str]) -> dict[str, float]:
    kind, secrets = case.query.metadata.kind, case.query.metadata.leaks
    found: dict[str, float | None] = {
        "citation_recall": measures.citation_recall(answer, texts),
        "quotes_contained": measures.quotes_contained(answer, texts),
        "facts_in_quote": measures.facts_in_quote(answer),
        "leaks": float(measures.leaks(_spoken(answer), secrets)) if secrets else None,
        "status_ok": float(answer.status in case.query.metadata.status),
    }
    if answer.writing:
        found |= measures.written(answer.writing)
    if case.answerable:
        spoken = _sentences(answer)
        found["vital_recall"] = measures.nugget_recall(spoken, case.nuggets, "vital")
        found["nugget_recall"] = measures.nugget_recall(spoken, case.nuggets)
        found["citation_precision"] = measures.citation_precision(answer, case.relevant)
        found["words"] = float(measures.length(answer)) if answer.sentences else None
    elif kind == "privacy":
        found["privacy_seen"] = float(answer.status is Status.PRIVACY)
    if abstaining.decides(kind):
        found |= abstaining.figures(case.answerable, answer)
    return {name: value for name, value in found.items() if value is not None}


def _sentences(answer: Answer) -> str:
    return " ".join(sentence.text for sentence in answer.sentences)


def _spoken(answer: Answer) -> str:
    """All text of an answer, as it leaves the assistant."""
    return json.dumps(
        [answer.question, answer.text, answer.missing, answer.follow_ups, [s.text for s in answer.sentences]],
        ensure_ascii=False,
    )


def means(records: Iterable[Record]) -> dict[str, float]:
    """The mean of each measure over the questions that it applies to."""
    return {name: sum(found) / len(found) for name, found in by_measure(records).items()}


def by_measure(records: Iterable[Record]) -> dict[str, list[float]]:
    """The figures of all questions, gathered per measure."""
    values: dict[str, list[float]] = {}
    for record in records:
        for name, value in record.figures.items():
            values.setdefault(name, []).append(value)
    return values
