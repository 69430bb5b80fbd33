"""The page that asks and answers: a whole conversation, streamed with JavaScript and complete without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from verbind_bot.channels.telemetry.answers import answered
from verbind_bot.channels.web.api import Loading
from verbind_bot.channels.web.interface import site_of, templates, words_of
from verbind_bot.channels.web.loading import Stand
from verbind_bot.channels.web.owners import Owners, cookie_key
from verbind_bot.channels.web.ownership import begin, read, take
from verbind_bot.channels.web.streaming import Show, stream
from verbind_bot.channels.web.turns import Turn, turn_of
from verbind_bot.channels.web.waiting import in_thread
from verbind_bot.errors import QuestionError
from verbind_bot.parts import Parts
from verbind_bot.types import Answer

router = APIRouter(include_in_schema=False)
_NONE: Mapping[str, str] = MappingProxyType({})


@router.get("/", response_class=HTMLResponse)
async def home(request: Request, loader: Loading) -> HTMLResponse:
    """The page with an empty question."""
    return home_page(request, loader)


@router.post("/", response_class=HTMLResponse)
async def home_ask(
    request: Request,
    loader: Loading,
    vraag: Annotated[str, Form()] = "",
    gesprek: Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = "",
) -> Response:
    """Answer a question that was sent with the form; a question that cannot be taken stays in the box."""
    streams = "text/event-stream" in request.headers.get("accept", "")
    if not loader.ready and not streams:
        return home_page(request, loader, vraag=vraag, gesprek=gesprek, status=503)
    parts, cookie = loader.parts(), Response()
    key = cookie_key(Owners(parts.cookie_key).remember(request, cookie))
    try:
        question = parts.assistant.clean(vraag)
    except QuestionError as error:
        if streams:
            raise
        return await _refused(request, loader, vraag, str(error), gesprek, key)
    conversation = await in_thread(request, lambda: _conversation(parts, gesprek, key))

    def work(show: Show | None = None) -> Answer:
        return answered(parts.assistant.ask(question, conversation_id=conversation, show=show), "web")

    if streams:
        response: Response = stream(request, work, lambda answer: _fragment(request, parts, answer))
    else:
        response = await _answered(request, loader, await in_thread(request, work))
    response.raw_headers += [header for header in cookie.raw_headers if header[0] == b"set-cookie"]
    return response


def home_page(
    request: Request,
    loader: Stand,
    turns: Sequence[Turn] = (),
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """The page with the conversation so far; `values` are the question that stays, an error, a notice."""
    shown: dict[str, Any] = {
        "turns": turns,
        "gesprek": turns[-1].answer.conversation_id or "" if turns else "",
        "voorbeelden": loader.parts().answerer.examples() if loader.ready and not turns else (),
        "klaar": loader.ready,
        "site": site_of(request),
        "stand": loader.state,
        **values,
    }
    return templates.TemplateResponse(request, "home.html", shown, status_code=status)


def turns_of(
    request: Request, parts: Parts, answers: Sequence[Answer], kept: bool = True, shares: Mapping[str, str] = _NONE
) -> list[Turn]:
    """The turns of a conversation; `shares` are the secrets of the links that answers have, by answer."""
    return [turn_of(a, parts.corpus, words_of(request), kept, shares.get(a.id, "")) for a in answers]


def conversation_turns(request: Request, parts: Parts, conversation_id: str, key: str) -> list[Turn]:
    """The whole conversation, with what is shared of it. Raises a 404 unless it is the key's own."""
    archive = parts.assistant.archive
    answers = read(archive, conversation_id, key)
    return turns_of(request, parts, answers, shares=archive.shares(conversation_id))


def _conversation(parts: Parts, given: str, key: str) -> str:
    archive = parts.assistant.archive
    return take(archive, given, [key]) if given else begin(archive, key)


async def _answered(request: Request, loader: Stand, answer: Answer) -> Response:
    """On to the conversation; an answer that is not kept, because it held personal data, is shown at once."""
    parts = loader.parts()
    if await in_thread(request, lambda: parts.assistant.archive.get(answer.id)):
        return RedirectResponse(f"/gesprekken/{answer.conversation_id}#antwoord-{answer.id}", 303)
    archive, own = parts.assistant.archive, answer.conversation_id or ""
    before = await in_thread(request, lambda: turns_of(request, parts, archive.of(own), shares=archive.shares(own)))
    return home_page(request, loader, before + turns_of(request, parts, [answer], kept=False))


async def _refused(request: Request, loader: Stand, vraag: str, error: str, gesprek: str, key: str) -> Response:
    """The page again, with what was typed and what is wrong with it."""
    parts = loader.parts()
    turns = await in_thread(request, lambda: conversation_turns(request, parts, gesprek, key)) if gesprek else []
    return home_page(request, loader, turns, 422, vraag=vraag, fout=error)


def _fragment(request: Request, parts: Parts, answer: Answer) -> dict[str, Any]:
    """The answer for a page that is open already."""
    kept = parts.assistant.archive.get(answer.id) is not None
    values = {"turn": turns_of(request, parts, [answer], kept)[0], "laatste": True, "request": request}
    html = templates.get_template("beurt.html").render(w=words_of(request), **values)
    return {"html": html, "conversation": answer.conversation_id, "kept": kept}
