"""The web server as a process: its log, its place behind a proxy, and how it stops."""

from __future__ import annotations

from typing import Any

import uvicorn
from fastapi import FastAPI

from verbind_bot.channels.telemetry.lines import start_logging
from verbind_bot.channels.web.app import create_app
from verbind_bot.errors import SettingsError
from verbind_bot.settings import Settings, load_settings


def serve(settings: Settings, host: str, port: int, app: FastAPI | None = None, workers: int = 1) -> None:
    """Serve until SIGTERM or Ctrl+C: then no new connections, and answers that are under way are finished.

    What is not finished after `shutdown_seconds` is broken off. Raises SettingsError for several workers
    over a local index.
    """
    refuse_workers_without_a_server(settings, workers)
    start_logging(settings)
    if workers > 1:
        uvicorn.run(f"{__name__}:worker", factory=True, workers=workers, **options(settings, host, port))
    else:
        uvicorn.run(app or create_app(settings), **options(settings, host, port))


def refuse_workers_without_a_server(settings: Settings, workers: int) -> None:
    """Raise SettingsError, saying what to do, for several workers over a local index."""
    if workers > 1 and not settings.chroma_url:
        raise SettingsError(
            f"Meer processen (--workers {workers}) kunnen niet samen een index in een map gebruiken: daarin mag er "
            "maar één schrijven. Start een Chroma-server (chroma run --path MAP --port 8001) en zet zijn adres in "
            "VERBIND_CHROMA_URL, of laat --workers weg."
        )


def options(settings: Settings, host: str, port: int) -> dict[str, Any]:
    """What uvicorn is told; our own middleware logs requests and reads a proxy's headers."""
    return {
        "host": host,
        "port": port,
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "timeout_graceful_shutdown": settings.shutdown_seconds,
    }


def worker() -> FastAPI:
    """The application of one of several worker processes, by the settings of the environment."""
    settings = load_settings()
    start_logging(settings)
    return create_app(settings)
