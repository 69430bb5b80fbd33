"""The Web API, uploads, response URLs and Socket Mode of a Slack, on a random port, over real HTTP."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web
from tests.slack_fake.limits import MESSAGE_CHARS, faults, view_faults

BOT = "UBOT"


@dataclass
class Call:
    method: str
    params: dict
    team: str
    at: float = field(default_factory=time.monotonic)


@dataclass
class FakeSlack:
    """Keeps what the app sends; `fail` makes the next calls of a method go wrong."""

    scopes: str = (
        "app_mentions:read,assistant:write,channels:history,chat:write,commands,files:write,groups:history,"
        "im:history,im:read,im:write"
    )
    port: int = 0
    calls: list = field(default_factory=list)
    messages: list = field(default_factory=list)
    views: list = field(default_factory=list)
    homes: dict = field(default_factory=dict)
    files: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    acks: list = field(default_factory=list)
    routes: list = field(default_factory=list)
    threads: set = field(default_factory=set)

    def __post_init__(self):
        self._ts = itertools.count(time.time_ns() // 1000)  # no two runs share a message
        self._faults = {}
        self._uploads = {}
        self._sockets = []
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()

    def start(self):
        threading.Thread(target=self._serve, daemon=True).start()
        assert self._started.wait(10)
        return self

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self):
        return f"{self.url}/api/"

    def fail(self, method, kind, times=1):
        """`kind`: an error name, 429, 500, or a number of seconds (float) to wait."""
        self._faults.setdefault(method, []).extend([kind] * times)

    def next_ts(self):
        number = next(self._ts)
        return f"{number // 1_000_000}.{number % 1_000_000:06d}"

    def of(self, method):
        return [call for call in self.calls if call.method == method]

    def said(self, channel=None, thread=None, user=None):
        """The messages that are there, in order: a channel's, a thread's, those that a user alone sees."""
        return [
            m
            for m in self.messages
            if (channel is None or m["channel"] == channel)
            and (thread is None or m.get("thread_ts") == thread)
            and (user is None or m.get("only") == user)
        ]

    def wait(self, condition, seconds=30, what="this"):
        """Wait until something that the app does in the background is done."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := condition():
                return found
            time.sleep(0.02)
        raise AssertionError(
            f"Slack waited for {what}; calls: {[(c.method, str(c.params)[:150]) for c in self.calls[-8:]]}"
        )

    def send_envelope(self, kind, payload, **more):
        """Deliver something over Socket Mode; returns its envelope id."""
        name = f"env-{next(self._ts)}"
        text = json.dumps({"type": kind, "envelope_id": name, "payload": payload, **more})
        asyncio.run_coroutine_threadsafe(self._sockets[-1].send_str(text), self._loop).result(5)
        return name

    @property
    def connected(self):
        return bool(self._sockets)

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=50 * 1024 * 1024)
        app.router.add_post("/api/{method}", self._called)
        app.router.add_get("/api/{method}", self._called)
        app.router.add_post("/upload/{name}", self._uploaded)
        app.router.add_post("/response/{channel}/{user}", self._responded)
        app.router.add_get("/socket", self._socket)
        for method, path, handler in self.routes:
            app.router.add_route(method, path, handler)
        runner = web.AppRunner(app)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        self._loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        self._app = app
        self._started.set()
        self._loop.run_forever()

    async def _called(self, request):
        method = request.match_info["method"]
        params = await _params(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(params.get("token", ""))
        call = Call(method, params, token.removeprefix("xoxb-"))
        self.calls.append(call)
        kind = (self._faults.get(method) or [None]).pop(0)
        if kind == 429:
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
        if kind == 500:
            return web.Response(status=500, text="oops")
        if isinstance(kind, float):
            await asyncio.sleep(kind)
        elif kind:
            return web.json_response({"ok": False, "error": kind})
        if not token.startswith(("xoxb-", "xapp-")) and method != "oauth.v2.access":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        handler = getattr(self, "_" + method.replace(".", "_"), None)
        answer = handler(call) if handler else {"ok": False, "error": "unknown_method"}
        return web.json_response({"ok": True, **answer}, headers={"x-oauth-scopes": self.scopes})

    def _check(self, found, method):
        if found:
            self.refused.append((method, found))
            return {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": found}}
        return None

    def _auth_test(self, call):
        return {
            "team_id": call.team,
            "team": call.team,
            "user_id": BOT,
            "user": "verbind",
            "bot_id": "BBOT",
            "url": "https://x.slack.com/",
        }

    def _chat_postMessage(self, call):
        return self._post(call, None)

    def _chat_postEphemeral(self, call):
        params = call.params
        active = {(m["channel"], m["thread_ts"]) for m in self.messages if not m["only"]} | self.threads
        posted = self._post(call, params["user"])
        if params.get("thread_ts") and (params["channel"], params["thread_ts"]) not in active and posted.get("ts"):
            self.messages.pop()  # Slack says that it was sent, and shows it to nobody
        return {**posted, "message_ts": posted.get("ts")}

    def _post(self, call, only):
        params = call.params
        blocks = params.get("blocks") or []
        long = len(json.dumps(blocks, ensure_ascii=False)) > MESSAGE_CHARS * 2
        if refused := self._check([*faults(blocks), *(["msg_blocks_too_long"] if long else [])], call.method):
            return refused
        channel = params["channel"]
        if channel.startswith("U"):
            channel = f"D{call.team}{channel}"
        message = {
            "channel": channel,
            "ts": self.next_ts(),
            "thread_ts": params.get("thread_ts"),
            "user": BOT,
            "text": params.get("text", ""),
            "blocks": blocks,
            "only": only,
            "team": call.team,
        }
        self.messages.append(message)
        return {"channel": channel, "ts": message["ts"], "message": {**message, "bot_id": "BBOT"}}

    def _chat_update(self, call):
        params = call.params
        if refused := self._check(faults(params.get("blocks") or []), call.method):
            return refused
        for message in self.messages:
            if message["channel"] == params["channel"] and message["ts"] == params["ts"]:
                message |= {"text": params.get("text", ""), "blocks": params.get("blocks") or [], "edited": True}
                return {"channel": params["channel"], "ts": params["ts"]}
        return {"ok": False, "error": "message_not_found"}

    def _chat_startStream(self, call):
        if call.params["channel"].startswith("C") and not call.params.get("recipient_user_id"):
            return {"ok": False, "error": "missing_recipient_user_id"}
        answer = self._post(call, None)
        self.messages[-1]["text"] = _chunks(call.params)
        return answer

    def _chat_appendStream(self, call):
        for message in self.messages:
            if message["ts"] == call.params["ts"]:
                message["text"] += _chunks(call.params)
        return {"ts": call.params["ts"]}

    def _chat_stopStream(self, call):
        blocks = call.params.get("blocks") or []
        if refused := self._check(faults(blocks), call.method):
            return refused
        for message in self.messages:
            if message["ts"] == call.params["ts"]:
                message["text"] += _chunks(call.params)
                message |= {"blocks": blocks, "streamed": True}
        return {"ts": call.params["ts"], "channel": call.params["channel"]}

    def _conversations_open(self, call):
        return {"channel": {"id": f"D{call.team}{call.params['users']}"}}

    def _views_open(self, call):
        view = call.params["view"]
        if refused := self._check(view_faults(view), call.method):
            return refused
        self.views.append(view)
        return {"view": {**view, "id": f"V{len(self.views)}", "hash": "h"}}

    def _views_publish(self, call):
        view = call.params["view"]
        if refused := self._check(view_faults(view), call.method):
            return refused
        self.homes[call.params["user_id"]] = view
        return {"view": view}

    def _assistant_threads_setStatus(self, call):
        return {}

    def _assistant_threads_setSuggestedPrompts(self, call):
        return {}

    def _files_getUploadURLExternal(self, call):
        name = f"F{len(self._uploads) + 1}"
        self._uploads[name] = {"filename": call.params["filename"]}
        return {"upload_url": f"{self.url}/upload/{name}", "file_id": name}

    def _files_completeUploadExternal(self, call):
        for file in call.params["files"]:
            self.files.append(
                {
                    **self._uploads[file["id"]],
                    "title": file["title"],
                    "channel": call.params["channel_id"],
                    "thread_ts": call.params.get("thread_ts"),
                }
            )
        return {"files": call.params["files"]}

    def _apps_connections_open(self, call):
        return {"url": f"ws://127.0.0.1:{self.port}/socket"}

    def _oauth_v2_access(self, call):
        team = call.params["code"]
        return {
            "access_token": f"xoxb-{team}",
            "token_type": "bot",
            "scope": self.scopes,
            "bot_user_id": BOT,
            "app_id": "A1",
            "team": {"id": team, "name": team},
            "enterprise": None,
            "authed_user": {"id": "UADMIN"},
            "is_enterprise_install": False,
        }

    async def _uploaded(self, request):
        self._uploads[request.match_info["name"]]["content"] = await request.read()
        return web.Response(text="OK")

    async def _responded(self, request):
        params = await request.json()
        call = Call("response_url", params, "")
        self.calls.append(call)
        if refused := self._check(faults(params.get("blocks") or []), "response_url"):
            return web.json_response(refused, status=400)
        only = None if params.get("response_type") == "in_channel" else request.match_info["user"]
        self.messages.append(
            {
                "channel": request.match_info["channel"],
                "ts": self.next_ts(),
                "thread_ts": None,
                "user": BOT,
                "text": params.get("text", ""),
                "blocks": params.get("blocks") or [],
                "only": only,
            }
        )
        return web.Response(text="ok")

    async def _socket(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        self._sockets.append(socket)
        async for message in socket:
            if message.type == WSMsgType.TEXT and message.data != "ping":
                self.acks.append(json.loads(message.data))
        return socket


async def _params(request):
    if request.content_type == "application/json":
        return json.loads(await request.text() or "{}")
    found = dict(await request.post()) | dict(request.query)
    for name in ("blocks", "chunks", "view", "files", "prompts"):
        if isinstance(found.get(name), str):
            found[name] = json.loads(found[name])
    return found


def _chunks(params):
    return "".join(chunk.get("text", "") for chunk in params.get("chunks") or []) + params.get("markdown_text", "")
