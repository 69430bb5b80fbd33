"""An answer as server-sent events: each sentence as soon as it is verified, then the whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import Any

import anyio.lowlevel
from fastapi import Request
from fastapi.sse import EventSourceResponse, format_sse_event

from verbind_bot.channels.rendering import answer_object
from verbind_bot.channels.web.waiting import in_thread
from verbind_bot.errors import UnavailableError
from verbind_bot.types import Answer, CitedSentence

Show = Callable[[CitedSentence], None]
Work = Callable[[Show], Answer]
Page = Callable[[Answer], dict[str, Any]]


def stream(request: Request, work: Work, page: Page | None = None) -> EventSourceResponse:
    """The answer that `work` makes as events; `page` adds an event `html` before the last.

    `work` gets a function that sends one sentence at once; sentences that were not sent so follow when it is done.
    """
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return EventSourceResponse(_events(request, work, page), headers=headers)


async def _events(request: Request, work: Work, page: Page | None) -> AsyncIterator[bytes]:
    yield _event("status", {"step": "zoeken", "text": "Ik zoek in de bronnen…"})
    queue: asyncio.Queue[CitedSentence | None] = asyncio.Queue()
    loop, sent = asyncio.get_running_loop(), 0

    def show(sentence: CitedSentence) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, sentence)

    task = asyncio.create_task(in_thread(request, lambda: work(show)))
    task.add_done_callback(lambda _: queue.put_nowait(None))
    while (sentence := await queue.get()) is not None:
        sent += 1
        yield _event("sentence", asdict(sentence))
    try:
        answer = await task
        shown = await in_thread(request, lambda: page(answer)) if page else None
    except UnavailableError as error:
        yield _event("error", {"detail": str(error)})
        return
    except Exception:
        yield _event("error", {"detail": "Er ging iets mis in de server. Stel je vraag opnieuw."})
        raise
    for sentence in () if sent else answer.sentences:
        yield _event("sentence", asdict(sentence))
        await anyio.lowlevel.checkpoint()
    if shown:
        yield _event("html", shown)
    yield _event("answer", answer_object(answer))


def _event(name: str, data: dict[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False))
