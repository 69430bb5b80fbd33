"""The guided dialogues as pages: one step a screen, all of it in plain forms."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from verbind_bot.channels.telemetry.answers import answered
from verbind_bot.channels.web import pages_figures, pages_report, pages_scans
from verbind_bot.channels.web.intake_forms import Filled, TwoAnswersError, move_of, own_words
from verbind_bot.channels.web.intake_page import Shown, intake_page
from verbind_bot.channels.web.interface import fault
from verbind_bot.channels.web.ownership import conversation_of
from verbind_bot.channels.web.turns import turn_of
from verbind_bot.channels.web.visits import DUTCH, HOME, Visit, Visiting, address
from verbind_bot.errors import ConflictError, InputError, QuestionError
from verbind_bot.flows.engine import Back, Pause
from verbind_bot.intakes import Intake, Said

router = APIRouter(include_in_schema=False)
for part in (pages_report, pages_figures, pages_scans):
    router.include_router(part.router)


@router.get(HOME, response_class=HTMLResponse)
async def overview(visit: Visiting) -> HTMLResponse:
    """The flows that can be begun, and the visitor's own intakes."""
    mine = await visit.run(lambda service: service.mine(visit.keys))
    return visit.page("vragenlijsten.html", flows=list(visit.parts.intakes.flows.values()), eigen=mine)


@router.post(HOME, response_class=HTMLResponse)
async def begin(visit: Visiting, flow: Annotated[str, Form()] = "") -> Response:
    """Begin a flow."""
    try:
        return await visit.begin(flow)
    except InputError as error:
        mine = await visit.run(lambda service: service.mine(visit.keys))
        flows = list(visit.parts.intakes.flows.values())
        return visit.page("vragenlijsten.html", 422, flows=flows, eigen=mine, fout=fault(error))


@router.get(HOME + "/{intake_id}", response_class=HTMLResponse)
async def step_page(intake_id: str, visit: Visiting) -> HTMLResponse:
    """The open step, or the end."""
    return await intake_page(visit, intake_id, Shown())


@router.post(HOME + "/{intake_id}", response_class=HTMLResponse)
async def step_sent(intake_id: str, visit: Visiting, filled: Annotated[Filled, Form()]) -> Response:
    """Take an answer, or go another way; what cannot be taken stays in the form."""
    try:
        intake = await _taken(visit, intake_id, filled)
    except InputError as error:
        typed = filled.asked() if isinstance(error, TwoAnswersError) else filled
        return await intake_page(visit, intake_id, Shown(typed, error=fault(error)), 422)
    except ConflictError:
        changed = await visit.run(lambda s: s.changed_since(intake_id, visit.keys, filled.state_version))
        return await intake_page(visit, intake_id, Shown(filled, changed=changed), 409)
    if isinstance(intake, Said):
        return await intake_page(visit, intake_id, Shown(filled.asked(), said=intake))
    if filled.actie == "pauze":
        return visit.go(HOME, *await _paused(visit, intake))
    return visit.go(address(intake_id), *_notice(visit, filled.actie, intake.notice))


@router.post(HOME + "/{intake_id}/terug", response_class=HTMLResponse)
async def change(
    intake_id: str, visit: Visiting, step: Annotated[str, Form()], state_version: Annotated[int, Form()]
) -> Response:
    """Go back to a step of the summary."""
    try:
        await visit.run(lambda service: service.move(intake_id, visit.keys, Back(step), state_version))
    except InputError as error:
        return await intake_page(visit, intake_id, Shown(error=fault(error)), 422)
    except ConflictError:
        changed = await visit.run(lambda s: s.changed_since(intake_id, visit.keys, state_version))
        return await intake_page(visit, intake_id, Shown(changed=changed), 409)
    return visit.go(address(intake_id))


@router.post(HOME + "/{intake_id}/vraag", response_class=HTMLResponse)
async def question(intake_id: str, visit: Visiting, filled: Annotated[Filled, Form()]) -> HTMLResponse:
    """Answer a question halfway; the step and what was typed in it stay."""
    assistant = visit.parts.assistant
    await visit.intake(intake_id)
    try:
        answer = await visit.run(
            lambda _: answered(assistant.ask(filled.vraag, conversation_id=conversation_of(intake_id)), "web")
        )
    except QuestionError as error:
        return await intake_page(visit, intake_id, Shown(filled, extra={"vraagfout": fault(error)}), 422)
    turn = turn_of(answer, visit.parts.corpus, visit.words, kept=False, here=True)
    return await intake_page(visit, intake_id, Shown(filled.model_copy(update={"vraag": ""}), extra={"beurt": turn}))


@router.get(HOME + "/{intake_id}/verwijderen", response_class=HTMLResponse)
async def delete_page(intake_id: str, visit: Visiting) -> HTMLResponse:
    """The question whether it may really go."""
    return visit.page("intake_verwijderen.html", intake=await visit.intake(intake_id))


@router.post(HOME + "/{intake_id}/verwijderen", response_class=HTMLResponse)
async def delete(intake_id: str, visit: Visiting) -> Response:
    """Remove the intake with everything in it, also what was asked halfway."""
    await visit.run(lambda service: service.delete(intake_id, visit.keys))
    await visit.run(lambda _: visit.parts.assistant.archive.erase(conversation_of(intake_id)))
    return visit.go(HOME, visit.words.delete_done, visit.words.lang)


async def _taken(visit: Visit, intake_id: str, filled: Filled) -> Intake | Said:
    """The intake after the form; a Said when the own words must be confirmed."""
    move = await visit.run(lambda service: move_of(service.get(intake_id, visit.keys), filled, visit.words))
    seen = filled.state_version
    if move is not None:
        return await visit.run(lambda service: service.move(intake_id, visit.keys, move, seen))
    said = await visit.run(lambda s: s.say(intake_id, visit.keys, own_words(filled), seen, filled.step))
    return said if said.confirm else said.intake


async def _paused(visit: Visit, intake: Intake) -> tuple[str, str]:
    """The notice and its language; pauses first when the move before kept an answer, and says what that changed."""
    if intake.paused:
        return _notice(visit, "pauze", intake.notice)
    paused = await visit.run(lambda service: service.move(intake.id, visit.keys, Pause()))
    return (f"{intake.notice} {paused.notice}", DUTCH) if intake.notice else _notice(visit, "pauze", paused.notice)


def _notice(visit: Visit, way: str, notice: str) -> tuple[str, str]:
    """The notice and its language: what the interface can say itself, it says in the visitor's."""
    said = {"pauze": visit.words.step_paused, "opnieuw": visit.words.step_restarted}.get(way)
    return (said, visit.words.lang) if said and visit.words.lang != DUTCH else (notice, DUTCH)
