"""Answers -> report: the sections that the flow plans, with the rules that hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from verbind_bot.flows.conditions import holds
from verbind_bot.flows.engine import Course, course, current
from verbind_bot.flows.model import Claim, Condition, Flow, Rule, Section, Step, Subject
from verbind_bot.flows.report import (
    Block,
    Paragraph,
    Point,
    Points,
    Report,
    ReportSection,
    Score,
    Scores,
    Subheading,
    Table,
)
from verbind_bot.flows.sources import Citations
from verbind_bot.flows.state import State
from verbind_bot.flows.values import label
from verbind_bot.types import Passage

_NOTHING = "Uit je antwoorden volgt hier niets."
_AGREED, _DIVIDED = 1, 3


@dataclass(frozen=True, slots=True)
class Basis:
    """Another intake that this one took answers from."""

    flow: Flow
    state: State
    finished_on: date


@dataclass(frozen=True, slots=True)
class Material:
    """All that a report is made of; `others` are the states of the other participants in a shared scan."""

    flow: Flow
    state: State
    passages: Mapping[str, Passage]
    others: Sequence[State] = ()
    basis: Basis | None = None


class _Composer:
    def __init__(self, material: Material) -> None:
        self.material = material
        self.flow = material.flow
        self.way = course(material.flow, material.state)
        # What was skipped will not be known either, so that the report says of it what it says of "weet ik nog niet".
        self.judged = {**self.way.answers, **dict.fromkeys(self.way.skipped)}
        self.citations = Citations(material.passages)

    def verdict(self, condition: Condition) -> bool | None:
        return holds(condition, self.judged, self.way.ruled_out)

    def paragraph(self, claim: Claim) -> Paragraph:
        return Paragraph(self.citations.sentence(claim))


def compose(material: Material, made_on: date) -> Report:
    """The report of these answers; an argument is there when its rule holds, and says its sources."""
    composer = _Composer(material)
    sections = []
    for section in material.flow.report.sections:
        if section.when and not composer.verdict(section.when):
            continue
        blocks = tuple(_KINDS[section.kind](composer, section))
        if blocks:
            sections.append(ReportSection(section.title, blocks))
    finished = current(material.flow, material.state) is None
    title = material.flow.report.title
    return Report(title, material.flow.title, made_on, finished, tuple(sections), composer.citations.all)


def _text(composer: _Composer, section: Section) -> Iterator[Block]:
    yield from (composer.paragraph(claim) for claim in section.claims)


def _listed(composer: _Composer, section: Section) -> Iterator[Step]:
    yield from (s for s in composer.way.shown if not section.steps or s.id in section.steps)


def _answers(composer: _Composer, section: Section) -> Iterator[Block]:
    origins = composer.material.state.origins
    rows = []
    for step in _listed(composer, section):
        value = composer.way.answers.get(step.id)
        if value is not None:
            origin = origins.get(step.id)
            rows.append((step.short, label(step, value) + (f" (bron: {origin})" if origin else "")))
    yield from _text(composer, section)
    yield Table(("Onderwerp", "Antwoord"), tuple(rows)) if rows else _plain(section.empty or _NOTHING)


def _unknown(composer: _Composer, section: Section) -> Iterator[Block]:
    open_steps = [s for s in _listed(composer, section) if composer.way.answers.get(s.id) is None]
    rows = tuple((step.short, step.question, step.who or "nog niet bekend") for step in open_steps)
    yield from _text(composer, section)
    empty = section.empty or "Alle vragen hebben een antwoord."
    yield Table(("Onderwerp", "Vraag", "Wie dit kan weten"), rows) if rows else _plain(empty)


def _arguments(composer: _Composer, section: Section) -> Iterator[Block]:
    yield from _text(composer, section)
    found = False
    for side, title in section.sides.items():
        if points := _points(composer, side, None):
            found = True
            if len(section.sides) > 1:
                yield Subheading(title)
            yield points
    if not found:
        yield _plain(section.empty or _NOTHING)


def _points(composer: _Composer, side: str, about: str | None) -> Points | None:
    rules = [r for r in composer.flow.rules if r.side == side and r.about == about and composer.verdict(r.when)]
    rules.sort(key=lambda rule: -rule.weight)
    items = [Point(composer.citations.sentence(Claim(text=r.text, cite=r.cite)), r.weight) for r in rules]
    return Points(tuple(items)) if items else None


def _comparison(composer: _Composer, section: Section) -> Iterator[Block]:
    yield from _text(composer, section)
    for subject in (s for s in composer.flow.subjects if s.id in section.subjects):
        yield Subheading(subject.label)
        yield composer.paragraph(subject.description)
        for side, title in section.sides.items():
            yield Subheading(title, 2)
            yield _points(composer, side, subject.id) or _plain(section.empty or _NOTHING)
        if changes := _changes(composer, section, subject):
            yield Subheading("Wat dit beeld kan veranderen", 2)
            yield changes


def _changes(composer: _Composer, section: Section, subject: Subject) -> Points | None:
    """The unknown answers on which an argument about the subject still depends, each named once."""
    found: dict[str, tuple[Rule, set[str]]] = {}
    for rule in composer.flow.rules:
        if rule.about != subject.id or rule.side not in section.sides or composer.verdict(rule.when) is not None:
            continue
        for leaf in rule.when.leaves():
            step = composer.flow.step(str(leaf.step))
            if step and composer.way.answers.get(step.id) is None and step.id not in composer.way.ruled_out:
                found.setdefault(step.short, (rule, set()))[1].add(section.sides[rule.side].lower())
    points = []
    for short, (rule, sides) in found.items():
        text = f"{short}: dit is nog niet bekend. Het antwoord kan iets toevoegen aan: {' en '.join(sorted(sides))}."
        points.append(Point(composer.citations.sentence(Claim(text=text, cite=rule.cite)), 1))
    return Points(tuple(points)) if points else None


def _scores(composer: _Composer, section: Section) -> Iterator[Block]:
    yield from _text(composer, section)
    courses = [composer.way, *(course(composer.flow, state) for state in composer.material.others)]
    steps = [step for step in composer.way.shown if step.id in section.steps]
    scores = [score for step in steps if (score := _score(step, courses))]
    if not scores:
        yield _plain(section.empty or "Er zijn nog geen scores.")
        return
    yield Scores(tuple(scores), min(s.minimum or 0 for s in steps), max(s.maximum or 0 for s in steps))
    if len(courses) == 1:
        return
    yield Table(
        ("Factor", "Gemiddeld", "Laagste en hoogste", "Aantal", "Eens of verdeeld"),
        tuple(
            (s.label, _decimal(s.mean), f"{min(s.values):g} en {max(s.values):g}", str(len(s.values)), _agreement(s))
            for s in scores
        ),
    )


def _score(step: Step, courses: Sequence[Course]) -> Score | None:
    given = [way.answers.get(step.id) for way in courses]
    values = tuple(float(value) for value in given if isinstance(value, int | float))
    return Score(step.short, values) if values else None


def _agreement(score: Score) -> str:
    if len(score.values) == 1:
        return "één score"
    return "eens" if score.spread <= _AGREED else "verdeeld" if score.spread >= _DIVIDED else "enig verschil"


def _basis(composer: _Composer, section: Section) -> Iterator[Block]:
    basis = composer.material.basis
    if basis is None:
        yield _plain(section.empty or "Er is geen eerdere vragenlijst overgenomen.")
        return
    yield from _text(composer, section)
    yield _plain(f"Overgenomen: {basis.flow.title}, afgerond op {basis.finished_on:%d-%m-%Y}.")
    way = course(basis.flow, basis.state)
    rows = tuple((s.short, label(s, way.answers[s.id])) for s in way.shown if way.answers.get(s.id) is not None)
    yield Table(("Onderwerp", "Antwoord"), rows)
    if missing := [s.short for s in way.shown if way.answers.get(s.id) is None]:
        yield _plain(f"Nog onbekend in die vragenlijst: {', '.join(missing)}.")


def _plain(text: str) -> Paragraph:
    return Paragraph(Citations({}).sentence(Claim(text=text)))


def _decimal(number: float) -> str:
    return f"{number:.1f}".replace(".", ",")


_KINDS: Mapping[str, Callable[[_Composer, Section], Iterator[Block]]] = {
    "text": _text,
    "answers": _answers,
    "unknown": _unknown,
    "arguments": _arguments,
    "comparison": _comparison,
    "scores": _scores,
    "basis": _basis,
}
