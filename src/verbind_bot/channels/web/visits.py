"""A request of the questionnaires' pages: who visits, what they may open, and the notice for the next page."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from verbind_bot.channels.web.api import Loading
from verbind_bot.channels.web.interface import templates, words_of
from verbind_bot.channels.web.owners import Owners, cookie_key
from verbind_bot.channels.web.sealing import opened, sealed
from verbind_bot.channels.web.waiting import in_thread
from verbind_bot.intakes import Intake, Intakes
from verbind_bot.parts import Parts

T = TypeVar("T")
HOME = "/vragenlijsten"
DUTCH = "nl"
_NOTICE = "verbind_melding"
_SECONDS = 120  # that a notice waits for its page


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with the loaded parts and the keys that it shows."""

    request: Request
    parts: Parts
    keys: tuple[str, ...]

    @property
    def words(self) -> SimpleNamespace:
        """The texts of the interface in the visitor's language."""
        return words_of(self.request)

    async def run(self, work: Callable[[Intakes], T]) -> T:
        """Do synchronous work with the intakes."""
        return await in_thread(self.request, lambda: work(self.parts.intakes))

    async def intake(self, intake_id: str) -> Intake:
        """The visitor's own intake. Raises UnknownIntakeError."""
        return await self.run(lambda service: service.get(intake_id, self.keys))

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page, with the notice that an earlier request left for it."""
        left = opened(self.parts.cookie_key, _NOTICE, self.request.cookies.get(_NOTICE, ""))
        values = {"melding": json.loads(left) if left else None, **values}
        response = templates.TemplateResponse(self.request, template, values, status_code=status)
        response.headers["Cache-Control"] = "no-store"
        if left:
            response.delete_cookie(_NOTICE, path=HOME)
        return response

    def go(self, to: str, notice: str = "", spoken: str = DUTCH) -> RedirectResponse:
        """On to another page, which shows the notice; `spoken` is the notice's language."""
        response = RedirectResponse(to, 303)
        if notice:
            seal = sealed(self.parts.cookie_key, _NOTICE, json.dumps({"taal": spoken, "tekst": notice}))
            secure = self.request.url.scheme == "https"
            response.set_cookie(_NOTICE, seal, _SECONDS, path=HOME, httponly=True, samesite="lax", secure=secure)
        return response

    async def begin(self, flow: str, scan: str | None = None) -> Response:
        """A new intake of this browser, and on to its first step. Raises InputError."""
        response = self.go(HOME)
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
    return f"{HOME}/{intake_id}#stap-begin"
