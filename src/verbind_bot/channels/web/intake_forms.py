"""The form of a step: what somebody filled in -> the move that it asks for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated

from pydantic import BaseModel, Field

from verbind_bot.channels.web.interface import PageError
from verbind_bot.flows.engine import Back, Give, Move, Pause, Restart, Skip
from verbind_bot.flows.model import Kind
from verbind_bot.flows.values import label
from verbind_bot.intakes import Intake

_CHOICES = (Kind.SINGLE, Kind.MULTI)
_UNKNOWN = "?"  # no id of an option looks like this


class Filled(BaseModel):
    """The form of a step as it was sent; `getypt` is what the own words were when the page was shown."""

    step: Annotated[str, Field(max_length=60)] = ""
    state_version: int = 0
    actie: str = "verder"
    value: list[str] = []
    onbekend: bool = False
    eigen: str = ""
    getypt: str = ""
    vraag: str = ""


def move_of(intake: Intake, filled: Filled, words: SimpleNamespace) -> Move | None:
    """What the form asks for; None when its own words must be understood first. Raises PageError."""
    ways: dict[str, Move] = {
        "terug": Back(),
        "overslaan": Skip(filled.step),
        "pauze": Pause(),
        "opnieuw": Restart(),
    }
    if filled.actie in ways:
        return ways[filled.actie]
    step = intake.flow.step(filled.step)
    if step is None:
        raise PageError(words.step_gone)
    if filled.onbekend or filled.value == [_UNKNOWN]:
        if (filled.onbekend and any(filled.value)) or filled.eigen.strip() != filled.getypt.strip():
            raise PageError(words.step_two)
        return Give(step.id, None)
    if step.kind in _CHOICES:
        return _choice(step.kind, intake, filled, words)
    return _typed(step.kind, filled, words)


def own_words(filled: Filled) -> str:
    """What was typed: beside the options, or in the field of the step itself."""
    return filled.eigen or next(iter(filled.value), "")


def before(intake: Intake) -> Filled:
    """The form with the answer that the step had."""
    step = intake.view.step
    if step is None:
        return Filled()
    value = step.value
    unknown = value is None and any(given.step == step.id for given in intake.view.answers)
    if isinstance(value, tuple):
        return Filled(step=step.id, value=list(value))
    text = str(value).replace(".", ",") if isinstance(value, float) else str(value)
    return Filled(step=step.id, value=[] if value is None else [text], onbekend=unknown)


def elsewhere(intake: Intake, typed: Filled) -> tuple[str, str] | None:
    """The question that a late answer was meant for, and that answer in words."""
    step = intake.flow.step(typed.step)
    if step is None or typed.actie != "verder":
        return None
    words = typed.eigen or "; ".join(typed.value)
    if step.kind in _CHOICES and typed.value:
        names = [step.option(name) for name in typed.value]
        words = "; ".join(option.label for option in names if option) or words
    return step.question, label(step, None) if typed.onbekend or typed.value == [_UNKNOWN] else words


def _choice(kind: Kind, intake: Intake, filled: Filled, words: SimpleNamespace) -> Move | None:
    chosen = [name for name in filled.value if name]
    own, former = filled.eigen.strip(), filled.getypt.strip()
    if own and (own != former or not chosen):
        known = intake.view.step.value if intake.view.step and intake.view.step.id == filled.step else None
        if chosen and chosen != list(known if isinstance(known, tuple) else (known,)):
            raise PageError(words.step_both)
        return None
    if not chosen:
        raise PageError(words.step_choose)
    return Give(filled.step, chosen[0] if kind is Kind.SINGLE else chosen)


def _typed(kind: Kind, filled: Filled, words: SimpleNamespace) -> Move | None:
    text = filled.value[0] if filled.value else ""
    if kind is Kind.SCALE and text.isdecimal() and len(text) < 4:
        return Give(filled.step, int(text))
    if not text.strip():
        empty = {Kind.SCALE: words.step_scale_empty, Kind.NUMBER: words.step_number_empty}
        raise PageError(empty.get(kind, words.step_text_empty))
    return None
