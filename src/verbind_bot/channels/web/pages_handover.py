"""From Slack to the web page and back: an intake goes along by a code that works once."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from verbind_bot.channels.web.owners import Owners, cookie_key
from verbind_bot.channels.web.visits import HOME, Visiting, address

router = APIRouter(include_in_schema=False, prefix=HOME)


@router.get("/overnemen/{code}", response_class=HTMLResponse)
async def ask_to_take_over(code: str, visit: Visiting) -> HTMLResponse:
    """Ask first: a program that only looks at the link must not use the code up."""
    return visit.page("intake_overnemen.html", code=code)


@router.post("/overnemen/{code}", response_class=HTMLResponse)
async def take_over(code: str, visit: Visiting) -> Response:
    """Let this browser go on with the intake."""
    response = visit.go(HOME)
    browser = cookie_key(Owners(visit.parts.cookie_key).remember(visit.request, response))
    intake_id = await visit.run(lambda service: service.take_over(code, browser))
    response.headers["location"] = address(intake_id)
    return response


@router.post("/{intake_id}/slack", response_class=HTMLResponse)
async def to_slack(intake_id: str, visit: Visiting) -> HTMLResponse:
    """Show the command with which the intake goes on in Slack."""
    intake = await visit.intake(intake_id)
    code = await visit.run(lambda service: service.hand_over(intake_id, visit.keys))
    return visit.page("intake_slack.html", intake=intake, code=code)
