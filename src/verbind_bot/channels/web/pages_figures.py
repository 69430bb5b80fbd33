"""The figures of a CBS file as pages: choose the file, see what it says, keep it."""

from __future__ import annotations

import json
from dataclasses import asdict
from types import SimpleNamespace
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import HTMLResponse, Response

from verbind_bot.channels.web.interface import PageError, fault
from verbind_bot.channels.web.sealing import opened, sealed
from verbind_bot.channels.web.visits import HOME, Visiting, address
from verbind_bot.errors import ConflictError, InputError
from verbind_bot.flows.figures import Figures
from verbind_bot.flows.values import check, label
from verbind_bot.intakes import Intake

router = APIRouter(include_in_schema=False, prefix=HOME)


@router.get("/{intake_id}/cijfers", response_class=HTMLResponse)
async def choose(intake_id: str, visit: Visiting) -> HTMLResponse:
    """The form for a CBS file."""
    return visit.page("intake_cijfers.html", intake=await visit.intake(intake_id))


@router.post("/{intake_id}/cijfers", response_class=HTMLResponse)
async def preview(
    intake_id: str,
    visit: Visiting,
    bestand: Annotated[UploadFile | None, File()] = None,
    gebied: Annotated[str, Form()] = "",
    jaar: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """What the file says about the area; nothing is kept yet."""
    intake, words = await visit.intake(intake_id), visit.words
    typed = {"gebied": gebied, "jaar": jaar}
    try:
        data = _file(await bestand.read() if bestand else b"", words)
        year = _year(jaar, words)
        found = await visit.run(lambda service: service.figures(intake_id, visit.keys, data, gebied, year))
        rows = _rows(intake, found)
    except InputError as error:
        return visit.page("intake_cijfers.html", 422, intake=intake, fout=fault(error), **typed)
    seal = sealed(visit.parts.cookie_key, f"cijfers {intake_id}", json.dumps(asdict(found)))
    return visit.page("intake_cijfers.html", intake=intake, gevonden=found, rijen=rows, zegel=seal)


@router.post("/{intake_id}/cijfers/overnemen", response_class=HTMLResponse)
async def keep(
    intake_id: str,
    visit: Visiting,
    zegel: Annotated[str, Form(max_length=20_000)],
    state_version: Annotated[int, Form()],
) -> Response:
    """Keep the figures that were shown before."""
    kept = opened(visit.parts.cookie_key, f"cijfers {intake_id}", zegel)
    intake = await visit.intake(intake_id)
    if kept is None:
        return visit.page("intake_cijfers.html", 422, intake=intake, fout=visit.words.figures_stale)
    found = Figures(**json.loads(kept))
    try:
        filled = await visit.run(lambda service: service.fill_in(intake_id, visit.keys, found, state_version))
    except ConflictError:
        shown = {"gevonden": found, "rijen": _rows(intake, found), "zegel": zegel, "veranderd": True}
        return visit.page("intake_cijfers.html", 409, intake=intake, **shown)
    return visit.go(address(intake_id), filled.notice)


def _file(data: bytes, words: SimpleNamespace) -> bytes:
    if not data:
        raise PageError(words.figures_no_file)
    return data


def _year(text: str, words: SimpleNamespace) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isdecimal() and 1995 <= int(text) <= 2100):
        raise PageError(words.figures_bad_year)
    return int(text)


def _rows(intake: Intake, found: Figures) -> list[tuple[str, str, str]]:
    """Of each figure: what it is, its value, and the answer that it would replace. Raises InputError."""
    now = {given.step: given.label for given in intake.view.answers}
    steps = [step for step in intake.flow.steps if step.id in found.values]
    values = {step.id: check(step, found.values[step.id], {}) for step in steps}
    return [(step.short, label(step, values[step.id]), now.get(step.id, "")) for step in steps]
