"""Whether a condition holds for answers: yes, no, or not known yet (Kleene's three-valued logic)."""

from __future__ import annotations

from collections.abc import Mapping

from verbind_bot.flows.model import Condition, Value

Answers = Mapping[str, Value | None]


def holds(condition: Condition, answers: Answers, hidden: frozenset[str] = frozenset()) -> bool | None:
    """True, False, or None when an answer that is still unknown decides.

    `answers` maps steps to values, None for "weet ik nog niet"; a step that is not there has not
    been answered. A hidden step will never be asked: no test of it holds.
    """
    if condition.all_ is not None:
        return _all([holds(part, answers, hidden) for part in condition.all_])
    if condition.any_ is not None:
        opposite = _all([_not(holds(part, answers, hidden)) for part in condition.any_])
        return _not(opposite)
    if condition.not_ is not None:
        return _not(holds(condition.not_, answers, hidden))
    if condition.step in hidden:
        return False
    value = answers.get(str(condition.step))
    if condition.unknown is not None:
        return (value is None) is condition.unknown if condition.step in answers else None
    return None if value is None else _test(condition, value)


def _test(condition: Condition, value: Value) -> bool:
    if isinstance(value, int | float):
        if condition.at_least is not None:
            return value >= condition.at_least
        return condition.at_most is not None and value <= condition.at_most
    chosen = (value,) if isinstance(value, str) else value
    if condition.count is not None:
        return len(chosen) >= condition.count
    return any(name in chosen for name in condition.is_ or ())


def _all(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value
