"""What a step takes as an answer, and how an answer is shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from verbind_bot.errors import InputError
from verbind_bot.flows.conditions import Answers, holds
from verbind_bot.flows.model import MAX_TEXT, Kind, Option, Step, Value

UNKNOWN = "Weet ik nog niet"


def options(step: Step, answers: Answers, hidden: frozenset[str] = frozenset()) -> tuple[Option, ...]:
    """The options of the step that are possible after these answers, with these steps ruled out."""
    return tuple(o for o in step.options if o.when is None or holds(o.when, answers, hidden))


def check(step: Step, value: Any, answers: Answers, hidden: frozenset[str] = frozenset()) -> Value | None:
    """The value as it is kept. Raises InputError, with what the step does take, when it does not fit."""
    if value is None:
        return None
    if step.kind is Kind.SINGLE:
        return _chosen([value], options(step, answers, hidden))[0]
    if step.kind is Kind.MULTI:
        names = list(value) if isinstance(value, list | tuple) else None
        return _chosen(names, options(step, answers, hidden))
    if step.kind is Kind.TEXT:
        return _text(value)
    return _number(step, value)


def _chosen(names: list[Any] | None, offered: Sequence[Option]) -> tuple[str, ...]:
    possible = [option.id for option in offered]
    if not names:
        raise InputError("Kies een of meer opties, als lijst. Weet je het niet? Kies dan 'weet ik nog niet' (null).")
    if wrong := [name for name in names if name not in possible]:
        shown = str(wrong[0])[:40]
        raise InputError(f"'{shown}' is geen optie van deze vraag. Je kunt kiezen uit: {', '.join(possible)}.")
    chosen = [option for option in offered if option.id in names]
    if len(chosen) > 1 and (alone := next((option for option in chosen if option.alone), None)):
        raise InputError(f"'{alone.label}' gaat niet samen met een ander antwoord. Kies alleen dit, of kies dit niet.")
    return tuple(option.id for option in chosen)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise InputError("Deze vraag vraagt om tekst.")
    kept = "".join(c for c in unicodedata.normalize("NFC", value) if c in "\n\t" or unicodedata.category(c)[0] != "C")
    text = "\n".join(" ".join(line.split()) for line in kept.splitlines()).strip()
    if not text:
        raise InputError("Je antwoord is leeg. Typ een antwoord, of kies 'weet ik nog niet'.")
    if len(text) > MAX_TEXT:
        raise InputError(f"Je antwoord is te lang: {len(text)} tekens, en er passen er {MAX_TEXT}. Maak het korter.")
    return text


_HUGE = 1e15  # also turns away what is no number, or infinite


def _number(step: Step, value: Any) -> int | float:
    low, high = step.minimum, step.maximum
    whole = step.kind is Kind.SCALE
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE
    if not fits or (whole and value != int(value)):
        raise InputError(f"Deze vraag vraagt om een {'heel ' if whole else ''}getal{_range(low, high)}.")
    if (low is not None and value < low) or (high is not None and value > high):
        raise InputError(f"{_plain(value)} kan hier niet: geef een getal{_range(low, high)}.")
    return int(value) if value == int(value) else float(value)


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" van {_plain(low)} tot en met {_plain(high)}"
    return f" van {_plain(low)} of meer" if low is not None else ""


def _plain(number: float) -> str:
    """A number as Dutch writes it: 12.345,6."""
    whole = f"{number:,.0f}" if number == int(number) else f"{number:,.10g}"
    return whole.translate(str.maketrans(",.", ".,"))


def label(step: Step, value: Value | None) -> str:
    """The answer as a reader sees it."""
    if value is None:
        return UNKNOWN
    if isinstance(value, tuple):
        return "; ".join(_option_label(step, name) for name in value)
    if isinstance(value, str):
        return _option_label(step, value) if step.kind is Kind.SINGLE else value
    if step.kind is Kind.SCALE:
        name = step.labels.get(int(value))
        return f"{_plain(value)} van {_plain(step.maximum or 0)}" + (f" ({name})" if name else "")
    shown = _plain(value)
    return f"{shown}{step.unit}" if step.unit == "%" else f"{shown} {step.unit}".strip()


def _option_label(step: Step, name: str) -> str:
    option = step.option(name)
    return option.label if option else name
