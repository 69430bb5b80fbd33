"""HEAD answered as GET is, without the body: FastAPI's routes refuse it, and programs that watch a site send it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FOUND = ("route", "endpoint", "path_params", "root_path")  # what the routing leaves for those around it


class Heads:
    """An ASGI middleware around the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a HEAD through as a GET of which only the head is sent."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        as_get = {**scope, "method": "GET"}
        await self._app(as_get, receive, headed)
        scope.update({key: as_get[key] for key in _FOUND if key in as_get})
