"""The guided dialogues as pages: one step a screen, all of it in plain forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from verbind_bot.channels.rendering import source_line
from verbind_bot.channels.web import pages_report
from verbind_bot.channels.web.pages import answer_html
from verbind_bot.channels.web.pages_report import Visit, Visiting, address
from verbind_bot.errors import ConflictError, InputError, QuestionError
from verbind_bot.flows.engine import Back, Give, Move, Pause, Restart, Skip
from verbind_bot.flows.model import Kind
from verbind_bot.flows.sources import Citations
from verbind_bot.flows.values import label
from verbind_bot.intakes import Intake, Said
from verbind_bot.types import Citation

router = APIRouter(include_in_schema=False)
router.include_router(pages_report.router)
_HOME = "/vragenlijsten"
_CHOICES = (Kind.SINGLE, Kind.MULTI)
_UNKNOWN = "?"  # no id of an option looks like this


class Filled(BaseModel):
    """The form of a step as it was sent; `getypt` is what the own words were when the page was shown."""

    step: Annotated[str, Field(max_length=60)] = ""
    state_version: int = 0
    actie: str = "verder"
    value: list[str] = []
    onbekend: bool = False
    eigen: str = ""
    getypt: str = ""
    vraag: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page of an intake shows besides the intake itself."""

    typed: Filled | None = None
    error: str = ""
    changed: tuple[str, ...] | None = None
    said: Said | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@router.get(_HOME, response_class=HTMLResponse)
async def overview(visit: Visiting) -> HTMLResponse:
    """The flows that can be begun, and the visitor's own intakes."""
    mine = await visit.run(lambda service: service.mine(visit.keys))
    return visit.page("vragenlijsten.html", flows=list(visit.parts.intakes.flows.values()), eigen=mine)


@router.post(_HOME, response_class=HTMLResponse)
async def begin(visit: Visiting, flow: Annotated[str, Form()] = "") -> Response:
    """Begin a flow."""
    try:
        return await visit.begin(flow)
    except InputError as error:
        mine = await visit.run(lambda service: service.mine(visit.keys))
        flows = list(visit.parts.intakes.flows.values())
        return visit.page("vragenlijsten.html", 422, flows=flows, eigen=mine, fout=str(error))


@router.get(_HOME + "/{intake_id}", response_class=HTMLResponse)
async def step_page(intake_id: str, visit: Visiting) -> HTMLResponse:
    """The open step, or the end."""
    return await _page(visit, intake_id, Shown())


@router.post(_HOME + "/{intake_id}", response_class=HTMLResponse)
async def step_sent(intake_id: str, visit: Visiting, filled: Annotated[Filled, Form()]) -> Response:
    """Take an answer, or go another way; what cannot be taken stays in the form."""
    try:
        intake = await _taken(visit, intake_id, filled)
    except InputError as error:
        return await _page(visit, intake_id, Shown(filled, error=str(error)), 422)
    except ConflictError:
        changed = await visit.run(lambda s: s.changed_since(intake_id, visit.keys, filled.state_version))
        return await _page(visit, intake_id, Shown(filled, changed=changed), 409)
    if isinstance(intake, Said):
        return await _page(visit, intake_id, Shown(filled, said=intake))
    return visit.go(_HOME if filled.actie == "pauze" else address(intake_id), intake.notice)


@router.post(_HOME + "/{intake_id}/terug", response_class=HTMLResponse)
async def change(
    intake_id: str, visit: Visiting, step: Annotated[str, Form()], state_version: Annotated[int, Form()]
) -> Response:
    """Go back to a step of the summary."""
    try:
        await visit.run(lambda service: service.move(intake_id, visit.keys, Back(step), state_version))
    except InputError as error:
        return await _page(visit, intake_id, Shown(error=str(error)), 422)
    except ConflictError:
        changed = await visit.run(lambda s: s.changed_since(intake_id, visit.keys, state_version))
        return await _page(visit, intake_id, Shown(changed=changed), 409)
    return visit.go(address(intake_id))


@router.post(_HOME + "/{intake_id}/vraag", response_class=HTMLResponse)
async def question(intake_id: str, visit: Visiting, filled: Annotated[Filled, Form()]) -> HTMLResponse:
    """Answer a question halfway; the step and what was typed in it stay."""
    assistant, references = visit.parts.assistant, visit.parts.corpus.references
    await visit.run(lambda service: service.get(intake_id, visit.keys))
    try:
        answer = await visit.run(lambda _: assistant.ask(filled.vraag, conversation_id=f"intake-{intake_id}"[:64]))
    except QuestionError as error:
        return await _page(visit, intake_id, Shown(filled, extra={"vraagfout": str(error)}), 422)
    extra = {
        "antwoord": answer,
        "html": answer_html(answer),
        "bronnen": [(citation, source_line(citation, references)) for citation in answer.citations],
    }
    return await _page(visit, intake_id, Shown(filled.model_copy(update={"vraag": ""}), extra=extra))


@router.get(_HOME + "/{intake_id}/verwijderen", response_class=HTMLResponse)
async def delete_page(intake_id: str, visit: Visiting) -> HTMLResponse:
    """The question whether it may really go."""
    return visit.page("intake_verwijderen.html", intake=await visit.run(lambda s: s.get(intake_id, visit.keys)))


@router.post(_HOME + "/{intake_id}/verwijderen", response_class=HTMLResponse)
async def delete(intake_id: str, visit: Visiting) -> Response:
    """Remove the intake with everything in it."""
    await visit.run(lambda service: service.delete(intake_id, visit.keys))
    return visit.go(_HOME, "De vragenlijst en al je antwoorden zijn weg.")


async def _taken(visit: Visit, intake_id: str, filled: Filled) -> Intake | Said:
    """The intake after the form; a Said when the own words must be confirmed."""
    move = await visit.run(lambda service: _move(service.get(intake_id, visit.keys), filled))
    seen = filled.state_version
    if move is not None:
        return await visit.run(lambda service: service.move(intake_id, visit.keys, move, seen))
    said = await visit.run(lambda s: s.say(intake_id, visit.keys, filled.eigen, seen, filled.step))
    return said if said.confirm else said.intake


def _move(intake: Intake, filled: Filled) -> Move | None:
    """What the form asks for; None when the own words must be understood first. Raises InputError."""
    ways: dict[str, Move] = {
        "terug": Back(),
        "overslaan": Skip(filled.step),
        "pauze": Pause(),
        "opnieuw": Restart(),
    }
    if filled.actie in ways:
        return ways[filled.actie]
    step = intake.flow.step(filled.step)
    if step is None:
        raise InputError("Deze vraag bestaat niet (meer) in de vragenlijst. Hieronder staat de vraag van nu.")
    if filled.onbekend or filled.value == [_UNKNOWN]:
        if (filled.onbekend and any(filled.value)) or filled.eigen.strip() != filled.getypt.strip():
            raise InputError("Je koos ‘Weet ik nog niet’ en gaf ook een antwoord. Kies één van de twee.")
        return Give(step.id, None)
    if step.kind in _CHOICES:
        return _choice(step.kind, intake, filled)
    return _typed(step.kind, filled)


def _choice(kind: Kind, intake: Intake, filled: Filled) -> Move | None:
    chosen = [name for name in filled.value if name]
    own, former = filled.eigen.strip(), filled.getypt.strip()
    if own and (own != former or not chosen):
        known = intake.view.step.value if intake.view.step and intake.view.step.id == filled.step else None
        if chosen and chosen != list(known if isinstance(known, tuple) else (known,)):
            raise InputError(
                "Je koos een antwoord en je schreef er ook een. Klopt je keuze? Klik dan nog een keer op Verder. "
                "Klopt je tekst? Verander dan je keuze, of verander je tekst."
            )
        return None
    if not chosen:
        raise InputError("Kies een antwoord. Weet je het niet? Kies dan ‘Weet ik nog niet’.")
    return Give(filled.step, chosen[0] if kind is Kind.SINGLE else chosen)


def _typed(kind: Kind, filled: Filled) -> Move | None:
    text = filled.value[0] if filled.value else ""
    if kind is Kind.SCALE and text.isdecimal() and len(text) < 4:
        return Give(filled.step, int(text))
    if not text.strip():
        what = {Kind.SCALE: "Kies een punt op de schaal", Kind.NUMBER: "Typ een getal"}.get(kind, "Typ een antwoord")
        raise InputError(f"{what}. Weet je het niet? Kies dan ‘Weet ik nog niet’.")
    filled.eigen = text
    return None


async def _page(visit: Visit, intake_id: str, shown: Shown, status: int = 200) -> HTMLResponse:
    intake = await visit.run(lambda service: service.get(intake_id, visit.keys))
    step, typed = intake.view.step, shown.typed
    here = bool(step and typed and typed.step == step.id)
    values: dict[str, Any] = {
        "intake": intake,
        "stap": step,
        "ingevuld": typed if here and typed else _before(intake),
        "elders": _elsewhere(intake, typed) if typed and not here and shown.changed is not None else None,
        "ingestuurd": typed,
        "vraag": typed.vraag if typed else "",
        "fout": shown.error,
        "veranderd": shown.changed,
        "gezegd": shown.said,
        "link": await _invitation(visit, intake),
        "cijfers": any(s.figures for s in intake.flow.steps),
        "inleiding": _intro(visit, intake),
        "waarom": [c for c in intake.view.citations if step and c.n in step.why.citations],
        "references": visit.parts.corpus.references,
        "source_line": source_line,
    }
    return visit.page("intake.html", status, **{**values, **shown.extra})


async def _invitation(visit: Visit, intake: Intake) -> str:
    """The link with which others join the scan; empty when it is not shared."""
    if not intake.shared:
        return ""
    token = await visit.run(lambda service: service.share(intake.id, visit.keys))
    return str(visit.request.base_url.replace(path=f"/scan/{token}"))


def _intro(visit: Visit, intake: Intake) -> list[tuple[str, list[Citation]]]:
    """What the flow says first, each claim with its sources; nothing once somebody has begun."""
    if intake.view.done or intake.view.position != 1:
        return []
    found = Citations(visit.parts.corpus.by_id)
    said = [found.sentence(claim) for claim in intake.flow.intro]
    return [(s.text, [c for c in found.all if c.n in s.citations]) for s in said]


def _before(intake: Intake) -> Filled:
    """The form with the answer that the step had."""
    step = intake.view.step
    if step is None:
        return Filled()
    value = step.value
    unknown = value is None and any(given.step == step.id for given in intake.view.answers)
    if isinstance(value, tuple):
        return Filled(step=step.id, value=list(value))
    text = str(value).replace(".", ",") if isinstance(value, float) else str(value)
    return Filled(step=step.id, value=[] if value is None else [text], onbekend=unknown)


def _elsewhere(intake: Intake, typed: Filled) -> tuple[str, str] | None:
    """The question that a late answer was meant for, and that answer in words."""
    step = intake.flow.step(typed.step)
    if step is None or typed.actie != "verder":
        return None
    words = typed.eigen or "; ".join(typed.value)
    if step.kind in _CHOICES and typed.value:
        names = [step.option(name) for name in typed.value]
        words = "; ".join(option.label for option in names if option) or words
    return step.question, label(step, None) if typed.onbekend or typed.value == [_UNKNOWN] else words
