"""Guided dialogues with their storage: every channel starts, moves and ends an intake here."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from verbind_bot.errors import ConflictError, InputError, UnknownIntakeError
from verbind_bot.flows.composing import Basis, Material, compose
from verbind_bot.flows.engine import Give, Move, advance, course, current, migrate, taken_over
from verbind_bot.flows.figures import Figures, read_figures
from verbind_bot.flows.matching import Embed, Match, Matcher
from verbind_bot.flows.model import Flow, Kind
from verbind_bot.flows.report import Report
from verbind_bot.flows.state import State
from verbind_bot.flows.values import check, label
from verbind_bot.flows.view import View, view
from verbind_bot.privacy import PrivacyFilter
from verbind_bot.storage.intakes import STALE, IntakeStore, StoredIntake
from verbind_bot.types import Passage

Keys = Collection[str]
_NO_SCAN = "Deze gedeelde scan bestaat niet (meer). Vraag om een nieuwe link."


@dataclass(frozen=True, slots=True)
class Intake:
    """One person's run through a flow, as it is now; `notice` says what the last move changed besides."""

    id: str
    flow: Flow
    status: str
    state_version: int
    view: View
    paused: bool
    shared: bool
    created_at: datetime
    updated_at: datetime
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a free answer: stored (`confirm` is None), or a value that the user must confirm first.

    `label` is that value as it is shown, and `choices` are the options that come nearest, by id and label.
    """

    intake: Intake
    confirm: Match | None = None
    label: str = ""
    choices: tuple[tuple[str, str], ...] = ()


class Intakes:
    """Runs intakes. `keys` are what a caller can show to prove that an intake is theirs."""

    def __init__(
        self,
        flows: Mapping[str, Flow],
        store: IntakeStore,
        privacy: PrivacyFilter,
        passages: Mapping[str, Passage],
        embed: Embed,
    ) -> None:
        self.flows = flows
        self._store = store
        self._privacy = privacy
        self._passages = passages
        self._matcher = Matcher(embed)

    def start(self, keys: Keys, name: str, scan: str | None = None) -> Intake:
        """A new intake; it takes up the owner's last finished intake of the flow that this one builds on.

        With `scan` it joins a shared scan. Raises InputError for an unknown flow or scan.
        """
        flow = self._flow(name)
        if scan is not None and not any(row.flow == name for row in self._store.scan(scan)):
            raise InputError(_NO_SCAN)
        basis = self._finished(keys, flow.takes_up)
        answers: Mapping[str, Any] = {}
        origins: Mapping[str, str] = {}
        if basis:
            source = self.flows[basis.flow]
            answers = taken_over(flow, source, _read(basis)[0])
            origins = dict.fromkeys(answers, f"{source.title.lower()} van {basis.updated_at:%d-%m-%Y}")
        state = State(flow.name, flow.version, answers=answers, origins=origins)
        row = self._store.create(keys, name, _kept(state, {}), scan=scan, basis=basis.id if basis else None)
        return self._shown(row, state)

    def get(self, intake_id: str, keys: Keys) -> Intake:
        """The intake as it is. Raises UnknownIntakeError."""
        row = self._store.get(intake_id, keys)
        return self._shown(row, *self._current(row))

    def mine(self, keys: Keys) -> list[Intake]:
        """Every intake of this owner, the last changed first."""
        return [self._shown(row, *self._current(row)) for row in self._store.of(keys) if row.flow in self.flows]

    def move(self, intake_id: str, keys: Keys, move: Move, seen: int | None = None) -> Intake:
        """Make a move that followed from version `seen` (default: the current one).

        Free text is masked before it is kept. Raises InputError, UnknownIntakeError, or ConflictError.
        """
        row = self._unchanged(intake_id, keys, seen)
        state, renewed = self._current(row)
        masked = ""
        if isinstance(move, Give) and isinstance(move.value, str):
            move, masked = self._masked(row.flow, move)
        after, reply = advance(self._flow(row.flow), state, move)
        self._write(row, state, after, seen)
        notice = " ".join(part for part in (renewed, masked, reply.notice) if part)
        return replace(self.get(intake_id, keys), notice=notice)

    def say(self, intake_id: str, keys: Keys, text: str, seen: int | None = None, step: str | None = None) -> Said:
        """Answer the open step in one's own words; an answer that is not sure is returned, not kept."""
        row = self._unchanged(intake_id, keys, seen)
        flow, (state, _) = self._flow(row.flow), self._current(row)
        asked = flow.step(step) if step else current(flow, state)
        if asked is None:
            raise InputError("Er is geen open vraag meer: deze vragenlijst is af.")
        way = course(flow, state)
        found = self._matcher.match(asked, text, way.answers, way.ruled_out)
        if not found.sure:
            choices = tuple((o.id, o.label) for name in found.nearest if (o := asked.option(name)))
            return Said(self.get(intake_id, keys), found, label(asked, found.value), choices)
        value = text if asked.kind is Kind.TEXT and found.value is not None else found.value
        return Said(self.move(intake_id, keys, Give(asked.id, value), seen))

    def _unchanged(self, intake_id: str, keys: Keys, seen: int | None) -> StoredIntake:
        """The stored intake. Raises ConflictError when it is not the version `seen` any more, whatever the move is."""
        row = self._store.get(intake_id, keys)
        if seen is not None and seen != row.state_version:
            raise ConflictError(STALE)
        return row

    def changed_since(self, intake_id: str, keys: Keys, seen: int) -> tuple[str, ...]:
        """The short names of the steps that changed after version `seen`."""
        row = self._store.get(intake_id, keys)
        stamps = row.state.get("stamps", {})
        return tuple(step.short for step in self._flow(row.flow).steps if stamps.get(step.id, 0) > seen)

    def figures(self, intake_id: str, keys: Keys, data: bytes, area: str, year: int | None = None) -> Figures:
        """What a CBS file says about an area for the steps of this intake; nothing is kept yet. Raises InputError."""
        flow = self._flow(self._store.get(intake_id, keys).flow)
        return read_figures(flow, data, area, year)

    def fill_in(self, intake_id: str, keys: Keys, figures: Figures, seen: int | None = None) -> Intake:
        """Keep the figures as answers, marked with their source and year."""
        row = self._unchanged(intake_id, keys, seen)
        flow, (state, _) = self._flow(row.flow), self._current(row)
        found = {name: check(_known(flow, name), value, {}) for name, value in figures.values.items()}
        origins = {**state.origins, **dict.fromkeys(found, figures.source)}
        after = replace(
            state, answers={**state.answers, **found}, skipped=state.skipped - found.keys(), origins=origins
        )
        self._write(row, state, after, seen)
        return replace(
            self.get(intake_id, keys),
            notice=f"Ingevuld: {len(found)} {'cijfer' if len(found) == 1 else 'cijfers'}, uit {figures.source}.",
        )

    def report(self, intake_id: str, keys: Keys) -> Report:
        """The report of what was answered so far; a shared scan's holds the scores of everyone who takes part."""
        row = self._store.get(intake_id, keys)
        others = [r for r in self._store.scan(row.scan) if r.id != row.id] if row.scan else []
        material = Material(
            flow=self._flow(row.flow),
            state=self._current(row)[0],
            passages=self._passages,
            others=tuple(self._current(other)[0] for other in others),
            basis=self._basis(row, keys),
        )
        return compose(material, date.today())

    def share(self, intake_id: str, keys: Keys) -> str:
        """The id of the scan that others can join. Raises InputError when this flow is not meant for several people."""
        row = self._store.get(intake_id, keys)
        if not self._flow(row.flow).shared:
            raise InputError("Deze vragenlijst vul je alleen in: delen met anderen kan niet.")
        return self._store.share(intake_id)

    def scan(self, scan: str) -> tuple[Flow, int]:
        """The flow of a shared scan, and how many take part. Raises InputError when there is no such scan."""
        rows = self._store.scan(scan)
        if not rows:
            raise InputError(_NO_SCAN)
        return self._flow(rows[0].flow), len(rows)

    def hand_over(self, intake_id: str, keys: Keys) -> str:
        """A code with which the owner goes on with this intake in another channel; it works once."""
        code = secrets.token_urlsafe(24)
        self.admit(intake_id, keys, f"code:{code}")
        return code

    def take_over(self, code: str, key: str) -> str:
        """The id of the intake that the code opens; from now on `key` opens it too. Raises UnknownIntakeError."""
        return self._store.take_over(f"code:{code}", key)

    def show_at(self, intake_id: str, keys: Keys, place: str) -> None:
        """Remember that a message shows this intake, so that what is said below it is said to the intake."""
        self._store.get(intake_id, keys)
        self._store.put_at(place, intake_id)

    def at(self, place: str, keys: Keys) -> Intake | None:
        """The intake that a message shows, when it is the caller's."""
        found = self._store.at(place)
        try:
            return self.get(found, keys) if found else None
        except UnknownIntakeError:
            return None

    def admit(self, intake_id: str, keys: Keys, other: str) -> None:
        """Let another key of the same owner open the intake too."""
        self._store.get(intake_id, keys)
        self._store.add_owner(intake_id, other)

    def delete(self, intake_id: str, keys: Keys) -> None:
        """Remove the intake with everything in it."""
        self._store.get(intake_id, keys)
        self._store.delete(intake_id)

    def _flow(self, name: str) -> Flow:
        if name not in self.flows:
            raise InputError(f"De vragenlijst '{name[:60]}' bestaat niet. Wel: {', '.join(self.flows)}.")
        return self.flows[name]

    def _finished(self, keys: Keys, name: str | None) -> StoredIntake | None:
        if name is None:
            return None
        return next((row for row in self._store.of(keys) if row.flow == name and row.status == "done"), None)

    def _basis(self, row: StoredIntake, keys: Keys) -> Basis | None:
        found = next((r for r in self._store.of(keys) if r.id == row.basis), None) if row.basis else None
        if found is None:
            return None
        return Basis(self._flow(found.flow), self._current(found)[0], found.updated_at.date())

    def _current(self, row: StoredIntake) -> tuple[State, str]:
        state, _ = _read(row)
        return migrate(self._flow(row.flow), state)

    def _write(self, row: StoredIntake, before: State, after: State, seen: int | None) -> None:
        version = row.state_version if seen is None else seen
        flow = self._flow(row.flow)
        names = before.answers.keys() | after.answers.keys()
        gone = object()
        changed = [n for n in names if before.answers.get(n, gone) != after.answers.get(n, gone)]
        stamps = {**_read(row)[1], **dict.fromkeys(changed, version + 1)}
        status = "open" if current(flow, after) else "done"
        self._store.save(row.id, version, _kept(after, stamps), status)

    def _masked(self, flow: str, move: Give) -> tuple[Give, str]:
        step = self._flow(flow).step(move.step)
        if step is None or step.kind is not Kind.TEXT:
            return move, ""
        check(step, move.value, {})
        masked = self._privacy.mask(move.value)
        if not masked.found:
            return move, ""
        kinds = ", ".join(masked.kinds)
        return replace(move, value=masked.text), f"Ik heb persoonsgegevens weggehaald voordat ik dit bewaarde: {kinds}."

    def _shown(self, row: StoredIntake, state: State, notice: str = "") -> Intake:
        flow = self._flow(row.flow)
        return Intake(
            id=row.id,
            flow=flow,
            status="open" if current(flow, state) else "done",
            state_version=row.state_version,
            view=view(flow, state, self._passages),
            paused=state.paused,
            shared=row.scan is not None,
            created_at=row.created_at,
            updated_at=row.updated_at,
            notice=notice,
        )


def _known(flow: Flow, name: str) -> Any:
    step = flow.step(name)
    if step is None:
        raise InputError(f"De stap '{name[:60]}' bestaat niet in deze vragenlijst.")
    return step


def _kept(state: State, stamps: Mapping[str, int]) -> dict[str, Any]:
    return {**state.to_json(), "stamps": dict(stamps)}


def _read(row: StoredIntake) -> tuple[State, Mapping[str, int]]:
    data = dict(row.state)
    stamps = data.pop("stamps", {})
    return State.from_json(data), stamps
