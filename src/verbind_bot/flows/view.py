"""An intake as every channel shows it: progress, answers, the step that is asked, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verbind_bot.flows.engine import Course, course, current
from verbind_bot.flows.model import Flow, Step, Value
from verbind_bot.flows.sources import Citations
from verbind_bot.flows.state import State
from verbind_bot.flows.values import label, options
from verbind_bot.types import Citation, CitedSentence, Passage


@dataclass(frozen=True, slots=True)
class Given:
    """One answer that counts; `origin` says where it came from when the user did not type it."""

    step: str
    short: str
    value: Value | None
    label: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class StepView:
    """The step that is asked, with the options that are possible now and the answer that it had."""

    id: str
    kind: str
    short: str
    question: str
    help: str
    why: CitedSentence
    options: tuple[tuple[str, str], ...]
    minimum: float | None
    maximum: float | None
    labels: Mapping[int, str]
    unit: str
    required: bool
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class View:
    """The whole: `done` and `total` count the steps that are shown under today's answers.

    `position` is the place of the open step among them, from 1.
    """

    done: int
    position: int
    total: int
    answers: tuple[Given, ...]
    step: StepView | None
    citations: tuple[Citation, ...]
    can_go_back: bool


def view(flow: Flow, state: State, passages: Mapping[str, Passage]) -> View:
    """What to show of this state."""
    way, asked = course(flow, state), current(flow, state)
    citations = Citations(passages)
    given = tuple(
        Given(s.id, s.short, way.answers[s.id], label(s, way.answers[s.id]), state.origins.get(s.id, ""))
        for s in way.shown
        if s.id in way.answers
    )
    return View(
        done=sum(way.passed(step) for step in way.shown),
        position=way.shown.index(asked) + 1 if asked else len(way.shown),
        total=len(way.shown),
        answers=given,
        step=_step(asked, {**state.earlier, **way.answers}, way, citations) if asked else None,
        citations=citations.all,
        can_go_back=bool(way.shown) and asked != way.shown[0],
    )


def _step(step: Step, known: Mapping[str, Value | None], way: Course, citations: Citations) -> StepView:
    return StepView(
        id=step.id,
        kind=step.kind.value,
        short=step.short,
        question=step.question,
        help=step.help,
        why=citations.sentence(step.why),
        options=tuple((option.id, option.label) for option in options(step, way.answers, way.ruled_out)),
        minimum=step.minimum,
        maximum=step.maximum,
        labels=step.labels,
        unit=step.unit,
        required=step.required,
        value=known.get(step.id),
    )


def step_object(step: StepView) -> dict[str, Any]:
    """The step as JSON."""
    return {
        "id": step.id,
        "kind": step.kind,
        "question": step.question,
        "help": step.help,
        "why": {"text": step.why.text, "citations": list(step.why.citations)},
        "options": [{"id": name, "label": text} for name, text in step.options],
        "minimum": step.minimum,
        "maximum": step.maximum,
        "required": step.required,
        "labels": {str(point): name for point, name in step.labels.items()},
        "unit": step.unit,
        "short": step.short,
        "value": list(step.value) if isinstance(step.value, tuple) else step.value,
    }
