"""What is wrong with a flow that can be read: dead ends, dead rules, and claims without a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from verbind_bot.errors import FlowError
from verbind_bot.flows.conditions import holds
from verbind_bot.flows.model import Condition, Flow, Kind, Step, Value
from verbind_bot.flows.sources import find
from verbind_bot.flows.values import options
from verbind_bot.types import Passage

_TESTS = {
    Kind.SINGLE: {"is_", "unknown"},
    Kind.MULTI: {"is_", "count", "unknown"},
    Kind.SCALE: {"at_least", "at_most", "unknown"},
    Kind.NUMBER: {"at_least", "at_most", "unknown"},
    Kind.TEXT: {"unknown"},
}


def lint(flow: Flow, passages: Mapping[str, Passage], flows: Mapping[str, Flow]) -> list[str]:
    """Every fault of the flow, each with its place, in Dutch; empty when it is sound."""
    names = [flow.step(step.id) is step for step in flow.steps]
    faults = [
        f"stap {s.id}: twee stappen hebben deze 'id'" for s, first in zip(flow.steps, names, strict=True) if not first
    ]
    faults += [*_conditions(flow)]
    if not faults:
        faults += [*_unreachable(flow)]
    return [*faults, *_support(flow, passages), *_plan(flow), *_taken(flow, flows)]


def _conditions(flow: Flow) -> Iterator[str]:
    """Conditions that ask something that their step cannot answer, or that comes later."""
    order = {step.id: place for place, step in enumerate(flow.steps)}
    for place, condition, before in _all_conditions(flow):
        for leaf in condition.leaves():
            step = flow.step(str(leaf.step))
            if step is None or order[step.id] >= before:
                yield f"{place}: de voorwaarde noemt stap '{leaf.step}', die er niet is of later komt"
                continue
            (test,) = leaf.model_fields_set - {"step"}
            if test not in _TESTS[step.kind]:
                yield f"{place}: '{test.rstrip('_')}' past niet bij stap '{step.id}' van de soort {step.kind}"
            for name in leaf.is_ or ():
                if step.option(name) is None:
                    yield f"{place}: stap '{step.id}' heeft geen optie '{name}'"


def _all_conditions(flow: Flow) -> Iterator[tuple[str, Condition, int]]:
    for number, step in enumerate(flow.steps):
        if step.when:
            yield f"stap {step.id}", step.when, number
        for option in step.options:
            if option.when:
                yield f"stap {step.id}, optie {option.id}", option.when, number
    for rule in flow.rules:
        yield f"regel {rule.id}", rule.when, len(flow.steps)
    for section in flow.report.sections:
        if section.when:
            yield f"rapport, {section.title}", section.when, len(flow.steps)


def _unreachable(flow: Flow) -> Iterator[str]:
    for place, condition, _ in _all_conditions(flow):
        if not can_hold(flow, condition):
            yield f"{place}: de voorwaarde kan nooit waar zijn"


def can_hold(flow: Flow, condition: Condition) -> bool:
    """Whether some course through the flow makes the condition true."""
    involved = _involved(flow, condition)
    steps = [step for step in flow.steps if step.id in involved]
    tests = [leaf for c in (condition, *(s.when for s in steps if s.when)) for leaf in c.leaves()]
    return _search(condition, steps, tests, {}, frozenset())


def _involved(flow: Flow, condition: Condition) -> set[str]:
    found: set[str] = set()
    todo = [condition]
    while todo:
        for leaf in todo.pop().leaves():
            step = flow.step(str(leaf.step))
            if step and step.id not in found:
                found.add(step.id)
                todo += [c for c in (step.when, *(o.when for o in step.options)) if c]
    return found


def _search(
    condition: Condition,
    steps: Sequence[Step],
    tests: Sequence[Condition],
    answers: dict[str, Value | None],
    hidden: frozenset[str],
) -> bool:
    verdict = holds(condition, answers, hidden)
    if not steps:
        return verdict is True
    if verdict is False:
        return False
    step, rest = steps[0], steps[1:]
    if step.when and not holds(step.when, answers, hidden):
        return _search(condition, rest, tests, answers, hidden | {step.id})
    return any(
        _search(condition, rest, tests, {**answers, step.id: value}, hidden)
        for value in _values(step, [t for t in tests if t.step == step.id], answers, hidden)
    )


def _values(
    step: Step, tests: Sequence[Condition], answers: Mapping[str, Value | None], hidden: frozenset[str]
) -> Iterator[Value | None]:
    """Values of the step that make its tests come out differently."""
    yield None
    possible = options(step, answers, hidden)
    if step.kind is Kind.SINGLE:
        yield from (option.id for option in possible)
    elif step.kind is Kind.MULTI:
        together = [option.id for option in possible if not option.alone]
        sizes = {0, 1, 2, len(together), *(t.count or 0 for t in tests)}
        yield from ((option.id,) for option in possible if option.alone)
        yield from (chosen for size in sorted(sizes) for chosen in combinations(together, size))
    elif step.kind is Kind.TEXT:
        yield "tekst"
    else:
        low, high = step.minimum, step.maximum
        borders = {b for t in tests for b in (t.at_least, t.at_most) if b is not None}
        for number in sorted({n for b in borders for n in (b - 1, b, b + 1)} or {low or 0.0}):
            if (low is None or number >= low) and (high is None or number <= high):
                yield number


def _support(flow: Flow, passages: Mapping[str, Passage]) -> Iterator[str]:
    for place, claim in flow.claims():
        if place.startswith(("stap", "regel", "onderwerp")) and not claim.cite:
            yield f"{place}: de bron ontbreekt"
        for support in claim.cite:
            try:
                find(support, passages)
            except FlowError as error:
                yield f"{place}: {error}"


def _plan(flow: Flow) -> Iterator[str]:
    """Rules that no section shows, and sections about steps or subjects that are not there."""
    subjects = {subject.id for subject in flow.subjects}
    for section in flow.report.sections:
        for name in (n for n in section.steps if flow.step(n) is None):
            yield f"rapport, {section.title}: stap '{name}' is er niet"
        for name in (n for n in section.subjects if n not in subjects):
            yield f"rapport, {section.title}: onderwerp '{name}' is er niet"
    compared = {(side, name) for s in flow.report.sections for side in s.sides for name in s.subjects}
    listed = {side for s in flow.report.sections if s.kind == "arguments" for side in s.sides}
    ids = [rule.id for rule in flow.rules]
    for rule in flow.rules:
        if ids.count(rule.id) > 1:
            yield f"regel {rule.id}: twee regels hebben deze 'id'"
        if (rule.side, rule.about) not in compared if rule.about else rule.side not in listed:
            yield f"regel {rule.id}: geen onderdeel van het rapport laat haar zien"


def _taken(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[str]:
    for step in flow.steps:
        if not step.takes:
            continue
        name, _, other = step.takes.partition(".")
        source = flows[name].step(other) if name in flows else None
        if source is None or flow.takes_up != name:
            yield f"stap {step.id}: 'takes' noemt '{step.takes}', en die stap is er niet"
        elif source.kind != step.kind or {o.id for o in source.options} - {o.id for o in step.options}:
            yield f"stap {step.id}: stap '{step.takes}' heeft een andere soort of andere opties"
