"""Installation in several workspaces by OAuth; the tokens are kept in the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from verbind_bot.settings import Settings

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "im:history",
    "im:read",
    "im:write",
)
_STATE_SECONDS = 600


def api_root(settings: Settings) -> str:
    """Where Slack's Web API is: Slack's own, or another, such as a fake."""
    url = settings.slack_api_url or AsyncWebClient.BASE_URL
    return url if url.endswith("/") else f"{url}/"


def oauth_settings(settings: Settings) -> AsyncOAuthSettings | None:
    """What OAuth needs; None when no client id is set, so that one workspace by token is the default."""
    if not (settings.slack_client_id and settings.slack_client_secret):
        return None
    url = make_url(settings.resolved_database_url)
    if url.get_backend_name() == "sqlite":
        url = url.set(drivername="sqlite+aiosqlite")
    engine, log = create_async_engine(url), logging.getLogger(__name__)
    return AsyncOAuthSettings(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        scopes=list(SCOPES),
        install_path="/slack/install",
        redirect_uri_path="/slack/oauth_redirect",
        installation_store=AsyncSQLAlchemyInstallationStore(settings.slack_client_id, engine, logger=log),
        state_store=AsyncSQLAlchemyOAuthStateStore(_STATE_SECONDS, engine, logger=log),
    )


def one_workspace(token: str, client: AsyncWebClient) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Authorizes by one token, and asks Slack once whose it is, also when many events come in at once."""
    lock = asyncio.Lock()
    known: list[AsyncSlackResponse] = []

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        async with lock:
            if not known:
                known.append(await client.auth_test(token=token))
        return AuthorizeResult.from_auth_test_response(
            bot_token=token, auth_test_response=known[0], user_auth_test_response=None
        )

    return authorize


class Tables:
    """The tables of the SDK's stores, made before they are first used."""

    def __init__(self, settings: AsyncOAuthSettings) -> None:
        self._stores = (settings.installation_store, settings.state_store)
        self._lock = asyncio.Lock()
        self._made = False

    async def ready(self) -> None:
        """Make the tables that are not there."""
        async with self._lock:
            if self._made:
                return
            for store in self._stores:
                await store.create_tables()  # type: ignore[union-attr]
            self._made = True
