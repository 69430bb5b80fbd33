"""The cases of a split, answered, with every measure of each answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from verbind_bot.evaluation import measures
from verbind_bot.evaluation.dataset import Case
from verbind_bot.types import Answer, Passage, Status

Ask = Callable[[str, Sequence[str]], Answer]


@dataclass(frozen=True, slots=True)
class Result:
    """A case, its answer, and the figure of each measure that applies to it (others are absent)."""

    case: Case
    answer: Answer
    figures: Mapping[str, float]


def run(cases: Iterable[Case], ask: Ask, passages: Mapping[str, Passage]) -> list[Result]:
    """Ask every question through the public door and measure the answers."""
    texts = {key: passage.text for key, passage in passages.items()}
    results = []
    for case in cases:
        answer = ask(case.query.text, case.query.metadata.history)
        results.append(Result(case, answer, _figures(case, answer, texts)))
    return results


def _figures(case: Case, answer: Answer, texts: Mapping[str, str]) -> dict[str, float]:
    found: dict[str, float | None] = {
        "citation_recall": measures.citation_recall(answer),
        "quotes_contained": measures.quotes_contained(answer, texts),
        "facts_in_quote": measures.facts_in_quote(answer),
        "leaks": float(measures.leaks(_spoken(answer), case.query.metadata.leaks))
        if case.query.metadata.leaks
        else None,
        "status_ok": float(answer.status in case.query.metadata.status),
    }
    kind = case.query.metadata.kind
    if case.answerable:
        ranked = [r.locator for r in answer.retrieved]
        found |= {f"hit@{k}": measures.hit(ranked, case.locators, k) for k in (1, 3, 5)}
        found["answered"] = float(not measures.is_refusal(answer))
        spoken = " ".join(s.text for s in answer.sentences)
        found["vital_recall"] = measures.nugget_recall(spoken, case.nuggets, "vital")
        found["nugget_recall"] = measures.nugget_recall(spoken, case.nuggets)
        found["citation_precision"] = measures.citation_precision(answer, case.locators)
        found["words"] = float(measures.length(answer)) if answer.sentences else None
    elif kind in ("unanswerable", "off-topic"):
        found["refused"] = float(measures.is_refusal(answer))
    elif kind == "privacy":
        found["privacy_seen"] = float(answer.status is Status.PRIVACY)
    return {name: value for name, value in found.items() if value is not None}


def _spoken(answer: Answer) -> str:
    """All text of an answer, as it leaves the assistant."""
    return json.dumps(
        [answer.question, answer.text, answer.missing, answer.follow_ups, [s.text for s in answer.sentences]],
        ensure_ascii=False,
    )


def means(results: Iterable[Result]) -> dict[str, float]:
    """The mean of each measure over the cases that it applies to."""
    values: dict[str, list[float]] = {}
    for result in results:
        for name, value in result.figures.items():
            values.setdefault(name, []).append(value)
    return {name: sum(found) / len(found) for name, found in values.items()}
