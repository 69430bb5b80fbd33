"""Slack over HTTP, mounted in the web server, or over Socket Mode from behind a firewall."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from verbind_bot.channels.slack.app import create_slack_app
from verbind_bot.channels.slack.installing import Tables
from verbind_bot.errors import SettingsError
from verbind_bot.settings import Settings

if TYPE_CHECKING:
    from verbind_bot.parts import Parts

log = logging.getLogger(__name__)


def mount(app: FastAPI, settings: Settings, parts: Callable[[], Parts | None]) -> None:
    """Serve Slack's events, commands and buttons at `/slack/events`, and OAuth when it is set up."""
    slack = create_slack_app(settings, parts)
    handler = AsyncSlackRequestHandler(slack)
    router = APIRouter(include_in_schema=False)
    tables = Tables(slack.oauth_flow.settings) if slack.oauth_flow else None

    async def receive(request: Request) -> Response:
        # Bolt fails on a timestamp that is not a number instead of refusing it.
        if request.method == "POST" and not request.headers.get("x-slack-request-timestamp", "").isdigit():
            return Response("invalid request", 401)
        if tables:
            await tables.ready()
        return await handler.handle(request)

    router.add_api_route("/slack/events", receive, methods=["POST"])
    if slack.oauth_flow is not None:
        router.add_api_route("/slack/install", receive, methods=["GET"])
        router.add_api_route("/slack/oauth_redirect", receive, methods=["GET"])
    app.include_router(router)


def run_socket_mode(settings: Settings, parts: Callable[[], Parts | None]) -> None:
    """Connect to Slack by Socket Mode and stay until interrupted. Raises SettingsError when a token is missing."""
    if not settings.slack_app_token:
        raise SettingsError(
            "VERBIND_SLACK_APP_TOKEN ontbreekt. Maak bij je Slack-app onder Basic Information een app-level token met "
            "'connections:write'. Draait de bot op een server met een adres? Gebruik dan 'verbind-bot serve' en HTTP."
        )
    asyncio.run(_connect(settings, settings.slack_app_token, parts))


async def _connect(settings: Settings, token: str, parts: Callable[[], Parts | None]) -> None:
    handler = AsyncSocketModeHandler(create_slack_app(settings, parts, secret_needed=False), token)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call]
        log.warning("verbind-bot is verbonden met Slack")
        await stop.wait()
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
