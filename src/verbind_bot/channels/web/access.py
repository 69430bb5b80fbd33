"""What surrounds every request: its id, its line in the log, its figures and its span."""

from __future__ import annotations

import logging
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from verbind_bot.channels.telemetry import origin
from verbind_bot.channels.telemetry.lines import event
from verbind_bot.channels.telemetry.metrics import figures
from verbind_bot.channels.telemetry.tracing import tracing
from verbind_bot.channels.web.proxies import Proxies, note_peer

log = logging.getLogger(__name__)
HEADER = "X-Request-ID"
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked all the time, by machines


class Access:
    """The outermost ASGI middleware. An id or a trace of the caller's counts when the caller is a trusted proxy."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through and tell of it when its last byte is sent."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope) if note_peer(scope) in self._proxies else Headers()
        number = origin.begin(headers.get(HEADER))
        seen: dict[str, Any] = {"status": 500}

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        parent = {name: headers[name] for name in ("traceparent", "tracestate") if name in headers}
        started = time.perf_counter()
        with figures().in_flight.track_inprogress(), _span(parent) as span:
            try:
                await self._app(scope, receive, numbered)
            except BaseException as error:
                seen["error"] = type(error).__name__
                raise
            finally:
                _tell(scope, seen, time.perf_counter() - started)
                span |= _attributes(scope, seen, number)


def _span(parent: dict[str, str]) -> AbstractContextManager[dict[str, Any]]:
    traced = tracing()
    return traced.request("HTTP", parent) if traced else nullcontext({})


def route_of(scope: Scope) -> str:
    """The template of the route that took the request, or `-` when there was none: never what the visitor typed."""
    if path := getattr(scope.get("route"), "path", None):
        return str(path)
    return str(scope.get("root_path") or "-") if "endpoint" in scope else "-"


def _tell(scope: Scope, seen: dict[str, Any], seconds: float) -> None:
    route, method = route_of(scope), scope["method"]
    figures().request(route, method, seen["status"], seconds)
    loader = getattr(getattr(scope.get("app"), "state", None), "loader", None)
    if loader and (parts := loader.now().loaded):
        figures().lookups(parts.index.vectors.lookups)
    level = logging.DEBUG if route in _QUIET and seen["status"] < 500 else logging.INFO
    event(log, "request", level, method=method, route=route, ms=round(seconds * 1000, 1), **seen)


def _attributes(scope: Scope, seen: dict[str, Any], number: str) -> dict[str, Any]:
    route, method = route_of(scope), scope["method"]
    return {
        "name": f"{method} {route}",
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": seen["status"],
        "verbind.request_id": number,
    }
