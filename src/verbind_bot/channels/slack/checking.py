"""Checks of the connection with Slack: each token, each scope, and what only an admin can see."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from verbind_bot.channels.doctor import Check
from verbind_bot.channels.slack.installing import SCOPES, api_root
from verbind_bot.settings import Settings

_APP = "api.slack.com/apps → je app"
_BASICS = f"{_APP} → Basic Information"


def slack_checks(settings: Settings) -> Iterator[Check]:
    """Look at the settings that the chosen way needs, and ask Slack itself what the tokens may do."""
    yield from _workspaces(settings)
    yield from _ways(settings)
    if settings.slack_bot_token:
        yield from _bot(settings, settings.slack_bot_token)
    if settings.slack_app_token:
        yield _socket(settings, settings.slack_app_token)
    way = "HTTP: Request URL " + (f"{settings.public_url}/slack/events" if settings.public_url else "onbekend")
    yield Check(
        "Adres",
        bool(settings.public_url or settings.slack_app_token),
        way if settings.public_url else "Socket Mode, of VERBIND_PUBLIC_URL ontbreekt",
        "Zet VERBIND_PUBLIC_URL, en vul <adres>/slack/events in bij Event Subscriptions, Interactivity en /verbind.",
    )
    yield Check(
        "Gebeurtenissen",
        True,
        "Slack zegt niet welke aan staan. Nodig: app_home_opened, app_mention, message.im, message.channels, "
        "message.groups, en bij App Home: Messages Tab aan en beschrijfbaar. slack/manifest.yaml zet alles goed.",
    )


def _workspaces(settings: Settings) -> Iterator[Check]:
    """The token of one workspace, or what several need to install the app themselves."""
    client, secret = settings.slack_client_id, settings.slack_client_secret
    if client or secret:
        yield _given("VERBIND_SLACK_CLIENT_ID", client, "", f"{_BASICS} → App Credentials")
        yield _given("VERBIND_SLACK_CLIENT_SECRET", secret, "", f"{_BASICS} → App Credentials")
    if settings.slack_bot_token or not (client or secret):
        yield _given("VERBIND_SLACK_BOT_TOKEN", settings.slack_bot_token, "xoxb-", f"{_APP} → OAuth & Permissions")


def _ways(settings: Settings) -> Iterator[Check]:
    """What HTTP or Socket Mode needs: one of them is enough."""
    signing, token = settings.slack_signing_secret, settings.slack_app_token
    if signing or not token:
        yield _given("VERBIND_SLACK_SIGNING_SECRET", signing, "", f"{_BASICS} (voor HTTP)")
    if token or not signing:
        yield _given("VERBIND_SLACK_APP_TOKEN", token, "xapp-", f"{_BASICS} (voor Socket Mode)")


def _given(name: str, value: str | None, start: str, where: str) -> Check:
    if not value:
        return Check(name, False, "ontbreekt", f"Kopieer de waarde van {where} naar {name}.")
    if not value.startswith(start):
        return Check(name, False, f"begint niet met {start}", f"Neem de waarde van {where}.")
    return Check(name, True, "staat erin")


def _client(settings: Settings, token: str) -> WebClient:
    return WebClient(token, base_url=api_root(settings), timeout=10)


def _bot(settings: Settings, token: str) -> Iterator[Check]:
    try:
        answer = _client(settings, token).auth_test()
    except (SlackApiError, OSError) as error:
        reason = error.response.get("error") if isinstance(error, SlackApiError) else str(error)
        yield Check(
            "Bot-token", False, f"Slack weigert het: {reason}", "Installeer de app opnieuw en kopieer het token."
        )
        return
    yield Check("Bot-token", True, f"werkruimte {answer['team']}, gebruiker {answer['user']}")
    granted = {scope.strip() for scope in str(answer.headers.get("x-oauth-scopes", "")).split(",")}
    for scope in SCOPES:
        remedy = f"Voeg '{scope}' toe bij {_APP} → OAuth & Permissions → Bot Token Scopes, en installeer opnieuw."
        yield Check(f"Recht {scope}", scope in granted, "gegeven" if scope in granted else "ontbreekt", remedy)


def _socket(settings: Settings, token: str) -> Check:
    remedy = "Zet Socket Mode aan, en maak een app-level token met 'connections:write'."
    try:
        _client(settings, token).apps_connections_open(app_token=token)
    except (SlackApiError, OSError) as error:
        reason = error.response.get("error") if isinstance(error, SlackApiError) else str(error)
        return Check("Socket Mode", False, f"Slack weigert het: {reason}", remedy)
    return Check("Socket Mode", True, "Slack geeft een verbinding")
