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


class TwoAnswersError(PageError):
    """A choice and own words were sent, and the person is asked which of them counts."""


class Filled(BaseModel):
    """The form of a step as it was sent; `getypt` are the own words that were asked about before."""

    step: Annotated[str, Field(max_length=60)] = ""
    state_version: int = 0
    actie: str = "verder"
    value: list[str] = []
    onbekend: bool = False
    eigen: str = ""
    getypt: str = ""
    vraag: str = ""

    def asked(self) -> Filled:
        """The form after a question about its own words: when they come back unchanged, the choice counts."""
        return self.model_copy(update={"getypt": self.eigen})

    @property
    def chosen(self) -> list[str]:
        """What was chosen or typed in the field of the step."""
        return [name for name in self.value if name.strip()]

    @property
    def tells(self) -> bool:
        """Whether the own words count: they are new, or all there is."""
        own = self.eigen.strip()
        return bool(own) and (own != self.getypt.strip() or not (self.chosen or self.onbekend))


def move_of(intake: Intake, filled: Filled, words: SimpleNamespace) -> Move | None:
    """What the form asks for; None when its own words must be understood first. Raises PageError."""
    ways: dict[str, Move] = {
        "terug": Back(),
        "overslaan": Skip(filled.step),
        "pauze": Pause(),
        "opnieuw": Restart(),
    }
    if filled.actie in ways and not (filled.actie == "pauze" and _adds(intake, filled)):
        return ways[filled.actie]
    step = intake.flow.step(filled.step)
    if step is None:
        raise PageError(words.step_gone)
    if filled.onbekend or filled.value == [_UNKNOWN]:
        if (filled.onbekend and filled.chosen) or filled.tells:
            raise TwoAnswersError(words.step_two)
        return Give(step.id, None)
    if step.kind in _CHOICES:
        return _choice(step.kind, intake, filled, words)
    return _typed(step.kind, filled, words)


def own_words(filled: Filled) -> str:
    """What was typed: beside the options, or in the field of the step itself."""
    return filled.eigen or next(iter(filled.value), "")


def before(intake: Intake) -> Filled:
    """The form with the answer that the step had."""
    return _known(intake, intake.view.step.id) if intake.view.step else Filled()


def elsewhere(intake: Intake, typed: Filled) -> tuple[str, str] | None:
    """The question that a late answer was meant for, and that answer in words."""
    step = intake.flow.step(typed.step)
    if step is None or not (typed.actie == "verder" or (typed.actie == "pauze" and _adds(intake, typed))):
        return None
    if typed.tells:
        return step.question, typed.eigen
    words = "; ".join(typed.value)
    if step.kind in _CHOICES and typed.value:
        names = [step.option(name) for name in typed.value]
        words = "; ".join(option.label for option in names if option) or words
    return step.question, label(step, None) if typed.onbekend or typed.value == [_UNKNOWN] else words


def _known(intake: Intake, name: str) -> Filled:
    """The form of a step with the answer that it has."""
    step, given = intake.view.step, next((g for g in intake.view.answers if g.step == name), None)
    value = step.value if step and step.id == name else given.value if given else None
    if isinstance(value, tuple):
        return Filled(step=name, value=list(value))
    text = str(value).replace(".", ",") if isinstance(value, float) else str(value)
    return Filled(step=name, value=[] if value is None else [text], onbekend=value is None and given is not None)


def _adds(intake: Intake, filled: Filled) -> bool:
    """Whether the form holds an answer that the step does not have yet."""
    known = _known(intake, filled.step)
    if filled.onbekend or filled.value == [_UNKNOWN]:
        return filled.tells or not known.onbekend
    # A form sends the lines of a text apart with \r\n.
    chosen = ["\n".join(text.splitlines()).strip() for text in filled.chosen]
    return filled.tells or bool(chosen and chosen != known.value)


def _choice(kind: Kind, intake: Intake, filled: Filled, words: SimpleNamespace) -> Move | None:
    chosen = filled.chosen
    if filled.tells:
        if chosen and chosen != _known(intake, filled.step).value:
            raise TwoAnswersError(words.step_both)
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
