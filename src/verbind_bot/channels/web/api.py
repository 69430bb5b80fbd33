"""The JSON API: questions, passages, and whether the server is well."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from verbind_bot.channels.rendering import answer_object
from verbind_bot.channels.telemetry.answers import answered, judged
from verbind_bot.channels.web.loading import Stand
from verbind_bot.channels.web.owners import Owners
from verbind_bot.channels.web.ownership import conversation_of, open_key, take
from verbind_bot.channels.web.streaming import Show, stream
from verbind_bot.channels.web.waiting import in_thread
from verbind_bot.parts import Parts
from verbind_bot.types import Answer, Edition, Passage, Source

router = APIRouter()


class Question(BaseModel):
    """A question of a user."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(description="De vraag, in gewone taal")
    conversation_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Het gesprek waar de vraag bij hoort, uit een vorig antwoord",
    )
    intake_id: str | None = Field(None, max_length=64, description="De vragenlijst waarin de vraag opkwam")


class Verdict(BaseModel):
    """What a user thought of an answer."""

    model_config = ConfigDict(extra="forbid")

    answer_id: str = Field(max_length=64)
    verdict: Literal["up", "down"]
    remark: str = Field("", max_length=2000)


class Neighbour(BaseModel):
    """A passage in the same section."""

    id: str
    heading: str


class PassageView(BaseModel):
    """A passage with its place."""

    id: str
    locator: str
    title: str
    heading: str
    text: str
    source: Source
    edition: Edition
    references: list[dict[str, Any]]
    questions: list[str]
    previous: Neighbour | None
    next: Neighbour | None
    page: int | None = None


def loader_of(request: Request) -> Stand:
    """How far this server is; the same for the whole of a request, whatever is loaded meanwhile."""
    stand: Stand = request.app.state.loader.now()
    return stand


Loading = Annotated[Stand, Depends(loader_of)]


@router.post("/api/ask", response_model=Answer, summary="Stel een vraag")
async def ask(body: Question, request: Request, loader: Loading) -> Response:
    """Answer a question; with `Accept: text/event-stream` as events `status`, `sentence` and `answer`."""
    parts = loader.parts()
    parts.assistant.clean(body.question)
    conversation = await in_thread(request, lambda: _conversation(body, request, parts))

    def work(show: Show | None = None) -> Answer:
        return answered(parts.assistant.ask(body.question, conversation_id=conversation, show=show), "api")

    if "text/event-stream" in request.headers.get("accept", ""):
        return stream(request, work)
    return JSONResponse(answer_object(await in_thread(request, work)))


def _conversation(body: Question, request: Request, parts: Parts) -> str | None:
    """The conversation to go on with. Raises a 404 when it, or the intake, belongs to somebody else."""
    if body.intake_id:
        parts.intakes.get(body.intake_id, Owners(parts.cookie_key).keys(request))
        own = conversation_of(body.intake_id)
        if body.conversation_id in (None, own):
            return own
    if body.conversation_id is None:
        return None
    keys = (*Owners(parts.cookie_key).keys(request), open_key(body.conversation_id))
    return take(parts.assistant.archive, body.conversation_id, keys)


@router.post("/api/feedback", status_code=204, summary="Zeg wat je van een antwoord vindt")
async def feedback(body: Verdict, request: Request, loader: Loading) -> None:
    """Keep a verdict on an answer, with an optional remark; a later one replaces it."""
    parts = loader.parts()

    def work() -> bool:
        if not _may_judge(body.answer_id, request, parts):
            return False
        return parts.assistant.judge(body.answer_id, body.verdict, body.remark, "web")

    if not await in_thread(request, work):
        raise HTTPException(404, "Dit antwoord bestaat niet (meer), of het hoort bij een ander. Stel je vraag opnieuw.")
    judged(body.verdict, "api")


def _may_judge(answer_id: str, request: Request, parts: Parts) -> bool:
    """Whether the answer is in a conversation of this request, or in one of no browser's: then its id is enough."""
    archive = parts.assistant.archive
    found = archive.get(answer_id)
    conversation = found.conversation_id or "" if found else ""
    return archive.open_to(conversation, (*Owners(parts.cookie_key).keys(request), open_key(conversation)))


@router.get("/api/passages/{passage_id:path}", response_model=PassageView, summary="Haal een passage op")
async def passage(passage_id: str, loader: Loading) -> PassageView:
    """One passage with its neighbours and the works that it relays."""
    corpus = loader.parts().corpus
    found = corpus.by_id.get(passage_id)
    if found is None:
        raise HTTPException(404, "Deze passage bestaat niet (meer). Zoek haar opnieuw op.")
    before, after = corpus.neighbours(found)
    works = [corpus.references[key] for key in found.references if key in corpus.references]
    return PassageView(
        id=found.id,
        locator=found.locator,
        title=found.title,
        heading=found.heading,
        text=found.text,
        source=found.source,
        edition=found.edition,
        references=[{"key": work.key, "label": work.label, **dict(work.fields)} for work in works],
        questions=list(found.questions),
        previous=_neighbour(before),
        next=_neighbour(after),
        page=found.page,
    )


def _neighbour(found: Passage | None) -> Neighbour | None:
    return Neighbour(id=found.id, heading=found.heading) if found else None


@router.get("/healthz", summary="Leeft de server?")
async def healthz() -> dict[str, str]:
    """Alive, whether or not the model is loaded."""
    return {"status": "ok"}


@router.get("/readyz", summary="Zijn model en index geladen?")
async def readyz(loader: Loading) -> JSONResponse:
    """200 when questions can be answered, 503 until then, and while the index cannot be reached."""
    status = "ready" if loader.ready else "failed" if loader.failed else "loading"
    if loader.ready and loader.away:
        status = "unavailable"
    return JSONResponse({"status": status, "detail": loader.state}, 200 if status == "ready" else 503)
