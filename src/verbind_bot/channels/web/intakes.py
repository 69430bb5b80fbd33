"""The JSON API of the guided dialogues."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from verbind_bot.channels.rendering import intake_object
from verbind_bot.channels.web import intake_files
from verbind_bot.channels.web.intake_calls import Call, Calling
from verbind_bot.channels.web.owners import cookie_key, token_key
from verbind_bot.channels.web.ownership import conversation_of
from verbind_bot.errors import ConflictError
from verbind_bot.flows.engine import Back, Give, Pause, Restart, Skip

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


@router.get("/flows", summary="Welke vragenlijsten zijn er?")
async def flows(caller: Calling) -> list[dict[str, Any]]:
    """Every flow with its title, what it is for, and how long it takes."""
    return [
        {"name": f.name, "title": f.title, "summary": f.summary, "minutes": f.minutes, "shared": f.shared}
        for f in caller.parts.intakes.flows.values()
    ]


@router.post("/intakes", status_code=201, summary="Begin een vragenlijst")
async def start(body: Start, caller: Calling) -> Response:
    """A new intake, opened by the browser's cookie and by `owner_token`, which is shown this once."""
    token = secrets.token_urlsafe(32)
    response = JSONResponse(None, 201)
    keys = (*caller.keys, cookie_key(caller.owners.remember(caller.request, response)), token_key(token))
    intake = await caller.run(lambda service: service.start(tuple(dict.fromkeys(keys)), body.flow, body.scan))
    filled = JSONResponse({**intake_object(intake), "owner_token": token}, 201)
    filled.raw_headers += [header for header in response.raw_headers if header[0] == b"set-cookie"]
    return filled


@router.get("/intakes", summary="Mijn vragenlijsten")
async def mine(caller: Calling) -> list[dict[str, Any]]:
    """Every intake of this owner, the last changed first."""
    return [intake_object(intake) for intake in await caller.run(lambda service: service.mine(caller.keys))]


@router.get("/intakes/{intake_id}", summary="Hoe staat deze vragenlijst ervoor?")
async def show(call: Call) -> Response:
    """The intake as it is."""
    return JSONResponse(intake_object(await call.intake()))


@router.delete("/intakes/{intake_id}", status_code=204, summary="Verwijder alles van deze vragenlijst")
async def delete(call: Call) -> None:
    """Remove the intake with everything in it, also what was asked halfway."""
    await call.run(lambda service: service.delete(call.id, call.keys))
    await call.run(lambda _: call.caller.parts.assistant.archive.erase(conversation_of(call.id)))


@router.post("/intakes/{intake_id}/answers", summary="Beantwoord een vraag")
async def answer(call: Call, body: AnswerBody) -> Response:
    """Answer a step; an answer in one's own words that is not sure comes back under `confirm`, not kept."""
    if body.text is None:
        return await call.move(Give(body.step, body.value), body.state_version)
    text = body.text
    try:
        said = await call.run(lambda service: service.say(call.id, call.keys, text, body.state_version, body.step))
    except ConflictError as error:
        return await call.stale(error, body.state_version)
    content = intake_object(said.intake)
    if said.confirm:
        choices = [{"id": name, "label": label} for name, label in said.choices]
        content["confirm"] = {"value": said.confirm.value, "label": said.label, "choices": choices}
    return JSONResponse(content)


@router.post("/intakes/{intake_id}/back", summary="Ga terug naar een vraag")
async def back(call: Call, body: StepBody | None = None) -> Response:
    """Go to the step before, or to a step that was passed."""
    return await call.move(Back(body.step if body else None), _seen(body))


@router.post("/intakes/{intake_id}/skip", summary="Sla een vraag over")
async def skip(call: Call, body: StepBody | None = None) -> Response:
    """Leave the open step, when it is not required."""
    intake = await call.intake()
    name = body.step if body and body.step else intake.view.step.id if intake.view.step else ""
    return await call.move(Skip(name), _seen(body))


@router.post("/intakes/{intake_id}/pause", summary="Stop voor nu")
async def pause(call: Call, body: Seen | None = None) -> Response:
    """Mark the intake as paused; any later move goes on."""
    return await call.move(Pause(), _seen(body))


@router.post("/intakes/{intake_id}/restart", summary="Begin opnieuw")
async def restart(call: Call, body: Seen | None = None) -> Response:
    """Ask every step again; the answers of before are offered."""
    return await call.move(Restart(), _seen(body))


@router.post("/intakes/{intake_id}/share", summary="Nodig anderen uit voor dezelfde scan")
async def share(call: Call) -> dict[str, str]:
    """The id of the scan with which others join: `POST /api/intakes {"flow", "scan"}`."""
    return {"scan": await call.run(lambda service: service.share(call.id, call.keys))}


router.include_router(intake_files.router)


def _seen(body: Seen | None) -> int | None:
    return body.state_version if body else None
