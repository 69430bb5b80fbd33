"""The FastAPI application: routes, errors, headers, and loading in the background."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import CapacityLimiter
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

from verbind_bot import __version__
from verbind_bot.channels.web import api, intakes, pages, problems
from verbind_bot.channels.web.loading import Loader
from verbind_bot.flows.figures import MAX_BYTES
from verbind_bot.settings import Settings

_THREADS = 8
_MAX_BODY = 256 * 1024
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_app(settings: Settings, loader: Loader | None = None) -> FastAPI:
    """The web application over `settings`; it answers at once and loads the assistant in the background."""

    def build(progress: Callable[[int, int], None]) -> object:
        from verbind_bot.bootstrap import build as build_parts

        return build_parts(settings, progress)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.limiter = CapacityLimiter(_THREADS)
        app.state.loader.start()
        yield

    app = FastAPI(title="verbind-bot", version=__version__, lifespan=lifespan, redoc_url=None)
    app.state.loader = loader or Loader(build)  # type: ignore[arg-type]
    problems.install(app)
    app.include_router(api.router)
    app.include_router(intakes.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")), name="static")

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        most = MAX_BYTES if request.url.path.endswith("/figures") else _MAX_BODY
        if int(request.headers.get("content-length") or 0) > most:
            return problems.problem(413, f"Je bericht is te groot. Er past {most // 1024} kB in.")
        response = await call_next(request)
        if request.url.path not in ("/docs", "/openapi.json"):
            for name, value in _HEADERS.items():
                response.headers.setdefault(name, value)
        return response

    return app
