"""Around the steps of an intake: who visits, the figures of a CBS file, the shared scan, and the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader

from verbind_bot.channels import reports
from verbind_bot.channels.reports.html import furnish
from verbind_bot.channels.reports.words import EXPLANATION, sources, subtitle
from verbind_bot.channels.web.api import Loading, in_thread
from verbind_bot.channels.web.owners import Owners, cookie_key
from verbind_bot.channels.web.sealing import opened, sealed
from verbind_bot.errors import ConflictError, InputError
from verbind_bot.flows.figures import Figures
from verbind_bot.flows.values import check, label
from verbind_bot.intakes import Intake, Intakes
from verbind_bot.parts import Parts

T = TypeVar("T")
router = APIRouter(include_in_schema=False)
_NOTICE = "verbind_melding"
_HOME = "/vragenlijsten"


def _templates() -> Jinja2Templates:
    folders = (Path(__file__).with_name("templates"), Path(reports.__file__).parent)
    environment = Environment(loader=FileSystemLoader(folders), autoescape=True, trim_blocks=True)
    furnish(environment)
    return Jinja2Templates(env=environment)


templates = _templates()


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with the loaded parts and the keys that it shows."""

    request: Request
    parts: Parts
    keys: tuple[str, ...]

    async def run(self, work: Callable[[Intakes], T]) -> T:
        """Do synchronous work with the intakes."""
        return await in_thread(self.request, lambda: work(self.parts.intakes))

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page, with the notice that an earlier request left for it."""
        left = opened(self.parts.cookie_key, _NOTICE, self.request.cookies.get(_NOTICE, ""))
        values = {"melding": left or "", **values}
        response = templates.TemplateResponse(self.request, template, values, status_code=status)
        response.headers["Cache-Control"] = "no-store"
        if left:
            response.delete_cookie(_NOTICE, path=_HOME)
        return response

    def go(self, to: str, notice: str = "") -> RedirectResponse:
        """On to another page, which shows the notice."""
        response = RedirectResponse(to, 303)
        if notice:
            seal = sealed(self.parts.cookie_key, _NOTICE, notice)
            secure = self.request.url.scheme == "https"
            response.set_cookie(_NOTICE, seal, 120, path=_HOME, httponly=True, samesite="lax", secure=secure)
        return response

    async def begin(self, flow: str, scan: str | None = None) -> Response:
        """A new intake of this browser, and on to its first step. Raises InputError."""
        response = self.go(_HOME)
        browser = cookie_key(Owners(self.parts.cookie_key).remember(self.request, response))
        keys = tuple(dict.fromkeys((*self.keys, browser)))
        intake = await self.run(lambda service: service.start(keys, flow, scan))
        response.headers["location"] = address(intake.id)
        return response


def visit_of(request: Request, loader: Loading) -> Visit:
    """Who asks, over the parts of this server."""
    parts = loader.parts()
    return Visit(request, parts, Owners(parts.cookie_key).keys(request))


Visiting = Annotated[Visit, Depends(visit_of)]


def address(intake_id: str) -> str:
    """Where the open step of an intake is; the fragment lets the keyboard begin there."""
    return f"{_HOME}/{intake_id}#stap-begin"


@router.get("/vragenlijsten/{intake_id}/verslag", response_class=HTMLResponse)
async def report_page(intake_id: str, visit: Visiting) -> HTMLResponse:
    """The report of what was answered so far, with its files."""
    report = await visit.run(lambda service: service.report(intake_id, visit.keys))
    return visit.page(
        "intake_verslag.html",
        id=intake_id,
        verslag=report,
        ondertitel=subtitle(report),
        uitleg=EXPLANATION,
        bronnen=[
            (citation.passage_id, *source)
            for citation, source in zip(report.citations, sources(report, visit.parts.corpus.references), strict=True)
        ],
    )


@router.get("/vragenlijsten/{intake_id}/cijfers", response_class=HTMLResponse)
async def figures_page(intake_id: str, visit: Visiting) -> HTMLResponse:
    """The form for a CBS file."""
    return visit.page("intake_cijfers.html", intake=await visit.run(lambda s: s.get(intake_id, visit.keys)))


@router.post("/vragenlijsten/{intake_id}/cijfers", response_class=HTMLResponse)
async def figures_preview(
    intake_id: str,
    visit: Visiting,
    bestand: Annotated[UploadFile | None, File()] = None,
    gebied: Annotated[str, Form()] = "",
    jaar: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """What the file says about the area; nothing is kept yet."""
    intake = await visit.run(lambda service: service.get(intake_id, visit.keys))
    typed = {"gebied": gebied, "jaar": jaar}
    try:
        data = await bestand.read() if bestand else b""
        found = await visit.run(lambda s: s.figures(intake_id, visit.keys, _file(data), gebied, _year(jaar)))
        rows = _rows(intake, found)
    except InputError as error:
        return visit.page("intake_cijfers.html", 422, intake=intake, fout=str(error), **typed)
    seal = sealed(visit.parts.cookie_key, f"cijfers {intake_id}", json.dumps(asdict(found)))
    return visit.page("intake_cijfers.html", intake=intake, gevonden=found, rijen=rows, zegel=seal)


@router.post("/vragenlijsten/{intake_id}/cijfers/overnemen", response_class=HTMLResponse)
async def figures_keep(
    intake_id: str,
    visit: Visiting,
    zegel: Annotated[str, Form(max_length=20_000)],
    state_version: Annotated[int, Form()],
) -> Response:
    """Keep the figures that were shown before."""
    kept = opened(visit.parts.cookie_key, f"cijfers {intake_id}", zegel)
    intake = await visit.run(lambda service: service.get(intake_id, visit.keys))
    if kept is None:
        fout = "Deze cijfers zijn niet meer te gebruiken. Kies het bestand opnieuw."
        return visit.page("intake_cijfers.html", 422, intake=intake, fout=fout)
    found = Figures(**json.loads(kept))
    try:
        filled = await visit.run(lambda service: service.fill_in(intake_id, visit.keys, found, state_version))
    except ConflictError as error:
        shown = {"gevonden": found, "rijen": _rows(intake, found), "zegel": zegel, "veranderd": str(error)}
        return visit.page("intake_cijfers.html", 409, intake=intake, **shown)
    return visit.go(address(intake_id), filled.notice)


def _file(data: bytes) -> bytes:
    if not data:
        raise InputError("Kies eerst een CSV-bestand van het CBS.")
    return data


def _year(text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isdecimal() and 1995 <= int(text) <= 2100):
        raise InputError("Typ het jaar met vier cijfers, bijvoorbeeld 2024. Of laat het leeg.")
    return int(text)


def _rows(intake: Intake, found: Figures) -> list[tuple[str, str, str]]:
    """Of each figure: what it is, its value, and the answer that it would replace. Raises InputError."""
    now = {given.step: given.label for given in intake.view.answers}
    steps = [step for step in intake.flow.steps if step.id in found.values]
    values = {step.id: check(step, found.values[step.id], {}) for step in steps}
    return [(step.short, label(step, values[step.id]), now.get(step.id, "")) for step in steps]


async def _own(visit: Visit, token: str) -> Intake | None:
    """The intake with which this browser takes part in the scan already."""

    def search(service: Intakes) -> Intake | None:
        shared = (intake for intake in service.mine(visit.keys) if intake.shared)
        return next((i for i in shared if service.share(i.id, visit.keys) == token), None)

    return await visit.run(search)


@router.post("/vragenlijsten/{intake_id}/delen", response_class=HTMLResponse)
async def share(intake_id: str, visit: Visiting) -> Response:
    """Make the link with which others join."""
    await visit.run(lambda service: service.share(intake_id, visit.keys))
    return visit.go(f"{_HOME}/{intake_id}#delen", "De link staat klaar onder ‘Samen invullen’.")


@router.get("/scan/{token}", response_class=HTMLResponse)
async def scan_page(token: str, visit: Visiting) -> HTMLResponse:
    """The invitation to a shared scan."""
    return visit.page("intake_scan.html", token=token, eigen=await _own(visit, token))


@router.post("/scan/{token}", response_class=HTMLResponse)
async def join(token: str, visit: Visiting) -> Response:
    """Begin one's own intake in the scan, or go on with the one that is there."""
    if own := await _own(visit, token):
        return visit.go(address(own.id))
    for flow in visit.parts.intakes.flows.values():
        if flow.shared:
            try:
                return await visit.begin(flow.name, token)
            except InputError:
                continue
    fout = "Deze link werkt niet (meer). Vraag om een nieuwe link."
    return visit.page("intake_scan.html", 404, token=token, eigen=None, fout=fout)
