"""A flow as its YAML file gives it: steps, options, rules, and the plan of its report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
Value = str | int | float | tuple[str, ...]
MAX_TEXT = 4000


class Kind(StrEnum):
    """What an answer to a step looks like."""

    SINGLE = "single"
    MULTI = "multi"
    SCALE = "scale"
    NUMBER = "number"
    TEXT = "text"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Support(_Data):
    """Where a claim stands: a passage, and words of the one statement in it that says so."""

    passage: str
    says: str = Field(min_length=8)


class Claim(_Data):
    """Something that a flow says, with what supports it; without support it speaks about the flow itself."""

    text: str
    cite: tuple[Support, ...] = ()


class Condition(_Data):
    """What earlier answers must be: one test of one step, or `all`, `any` or `not` of conditions.

    `is` holds when one of the named options was chosen, `count` when at least so many were;
    `at_least` and `at_most` compare a scale or a number; `unknown` holds for "weet ik nog niet".
    """

    step: str | None = None
    is_: tuple[str, ...] | None = Field(None, alias="is")
    count: int | None = Field(None, ge=1)
    at_least: float | None = None
    at_most: float | None = None
    unknown: bool | None = None
    all_: tuple[Condition, ...] | None = Field(None, alias="all")
    any_: tuple[Condition, ...] | None = Field(None, alias="any")
    not_: Condition | None = Field(None, alias="not")

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        tests = [self.is_, self.count, self.at_least, self.at_most, self.unknown]
        groups = [g for g in (self.all_, self.any_, self.not_) if g is not None]
        given = sum(test is not None for test in tests)
        if self.step is None and (len(groups) != 1 or given):
            raise ValueError("een voorwaarde heeft een 'step' met een toets, of één van 'all', 'any' en 'not'")
        if self.step is not None and (groups or given != 1):
            raise ValueError("een voorwaarde met 'step' heeft precies één toets: is, count, at_least, at_most, unknown")
        return self

    def leaves(self) -> Iterator[Condition]:
        """Every test of a step in it."""
        if self.step is not None:
            yield self
        for part in (*(self.all_ or ()), *(self.any_ or ()), *((self.not_,) if self.not_ else ())):
            yield from part.leaves()


class Option(_Data):
    """One of the choices of a step; `also` holds other wordings for it, `when` the answers that make it possible.

    An option that is `alone` says that none of the others holds, and is never chosen together with them.
    """

    id: Name
    label: str
    also: tuple[str, ...] = ()
    when: Condition | None = None
    alone: bool = False


class Step(_Data):
    """One question of a flow.

    `short` names it in tables and `who` says who could know the answer. `labels` names points of a
    scale. `figures` lists the columns of a CBS file that hold its number. `takes` names the step of
    another flow ("wijkanalyse.schooltype") whose answer is taken over.
    """

    id: Name
    kind: Kind
    short: str
    question: str
    help: str = ""
    why: Claim
    who: str = ""
    options: tuple[Option, ...] = ()
    required: bool = True
    when: Condition | None = None
    minimum: float | None = None
    maximum: float | None = None
    labels: dict[int, str] = {}
    unit: str = ""
    figures: tuple[str, ...] = ()
    takes: str | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Step:
        chooses = self.kind in (Kind.SINGLE, Kind.MULTI)
        if chooses != bool(self.options):
            raise ValueError(f"een stap van de soort {self.kind} heeft {'wel' if chooses else 'geen'} 'options'")
        if self.kind is Kind.SCALE and (self.minimum is None or self.maximum is None):
            raise ValueError("een schaal heeft een 'minimum' en een 'maximum'")
        if len({option.id for option in self.options}) < len(self.options):
            raise ValueError("twee opties hebben dezelfde 'id'")
        if self.kind is not Kind.MULTI and any(option.alone for option in self.options):
            raise ValueError("'alone' past alleen bij een stap van de soort multi")
        return self

    def option(self, name: str) -> Option | None:
        """The option with this id."""
        return next((option for option in self.options if option.id == name), None)


class Rule(_Data):
    """When its condition holds, the report says its text, under its side and about its subject."""

    id: Name
    when: Condition
    side: Name
    about: Name | None = None
    weight: int = Field(1, ge=1, le=3)
    text: str
    cite: tuple[Support, ...] = Field(min_length=1)


class Subject(_Data):
    """One of the things that a flow compares."""

    id: Name
    label: str
    description: Claim


class Section(_Data):
    """A part of a report.

    `text` gives its claims; `answers` a table of steps; `unknown` what is not known and who could
    know it; `arguments` the rules of its sides that hold; `comparison` those rules per subject, and
    what could change them; `scores` the scales of its steps; `basis` the intake that was taken up.
    """

    title: str
    kind: Literal["text", "answers", "unknown", "arguments", "comparison", "scores", "basis"]
    claims: tuple[Claim, ...] = ()
    steps: tuple[str, ...] = ()
    sides: dict[Name, str] = {}
    subjects: tuple[str, ...] = ()
    empty: str = ""
    when: Condition | None = None


class ReportPlan(_Data):
    """The title and the sections of a report."""

    title: str
    sections: tuple[Section, ...] = Field(min_length=1)


class Flow(_Data):
    """A guided dialogue. `shared` flows can be filled in by several people, whose scores are put together."""

    name: Name
    title: str
    summary: str
    minutes: int = Field(ge=1, le=120)
    intro: tuple[Claim, ...]
    takes_up: str | None = None
    shared: bool = False
    subjects: tuple[Subject, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)
    rules: tuple[Rule, ...] = ()
    report: ReportPlan

    @cached_property
    def version(self) -> str:
        """Changes whenever the flow does."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def step(self, name: str) -> Step | None:
        """The step with this id."""
        return next((step for step in self.steps if step.id == name), None)

    def claims(self) -> Iterator[tuple[str, Claim]]:
        """Every claim of the flow with the place where it stands."""
        for claim in self.intro:
            yield "intro", claim
        for step in self.steps:
            yield f"stap {step.id}", step.why
        for subject in self.subjects:
            yield f"onderwerp {subject.id}", subject.description
        for rule in self.rules:
            yield f"regel {rule.id}", Claim(text=rule.text, cite=rule.cite)
        for section in self.report.sections:
            for claim in section.claims:
                yield f"rapport, {section.title}", claim
