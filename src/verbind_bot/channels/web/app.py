"""The FastAPI application: routes, errors, headers, and loading in the background."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from verbind_bot import __version__
from verbind_bot.channels.telemetry.metrics import leave
from verbind_bot.channels.telemetry.tracing import start_tracing, stop_tracing
from verbind_bot.channels.web import (
    admin,
    api,
    history,
    intakes,
    interface,
    metrics,
    pages,
    pages_handover,
    pages_intakes,
    problems,
    reference,
    sources,
)
from verbind_bot.channels.web.access import Access
from verbind_bot.channels.web.heads import Heads
from verbind_bot.channels.web.loading import Loader
from verbind_bot.channels.web.proxies import Proxies
from verbind_bot.channels.web.security import LOGINS_PER_MINUTE, Limit, protect, refusal
from verbind_bot.channels.web.watching import watched
from verbind_bot.settings import Settings

_THREADS = 8
# The framework's own would send paths and error texts wherever the environment says; ours is in channels/telemetry.
_NO_TELEMETRY: Any = {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}
_ROUTERS = (
    api.router,
    intakes.router,
    interface.router,
    pages.router,
    pages_intakes.router,
    pages_handover.router,
    history.router,
    sources.router,
    admin.router,
    reference.router,
    metrics.router,
)


def create_app(settings: Settings, loader: Loader | None = None) -> FastAPI:
    """The web application over `settings`; it answers at once and loads the assistant in the background."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.limiter = CapacityLimiter(_THREADS)
        app.state.loader.start()
        start_tracing(settings)
        yield
        app.state.loader.stop()
        stop_tracing()
        leave()

    app = FastAPI(
        title="verbind-bot",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
    )
    app.state.loader = loader or watched(settings)
    app.state.questions = Limit(settings.questions_per_minute)
    app.state.logins = Limit(LOGINS_PER_MINUTE, free=())
    app.state.api_key = settings.api_key
    app.state.settings = settings
    problems.install(app)
    for router in _ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")), name="static")
    app.state.slack = bool(settings.slack_signing_secret)
    if app.state.slack:
        from verbind_bot.channels.slack.running import mount

        mount(app, settings, lambda: app.state.loader.parts() if app.state.loader.ready else None)
    app.add_middleware(Heads)
    app.middleware("http")(_guard)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    app.add_middleware(Access, proxies=Proxies(settings.trusted_proxies))
    return app


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Refuse what must not go on, and protect every response, also that of an error."""
    request.state.words = interface.words_of(request)
    if refused := refusal(request):
        response = problems.shown(request, refused.status, refused.detail, refused.headers)
    else:
        try:
            response = await call_next(request)
        except Exception as error:
            response = problems.failure(request, error)
    protect(request, response)
    return response
