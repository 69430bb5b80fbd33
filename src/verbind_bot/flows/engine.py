"""The dialogue itself, without side effects: (flow, state, move) -> (state, reply)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from verbind_bot.errors import InputError
from verbind_bot.flows.conditions import holds
from verbind_bot.flows.model import Flow, Step, Value
from verbind_bot.flows.state import State
from verbind_bot.flows.values import check


@dataclass(frozen=True, slots=True)
class Give:
    """Answer a step: the open one, or one that was answered before."""

    step: str
    value: Any


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave the open step, which must not be required."""

    step: str


@dataclass(frozen=True, slots=True)
class Back:
    """Go back to a step that was passed; without a name to the one before."""

    step: str | None = None


@dataclass(frozen=True, slots=True)
class Restart:
    """Begin again; the answers of before are offered at each step."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop for now; any later move goes on."""


Move = Give | Skip | Back | Restart | Pause


@dataclass(frozen=True, slots=True)
class Course:
    """The steps of a flow under the answers of a state.

    `shown` are the steps that belong to it, in order; `answers` the answers that count: of shown
    steps, and still possible. `ruled_out` are the steps that these answers rule out.
    """

    shown: tuple[Step, ...]
    answers: Mapping[str, Value | None]
    ruled_out: frozenset[str]
    skipped: frozenset[str]

    def passed(self, step: Step) -> bool:
        """Whether the step was answered or skipped."""
        return step.id in self.answers or step.id in self.skipped


@dataclass(frozen=True, slots=True)
class Reply:
    """What the user is told after a move: the next step (None at the end) and what changed besides."""

    step: Step | None
    notice: str = ""


def course(flow: Flow, state: State) -> Course:
    """Which steps are shown and which answers count, in the order of the flow."""
    shown: list[Step] = []
    answers: dict[str, Value | None] = {}
    ruled_out: set[str] = set()
    for step in flow.steps:
        verdict = True if step.when is None else holds(step.when, answers, frozenset(ruled_out))
        if verdict is False:
            ruled_out.add(step.id)
        if not verdict:
            continue
        shown.append(step)
        if step.id in state.answers:
            with suppress(InputError):  # what does not fit waits in the state
                answers[step.id] = check(step, state.answers[step.id], answers, frozenset(ruled_out))
    skipped = state.skipped & {step.id for step in shown if not step.required}
    return Course(tuple(shown), answers, frozenset(ruled_out), frozenset(skipped - answers.keys()))


def current(flow: Flow, state: State) -> Step | None:
    """The step that is asked now; None when the flow is done."""
    way = course(flow, state)
    if state.at is not None:
        found = next((step for step in way.shown if step.id == state.at), None)
        if found:
            return found
    return next((step for step in way.shown if not way.passed(step)), None)


def advance(flow: Flow, state: State, move: Move) -> tuple[State, Reply]:
    """The state after the move, and what to say. Raises InputError for a move that is not possible; nothing changes."""
    if isinstance(move, Restart):
        fresh = State(flow.name, flow.version, earlier={**state.earlier, **state.answers})
        return fresh, Reply(current(flow, fresh), "Je begint opnieuw.")
    if isinstance(move, Pause):
        return replace(state, paused=True), Reply(
            current(flow, state), "Je antwoorden zijn bewaard. Ga verder wanneer je wilt."
        )
    state = replace(state, paused=False)
    if isinstance(move, Back):
        return _back(flow, state, move.step)
    return _pass(flow, state, move)


def _pass(flow: Flow, state: State, move: Give | Skip) -> tuple[State, Reply]:
    way, asked = course(flow, state), current(flow, state)
    step = next((s for s in way.shown if s.id == move.step and (way.passed(s) or s == asked)), None)
    if step is None:
        why = "is nu niet aan de beurt" if flow.step(move.step) else "bestaat niet in deze vragenlijst"
        raise InputError(f"Deze vraag {why}. {_onward(asked)}")
    if isinstance(move, Give):
        after = _given(state, step, check(step, move.value, way.answers, way.ruled_out))
    elif step.required:
        raise InputError("Deze vraag kun je niet overslaan. Weet je het niet? Kies dan 'weet ik nog niet'.")
    else:
        after = _skipped(state, step)
    return after, Reply(current(flow, after), _changes(flow, state, after))


def _onward(asked: Step | None) -> str:
    return f"Ga verder met: {asked.short}." if asked else "Je hebt alle vragen gehad."


def _given(state: State, step: Step, value: Value | None) -> State:
    return replace(
        state,
        answers={**state.answers, step.id: value},
        skipped=state.skipped - {step.id},
        origins={name: origin for name, origin in state.origins.items() if name != step.id},
        at=None,
    )


def _skipped(state: State, step: Step) -> State:
    kept = {name: value for name, value in state.answers.items() if name != step.id}
    gone = {step.id: state.answers[step.id]} if step.id in state.answers else {}
    return replace(state, answers=kept, earlier={**state.earlier, **gone}, skipped=state.skipped | {step.id}, at=None)


def _back(flow: Flow, state: State, name: str | None) -> tuple[State, Reply]:
    way, asked = course(flow, state), current(flow, state)
    before = []
    for step in way.shown:
        if step == asked:
            break
        before.append(step)
    if name is not None:
        target = next((s for s in way.shown if s.id == name and (way.passed(s) or s == asked)), None)
        if target is None:
            raise InputError(f"Je bent nog niet bij deze vraag geweest. {_onward(asked)}")
    elif not before:
        raise InputError("Dit is de eerste vraag: je kunt niet verder terug.")
    else:
        target = before[-1]
    return replace(state, at=target.id), Reply(target)


def _changes(flow: Flow, before: State, after: State) -> str:
    """Which earlier answers do not count any more, when the move made them impossible."""
    lost = course(flow, before).answers.keys() - course(flow, after).answers.keys()
    names = [step.short for step in flow.steps if step.id in lost and step.id in after.answers]
    if not names:
        return ""
    return f"Door je nieuwe antwoord tellen deze antwoorden niet meer mee: {', '.join(names)}. Ze blijven wel bewaard."


def taken_over(flow: Flow, source: Flow, state: State) -> dict[str, Value | None]:
    """The answers of another flow's state that this flow takes over."""
    given = course(source, state).answers
    names = {step.id: (step.takes or "").partition(".")[2] for step in flow.steps if step.takes}
    return {name: given[other] for name, other in names.items() if given.get(other) is not None}


def migrate(flow: Flow, state: State) -> tuple[State, str]:
    """The state in today's version of its flow, and what the user must know; nothing that was given is thrown away."""
    if state.flow_version == flow.version:
        return state, ""
    moved = replace(state, flow_version=flow.version, at=None)
    way = course(flow, moved)
    lost = len(state.answers) - len(way.answers)
    return moved, f"Deze vragenlijst is vernieuwd sinds je begon. Je antwoorden zijn {_taken_along(lost)}"


def _taken_along(lost: int) -> str:
    if not lost:
        return "meegenomen."
    if lost == 1:
        return "zo veel mogelijk meegenomen. 1 antwoord past niet meer: die vraag is weg of krijg je opnieuw."
    return f"zo veel mogelijk meegenomen. {lost} antwoorden passen niet meer: die vragen zijn weg of krijg je opnieuw."
