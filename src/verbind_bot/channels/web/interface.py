"""The texts of the pages in Dutch and English, and the templates that show them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from starlette.routing import Match

from verbind_bot.channels import reports
from verbind_bot.channels.rendering import section_name
from verbind_bot.channels.reports.html import furnish
from verbind_bot.channels.web.turns import passage_link
from verbind_bot.corpus.edition import Section
from verbind_bot.errors import InputError, VerbindError
from verbind_bot.types import Passage, Source

router = APIRouter(include_in_schema=False)
LANGUAGES = ("nl", "en")
COOKIE = "taal"
_HERE = Path(__file__).parent
_YEAR = 365 * 24 * 3600


@cache
def words(language: str) -> SimpleNamespace:
    """Every text of the interface in a language; answers and sources stay Dutch."""
    return SimpleNamespace(**json.loads((_HERE / f"interface.{language}.json").read_text(encoding="utf-8")))


def words_of(request: Request) -> SimpleNamespace:
    """The texts in the language that this browser chose."""
    chosen = request.cookies.get(COOKIE, "")
    return words(chosen if chosen in LANGUAGES else LANGUAGES[0])


def site_of(request: Request) -> str:
    """The address of this site as visitors see it, ending in a slash: as it was set, or as this request came in."""
    told: str | None = request.app.state.settings.public_url
    return f"{told.rstrip('/')}/" if told else str(request.base_url)


def _shared(request: Request) -> dict[str, Any]:
    return {"w": words_of(request)}


def place(part: Passage | Section) -> str:
    """Where a passage or a section stands, as readers of the note name it."""
    if getattr(part, "source", Source.NOTE) is not Source.NOTE:
        return part.title
    return section_name(part.locator, part.title)


def readable(request: Request) -> str:
    """The address of this page; when only a form leads to it, of the nearest page above it that a link opens."""
    if request.method in ("GET", "HEAD"):
        return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    path = request.url.path
    while path and not _opens(request, path):
        path = path.rpartition("/")[0]
    return path or "/"


def _opens(request: Request, path: str) -> bool:
    scope = {**request.scope, "method": "GET", "path": path}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def _environment() -> Environment:
    folders = (_HERE / "templates", Path(reports.__file__).parent)
    found = Environment(loader=FileSystemLoader(folders), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    furnish(found)
    found.globals["hier"] = readable
    found.filters |= {"plaats": place, "adres": lambda passage_id: passage_link(None, passage_id)}
    return found


templates = Jinja2Templates(env=_environment(), context_processors=[_shared])


class PageError(InputError):
    """A form cannot be taken, said in the language of the interface."""


def fault(error: VerbindError) -> Markup | str:
    """What went wrong, for a page: everything but a PageError speaks Dutch, and is marked so."""
    return str(error) if isinstance(error, PageError) else Markup('<span lang="nl">{}</span>').format(error)


@router.get("/over", response_class=HTMLResponse)
async def about(request: Request) -> HTMLResponse:
    """What this site is, what it keeps, where and how long, and how to delete it."""
    return templates.TemplateResponse(request, "over.html", {"instellingen": request.app.state.settings})


@router.post("/taal")
async def choose(
    request: Request, taal: Annotated[str, Form()], terug: Annotated[str, Form(max_length=2000)] = "/"
) -> RedirectResponse:
    """Remember the language and go back to the page."""
    response = RedirectResponse(own_path(terug), 303)
    if taal in LANGUAGES:
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, taal, max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
    return response


def own_path(path: str) -> str:
    """The path when it stays on this site, otherwise the home page."""
    inside = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if inside else "/"
