"""Answering when it can and refusing when it must: the two rates, and risk against coverage.

Greetings and messages with personal data are no test of the decision to answer, and do not count.
"""

from __future__ import annotations

from collections.abc import Iterable

from verbind_bot.evaluation.measures import is_refusal
from verbind_bot.types import Answer

_NO_DECISION = frozenset({"greeting", "privacy"})


def decides(kind: str) -> bool:
    """Whether a question of this kind tests the decision to answer."""
    return kind not in _NO_DECISION


def figures(answerable: bool, answer: Answer) -> dict[str, float]:
    """The figures of one question, whose means are the rates.

    The mean of `answered` is the answer rate (over what can be answered), that of `refused` the
    recall of refusing (over what must be refused), and that of `refusal_precision` the precision of
    refusing (over what was refused).
    """
    refused = is_refusal(answer)
    found = {"answered": float(not refused)} if answerable else {"refused": float(refused)}
    if refused:
        found["refusal_precision"] = float(not answerable)
    return found


def confidence(answer: Answer) -> float:
    """How sure the assistant is that the sources answer the question; of one that says nothing, not at all."""
    return 0.0 if answer.confidence is None else answer.confidence


def risk_coverage(scored: Iterable[tuple[float, bool]]) -> list[tuple[float, float]]:
    """The share of wrong answers (risk) when only the surest share (coverage) of the questions is answered.

    Each pair is (confidence, right). A point stands for a threshold, so questions with the same
    confidence come in together. After El-Yaniv and Wiener (2010).
    """
    ordered = sorted(scored, key=lambda pair: -pair[0])
    points = []
    wrong = 0
    for n, (sure, right) in enumerate(ordered, 1):
        wrong += not right
        if n == len(ordered) or ordered[n][0] < sure:
            points.append((n / len(ordered), wrong / n))
    return points
