"""One's own conversations, and what one does with an answer: judge it, share it, wipe everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from verbind_bot.channels.telemetry.answers import judged
from verbind_bot.channels.web.api import Loading
from verbind_bot.channels.web.interface import templates
from verbind_bot.channels.web.owners import Owners, cookie_key
from verbind_bot.channels.web.ownership import own_answer
from verbind_bot.channels.web.pages import conversation_turns, home_page, turns_of
from verbind_bot.channels.web.waiting import in_thread
from verbind_bot.parts import Parts
from verbind_bot.storage.answers import AnswerStore

router = APIRouter(include_in_schema=False)


def parts_of(loader: Loading) -> Parts:
    """The loaded parts."""
    return loader.parts()


Loaded = Annotated[Parts, Depends(parts_of)]


def key_of(request: Request, parts: Loaded) -> str:
    """The key of this browser; without a genuine cookie nothing belongs to it."""
    browser = Owners(parts.cookie_key).browser(request)
    return cookie_key(browser) if browser else ""


Key = Annotated[str, Depends(key_of)]


@router.get("/gesprekken", response_class=HTMLResponse)
async def conversations(request: Request, parts: Loaded, key: Key, gewist: bool = False) -> HTMLResponse:
    """The conversations of this browser, the newest first."""
    found = await in_thread(request, lambda: parts.assistant.archive.history(key)) if key else []
    return templates.TemplateResponse(request, "gesprekken.html", {"gesprekken": found, "gewist": gewist})


@router.post("/gesprekken/wissen")
async def wipe(request: Request, parts: Loaded, key: Key) -> Response:
    """Delete every conversation of this browser."""
    if key:
        await in_thread(request, lambda: parts.assistant.archive.forget(key))
    return RedirectResponse("/gesprekken?gewist=1", 303, {"Clear-Site-Data": '"cache"'})


@router.get("/gesprekken/{conversation_id}", response_class=HTMLResponse)
async def conversation(
    conversation_id: str,
    request: Request,
    loader: Loading,
    parts: Loaded,
    key: Key,
    melding: Literal["", "oordeel", "gedeeld", "ingetrokken"] = "",
    bij: str = "",
) -> HTMLResponse:
    """A whole conversation, to read and to go on with; `bij` is the answer that the notice belongs to."""
    turns = await in_thread(request, lambda: conversation_turns(request, parts, conversation_id, key))
    return home_page(request, loader, turns, melding=melding, bij=bij)


@router.post("/antwoorden/{answer_id}/oordeel")
async def judge(
    answer_id: str,
    request: Request,
    parts: Loaded,
    key: Key,
    oordeel: Annotated[Literal["up", "down"], Form()],
    toelichting: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Keep a verdict on an answer, with an optional remark."""

    def work() -> Response:
        answer = own_answer(parts.assistant.archive, answer_id, key)
        if parts.assistant.judge(answer.id, oordeel, toelichting, "web"):
            judged(oordeel, "web")
        return _back(answer.conversation_id, answer.id, "melding=oordeel")

    return await in_thread(request, work)


@router.post("/antwoorden/{answer_id}/delen")
async def share(
    answer_id: str, request: Request, parts: Loaded, key: Key, actie: Annotated[Literal["maak", "trek-in"], Form()]
) -> Response:
    """Make the link to this one answer, or revoke it."""

    def work() -> Response:
        archive = parts.assistant.archive
        answer = own_answer(archive, answer_id, key)
        if actie == "trek-in":
            archive.unshare(answer.id)
            return _back(answer.conversation_id, answer.id, "melding=ingetrokken")
        archive.share(answer.id)
        return _back(answer.conversation_id, answer.id, "melding=gedeeld")

    return await in_thread(request, work)


@router.get("/gedeeld/{token}", response_class=HTMLResponse)
async def shared_answer(token: str, request: Request, parts: Loaded) -> HTMLResponse:
    """The one answer behind a link."""
    archive: AnswerStore = parts.assistant.archive
    answer = await in_thread(request, lambda: archive.shared(token))
    if answer is None:
        raise HTTPException(404, "Deze link werkt niet (meer). Vraag wie hem deelde om een nieuwe.")
    # Whoever has the link may read the answer, and learns no id with which to do more.
    turn = turns_of(request, parts, [replace(answer, id="gedeeld")], kept=False)[0]
    response = templates.TemplateResponse(request, "gedeeld.html", {"turn": turn})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _back(conversation_id: str | None, answer_id: str, notice: str) -> Response:
    return RedirectResponse(f"/gesprekken/{conversation_id}?{notice}&bij={answer_id}#antwoord-{answer_id}", 303)
