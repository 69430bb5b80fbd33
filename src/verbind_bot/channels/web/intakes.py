"""The JSON API of the guided dialogues."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from verbind_bot.channels.rendering import intake_object
from verbind_bot.channels.reports.formats import render
from verbind_bot.channels.web.api import Loading, in_thread
from verbind_bot.channels.web.owners import Owners, cookie_key, token_key
from verbind_bot.channels.web.problems import problem
from verbind_bot.errors import ConflictError
from verbind_bot.flows.engine import Back, Give, Move, Pause, Restart, Skip
from verbind_bot.intakes import Intakes, Said

router = APIRouter(prefix="/api")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Start(_Body):
    """Which flow to begin, or which shared scan to join."""

    flow: str = Field(max_length=60)
    scan: str | None = Field(None, max_length=64, description="De scan van een gedeelde link")


class Seen(_Body):
    """The version that the user saw."""

    state_version: int | None = None


class AnswerBody(Seen):
    """An answer: `value` as the step takes it (null is "weet ik nog niet"), or `text` in the user's own words."""

    step: str = Field(max_length=60)
    value: Any = None
    text: str | None = None
    state_version: int


class StepBody(Seen):
    """A step, by default the open one."""

    step: str | None = Field(None, max_length=60)


def owners_of(request: Request, loader: Loading) -> Owners:
    """Who may open what, with the key of this installation."""
    return Owners(loader.parts().cookie_key)


Ownership = Annotated[Owners, Depends(owners_of)]


def service_of(loader: Loading) -> Intakes:
    """The intakes of this server."""
    return loader.parts().intakes


Service = Annotated[Intakes, Depends(service_of)]


@router.get("/flows", summary="Welke vragenlijsten zijn er?")
async def flows(service: Service) -> list[dict[str, Any]]:
    """Every flow with its title, what it is for, and how long it takes."""
    return [
        {"name": f.name, "title": f.title, "summary": f.summary, "minutes": f.minutes, "shared": f.shared}
        for f in service.flows.values()
    ]


@router.post("/intakes", status_code=201, summary="Begin een vragenlijst")
async def start(body: Start, request: Request, service: Service, owners: Ownership) -> Response:
    """A new intake, opened by the browser's cookie and by `owner_token`, which is shown this once."""
    token = secrets.token_urlsafe(32)
    response = JSONResponse(None, 201)
    keys = (*owners.keys(request), cookie_key(owners.remember(request, response)), token_key(token))
    intake = await in_thread(request, lambda: service.start(tuple(dict.fromkeys(keys)), body.flow, body.scan))
    filled = JSONResponse({**intake_object(intake), "owner_token": token}, 201)
    filled.raw_headers += [header for header in response.raw_headers if header[0] == b"set-cookie"]
    return filled


@router.get("/intakes", summary="Mijn vragenlijsten")
async def mine(request: Request, service: Service, owners: Ownership) -> list[dict[str, Any]]:
    """Every intake of this owner, the last changed first."""
    keys = owners.keys(request)
    return [intake_object(intake) for intake in await in_thread(request, lambda: service.mine(keys))]


@router.get("/intakes/{intake_id}", summary="Hoe staat deze vragenlijst ervoor?")
async def show(intake_id: str, request: Request, service: Service, owners: Ownership) -> Response:
    """The intake as it is."""
    keys = owners.keys(request)
    return JSONResponse(intake_object(await in_thread(request, lambda: service.get(intake_id, keys))))


@router.delete("/intakes/{intake_id}", status_code=204, summary="Verwijder alles van deze vragenlijst")
async def delete(intake_id: str, request: Request, service: Service, owners: Ownership) -> None:
    """Remove the intake with everything in it."""
    keys = owners.keys(request)
    await in_thread(request, lambda: service.delete(intake_id, keys))


@router.post("/intakes/{intake_id}/answers", summary="Beantwoord een vraag")
async def answer(intake_id: str, body: AnswerBody, request: Request, service: Service, owners: Ownership) -> Response:
    """Answer a step; an answer in one's own words that is not sure comes back under `confirm`, not kept."""
    keys = owners.keys(request)
    if body.text is None:
        return await _moved(intake_id, Give(body.step, body.value), body.state_version, request, service, keys)
    text = body.text

    def work() -> Said:
        return service.say(intake_id, keys, text, body.state_version, body.step)

    try:
        said = await in_thread(request, work)
    except ConflictError as error:
        return await _stale(error, intake_id, body.state_version, request, service, keys)
    content = intake_object(said.intake)
    if said.confirm:
        choices = [{"id": name, "label": label} for name, label in said.choices]
        content["confirm"] = {"value": said.confirm.value, "label": said.label, "choices": choices}
    return JSONResponse(content)


@router.post("/intakes/{intake_id}/back", summary="Ga terug naar een vraag")
async def back(
    intake_id: str, request: Request, service: Service, owners: Ownership, body: StepBody | None = None
) -> Response:
    """Go to the step before, or to a step that was passed."""
    move = Back(body.step if body else None)
    return await _moved(intake_id, move, body.state_version if body else None, request, service, owners.keys(request))


@router.post("/intakes/{intake_id}/skip", summary="Sla een vraag over")
async def skip(
    intake_id: str, request: Request, service: Service, owners: Ownership, body: StepBody | None = None
) -> Response:
    """Leave the open step, when it is not required."""
    keys = owners.keys(request)
    intake = await in_thread(request, lambda: service.get(intake_id, keys))
    name = body.step if body and body.step else intake.view.step.id if intake.view.step else ""
    return await _moved(intake_id, Skip(name), body.state_version if body else None, request, service, keys)


@router.post("/intakes/{intake_id}/pause", summary="Stop voor nu")
async def pause(
    intake_id: str, request: Request, service: Service, owners: Ownership, body: Seen | None = None
) -> Response:
    """Mark the intake as paused; any later move goes on."""
    version = body.state_version if body else None
    return await _moved(intake_id, Pause(), version, request, service, owners.keys(request))


@router.post("/intakes/{intake_id}/restart", summary="Begin opnieuw")
async def restart(
    intake_id: str, request: Request, service: Service, owners: Ownership, body: Seen | None = None
) -> Response:
    """Ask every step again; the answers of before are offered."""
    version = body.state_version if body else None
    return await _moved(intake_id, Restart(), version, request, service, owners.keys(request))


async def _moved(
    intake_id: str, move: Move, seen: int | None, request: Request, service: Intakes, keys: tuple[str, ...]
) -> Response:
    try:
        return JSONResponse(intake_object(await in_thread(request, lambda: service.move(intake_id, keys, move, seen))))
    except ConflictError as error:
        return await _stale(error, intake_id, seen, request, service, keys)


async def _stale(
    error: ConflictError, intake_id: str, seen: int | None, request: Request, service: Intakes, keys: tuple[str, ...]
) -> Response:
    """409 with the intake as it is now, and the names of the answers that changed since the user saw it."""
    intake = await in_thread(request, lambda: service.get(intake_id, keys))
    changed = await in_thread(request, lambda: service.changed_since(intake_id, keys, seen or 0))
    return problem(
        409, str(error), intake=intake_object(intake), state_version=intake.state_version, changed=list(changed)
    )


@router.post("/intakes/{intake_id}/share", summary="Nodig anderen uit voor dezelfde scan")
async def share(intake_id: str, request: Request, service: Service, owners: Ownership) -> dict[str, str]:
    """The id of the scan with which others join: `POST /api/intakes {"flow", "scan"}`."""
    keys = owners.keys(request)
    return {"scan": await in_thread(request, lambda: service.share(intake_id, keys))}


@router.post("/intakes/{intake_id}/figures", summary="Vul cijfers in uit een CBS-bestand")
async def figures(
    intake_id: str,
    request: Request,
    service: Service,
    owners: Ownership,
    area: Annotated[str, Query(max_length=120, description="Buurtcode, of naam: 'Overvecht, Utrecht'")],
    year: Annotated[int | None, Query(ge=1995, le=2100)] = None,
    preview: bool = False,
    state_version: int | None = None,
) -> Response:
    """Take the figures of an area from a CSV file (the body); `preview` only shows what would be filled in."""
    data, keys = await request.body(), owners.keys(request)
    found = await in_thread(request, lambda: service.figures(intake_id, keys, data, area, year))
    content: dict[str, Any] = {
        "source": found.source,
        "values": dict(found.values),
        "missing": list(found.missing),
    }
    if not preview:
        try:
            filled = await in_thread(request, lambda: service.fill_in(intake_id, keys, found, state_version))
        except ConflictError as error:
            return await _stale(error, intake_id, state_version, request, service, keys)
        content = intake_object(filled)
    return JSONResponse(content)


@router.get("/intakes/{intake_id}/report", summary="Het verslag")
async def report(
    intake_id: str,
    request: Request,
    service: Service,
    owners: Ownership,
    loader: Loading,
    form: Annotated[str, Query(alias="format")] = "md",
) -> Response:
    """The report of what was answered so far, as md, html, docx or pdf."""
    keys, references = owners.keys(request), loader.parts().corpus.references
    file = await in_thread(request, lambda: render(service.report(intake_id, keys), form, references))
    shown = "inline" if form in ("html", "md") else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{file.name}"'}
    if form == "html":
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return Response(file.content, media_type=file.media_type, headers=headers)
