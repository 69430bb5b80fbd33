"""A scan that several people fill in: the link, the invitation behind it, and joining."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from verbind_bot.channels.web.visits import HOME, Visit, Visiting, address
from verbind_bot.errors import InputError
from verbind_bot.intakes import Intake, Intakes

router = APIRouter(include_in_schema=False)


@router.post(HOME + "/{intake_id}/delen", response_class=HTMLResponse)
async def share(intake_id: str, visit: Visiting) -> Response:
    """Make the link with which others join."""
    await visit.run(lambda service: service.share(intake_id, visit.keys))
    return visit.go(f"{HOME}/{intake_id}#delen", visit.words.scan_ready, visit.words.lang)


@router.get("/scan/{token}", response_class=HTMLResponse)
async def invitation(token: str, visit: Visiting) -> HTMLResponse:
    """What the scan is, and who will see what."""
    try:
        flow, people = await visit.run(lambda service: service.scan(token))
    except InputError:
        return _gone(visit)
    own = await _own(visit, token)
    return visit.page("intake_scan.html", token=token, flow=flow, mensen=people, eigen=own)


@router.post("/scan/{token}", response_class=HTMLResponse)
async def join(token: str, visit: Visiting) -> Response:
    """Begin one's own intake in the scan, or go on with the one that is there."""
    if own := await _own(visit, token):
        return visit.go(address(own.id))
    try:
        flow, _ = await visit.run(lambda service: service.scan(token))
        return await visit.begin(flow.name, token)
    except InputError:
        return _gone(visit)


def _gone(visit: Visit) -> HTMLResponse:
    return visit.page("intake_scan.html", 404, flow=None)


async def _own(visit: Visit, token: str) -> Intake | None:
    """The intake with which this browser takes part in the scan already."""

    def search(service: Intakes) -> Intake | None:
        shared = (intake for intake in service.mine(visit.keys) if intake.shared)
        return next((i for i in shared if service.share(i.id, visit.keys) == token), None)

    return await visit.run(search)
