"""An OpenAI-compatible endpoint on a random port, over real HTTP; keeps every request as it came in."""

from __future__ import annotations

import asyncio
import collections
import itertools
import json
import threading
import time
from dataclasses import dataclass, field

from aiohttp import web
from tests.llm_fake.replies import FAULTS, Reply

MODEL = "nagebootst"


@dataclass
class Exchange:
    """A request as it came in, and how its reply ended: `done`, `failed` (by us) or `left` (the client went away)."""

    path: str
    headers: dict
    raw: str
    body: dict
    ended: str = ""


@dataclass
class FakeModel:
    """Answers with the replies of `next`, one each, and then with `default`: a Reply, or a function of the request."""

    port: int = 0
    default: object = field(default_factory=lambda: FAULTS["honest"])
    exchanges: list = field(default_factory=list)

    def __post_init__(self):
        self._replies = collections.deque()
        self._ids = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()

    def start(self):
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._started.wait(10)
        return self

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def root(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"{self.root}/v1"

    def next(self, *replies):
        """Queue replies for the next requests: names of FAULTS or a Reply."""
        self._replies.extend(FAULTS[reply] if isinstance(reply, str) else reply for reply in replies)

    def always(self, reply):
        """From now on, what is answered when nothing is queued."""
        self.default = FAULTS[reply] if isinstance(reply, str) else reply

    def reset(self):
        self._replies.clear()
        self.exchanges.clear()
        self.default = FAULTS["honest"]

    @property
    def bodies(self):
        return [exchange.body for exchange in self.exchanges]

    @property
    def received(self):
        """All that ever reached this endpoint, headers and bodies, as one text."""
        return "\n".join(
            f"{e.path}\n{e.headers}\n{e.raw}\n{json.dumps(e.body, ensure_ascii=False)}" for e in self.exchanges
        )

    def wait(self, condition, seconds=20, what="this"):
        """Wait until something that happens on the other side is there."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := condition():
                return found
            time.sleep(0.02)
        raise AssertionError(f"the endpoint waited for {what}; it has {[e.ended for e in self.exchanges]}")

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=50 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._completions)
        app.router.add_get("/v1/models", self._models)
        app.router.add_route("*", "/{path:.*}", self._other)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self.port).start())
        self.port = runner.addresses[0][1]
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _models(self, request):
        return web.json_response({"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "test"}]})

    async def _other(self, request):
        self.exchanges.append(Exchange(request.path_qs, dict(request.headers), await request.text(), {}, "done"))
        return web.json_response({"error": {"message": "not found", "code": None}}, status=404)

    async def _completions(self, request):
        raw = await request.text()
        exchange = Exchange(request.path_qs, dict(request.headers), raw, json.loads(raw))
        self.exchanges.append(exchange)
        reply = self._replies.popleft() if self._replies else self.default
        reply = reply if isinstance(reply, Reply) else reply(exchange.body)
        try:
            response = await self._reply(request, exchange.body, reply)
        except (asyncio.CancelledError, ConnectionError):
            exchange.ended = exchange.ended or "left"
            raise
        exchange.ended = "done" if response.status < 400 else "failed"
        return response

    async def _reply(self, request, body, reply):
        await asyncio.sleep(reply.before)
        if (word := _refused(reply, body)) is not None:
            message = f"Unsupported parameter: '{word}' is not supported with this model."
            message += " Use 'max_completion_tokens' instead." if word == "max_tokens" else ""
            return web.json_response({"error": {"message": message, "code": None}}, status=400)
        if reply.raw is not None:
            return web.Response(
                status=reply.status, text=reply.raw, content_type=reply.content_type, headers=reply.headers
            )
        if not body.get("stream") or reply.whole:
            return web.json_response(self._whole(body, reply))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **reply.headers})
        await response.prepare(request)
        await self._stream(request, response, body, reply)
        return response

    async def _stream(self, request, response, body, reply):
        head = {"id": f"c{next(self._ids)}", "object": "chat.completion.chunk", "created": 0, "model": MODEL}

        async def event(choices, **more):
            data = json.dumps({**head, "choices": choices, **more}, ensure_ascii=False)
            await response.write(f"data: {data}\n\n".encode())

        await event([_choice({"role": "assistant", "content": ""})])
        await self._pause(response, reply)
        text = reply.write(body)
        for number, delta in enumerate(_deltas(text, reply)):
            if number == reply.stop_after:
                return await self._break(request, response, reply)
            await event([_choice(delta)])
            await asyncio.sleep(reply.between)
        await event([_choice({}, reply.finish)])
        await asyncio.sleep(600 if reply.lingers else 0)
        if reply.usage and (body.get("stream_options") or {}).get("include_usage"):
            await event([], usage=_usage(body, text))
        await response.write(b"data: [DONE]\n\n")
        return None

    async def _pause(self, response, reply):
        end = self._loop.time() + reply.first
        while reply.comments and self._loop.time() < end:
            await response.write(b': working\n\ndata: {"choices": [{"index": 0, "delta": {"content": ""}}]}\n\n')
            await asyncio.sleep(0.02)
        await asyncio.sleep(max(0.0, end - self._loop.time()))

    async def _break(self, request, response, reply):
        if reply.then == "stall":
            await asyncio.sleep(600)
        elif reply.then == "cut":
            request.transport.abort()
        elif reply.then == "error":
            await response.write(b'data: {"error": {"message": "the model crashed", "code": 500}}\n\n')
        elif reply.then == "garble":
            await response.write(b"data: {kapot\n\n")

    def _whole(self, body, reply):
        message = {"role": "assistant", "content": reply.write(body), "refusal": reply.refusal}
        return {
            "id": f"c{next(self._ids)}",
            "object": "chat.completion",
            "created": 0,
            "model": MODEL,
            "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
            "usage": _usage(body, message["content"]),
        }


def _deltas(text, reply):
    for start in range(0, len(text), reply.piece):
        yield {"content": text[start : start + reply.piece]}
    if reply.refusal:
        yield {"refusal": reply.refusal}
    while reply.endless:
        yield {"content": "en verder en verder en verder "}


def _choice(delta, finish=None):
    return {"index": 0, "delta": delta, "finish_reason": finish}


def _refused(reply, body):
    """The parameter of the request that the endpoint does not take."""
    wanted = (body.get("response_format") or {}).get("type")
    if wanted in reply.refuses:
        return "response_format"
    return next((name for name in reply.refuses if name in body), None)


def _usage(body, text):
    """Some four characters to a token."""
    tokens_in = sum(len(str(message.get("content", ""))) for message in body["messages"]) // 4
    return {"prompt_tokens": tokens_in, "completion_tokens": len(text) // 4, "total_tokens": tokens_in + len(text) // 4}
