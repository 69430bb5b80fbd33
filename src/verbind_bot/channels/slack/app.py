"""The Slack app: which event, command and button goes to which listener."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from verbind_bot.channels.slack.desk import Desk, Person, conversation, person
from verbind_bot.channels.slack.dialogues import Dialogues
from verbind_bot.channels.slack.installing import api_root, oauth_settings, one_workspace
from verbind_bot.channels.slack.mrkdwn import said
from verbind_bot.channels.slack.questions import HELP, PROMPTS, Questions
from verbind_bot.errors import SettingsError
from verbind_bot.settings import Settings

if TYPE_CHECKING:
    from verbind_bot.parts import Parts

COMMAND = "/verbind"
FLOWS = {
    "wijkanalyse": "wijkanalyse",
    "schoolmodel": "schoolmodel",
    "scan": "samenwerkingsscan",
    "samenwerkingsscan": "samenwerkingsscan",
    "spelregels": "spelregeltoets",
    "spelregeltoets": "spelregeltoets",
}


class Router:
    """Sorts messages and commands; the listeners do the work."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._questions = Questions(desk)
        self._dialogues = Dialogues(desk)

    def install(self, app: AsyncApp) -> None:
        """Add every listener to the app."""
        self._questions.install(app)
        self._dialogues.install(app)
        app.event("message")(self._desk.once(self.message))
        app.event("app_home_opened")(self._desk.told(self.opened))
        app.command(COMMAND)(self._desk.told(self.command))

    async def message(self, args: AsyncArgs) -> None:
        """A message in a direct message or a thread; what bots say is left alone."""
        event = args.event or {}
        subtype = event.get("subtype")
        if event.get("bot_id") or (event.get("message") or {}).get("bot_id"):
            return
        if subtype in ("message_deleted", "message_changed"):
            await self._taken_back(args, event)
        elif subtype in (None, "file_share", "thread_broadcast"):
            await self._new(args, event)

    async def _new(self, args: AsyncArgs, event: dict[str, Any]) -> None:
        if event.get("channel_type") != "im":
            await self._questions.heard(args, event)
            return
        text = said(str(event.get("text", "")), args.context.bot_user_id)
        who, service = person(args.context), (await self._desk.parts()).intakes
        place = f"{who.team}:{event['channel']}:{event.get('thread_ts')}"
        intake = await self._desk.run(lambda: service.at(place, (who.key,))) if event.get("thread_ts") else None
        if intake and intake.view.step and not text.endswith("?"):
            await self._dialogues.said(args, intake, text)
        else:
            await self._questions.answer_in_thread(args, event)

    async def _taken_back(self, args: AsyncArgs, event: dict[str, Any]) -> None:
        """A message was removed or edited: what was kept of it goes; an edited question is answered again."""
        before, after = event.get("previous_message") or {}, event.get("message") or {}
        user, bot = before.get("user"), args.context.bot_user_id
        old, new = (said(str(message.get("text", "")), bot) for message in (before, after))
        added = _mentions(after, bot) and not _mentions(before, bot)
        if user in (None, bot) or not before.get("ts") or (old == new and not added):
            return  # a link that unfolds changes a message too, but not what it says
        args.context["user_id"] = user
        who, thread = person(args.context), str(before.get("thread_ts") or before["ts"])
        assistant = (await self._desk.parts()).assistant
        name = conversation(who.team, event["channel"], thread)
        await self._desk.run(lambda: assistant.forget(name, old))
        # A message with replies that is removed becomes a tombstone, which says so in Slackbot's name.
        if after and after.get("subtype") != "tombstone":
            asked = event.get("channel_type") == "im" and await self._asks(who, event["channel"], thread, new)
            if asked or _mentions(after, bot):
                await self._questions.answer_in_thread(args, {**after, "channel": event["channel"]})

    async def _asks(self, who: Person, channel: str, thread: str, text: str) -> bool:
        """Whether an edited direct message is a question: below an intake other text answered a step that is past."""
        service, place = (await self._desk.parts()).intakes, f"{who.team}:{channel}:{thread}"
        return text.endswith("?") or await self._desk.run(lambda: service.at(place, (who.key,))) is None

    async def opened(self, args: AsyncArgs) -> None:
        """App Home, or the messages with the assistant, is opened."""
        event = args.event or {}
        if event.get("tab") == "home":
            await self._dialogues.publish_home(args)
            return
        prompts = [{"title": title, "message": message} for title, message in PROMPTS]
        # A workspace without the agent view has no suggested prompts.
        with suppress(SlackApiError):
            await args.client.assistant_threads_setSuggestedPrompts(
                channel_id=event.get("channel", ""),
                thread_ts=event.get("thread_ts"),
                prompts=prompts,
                title="Waar kan ik mee helpen?",
            )

    async def command(self, args: AsyncArgs) -> None:
        """`/verbind` with a question, a flow, or nothing."""
        word, _, rest = str((args.command or {}).get("text", "")).strip().partition(" ")
        name = word.lower()
        if name == "vraag" and rest.strip():
            await args.ack(text="Ik zoek het op in de bronnen…")
            await self._questions.slash(args, said(rest))
        elif name in FLOWS:
            await args.ack(text="Ik heb je een bericht gestuurd: daar beginnen we.")
            await self._dialogues.start(args, FLOWS[name])
        elif name == "verder" and rest.strip():
            await args.ack(text="Ik haal je vragenlijst op…")
            await self._dialogues.take_over(args, rest)
        elif name in ("", "help", "vraag", "verder"):
            await args.ack(text=HELP)
        else:
            await args.ack(text="Ik zoek het op in de bronnen…")
            await self._questions.slash(args, said(f"{word} {rest}".strip()))


def _mentions(message: dict[str, Any], bot: str | None) -> bool:
    return f"<@{bot}>" in str(message.get("text", ""))


def create_slack_app(settings: Settings, parts: Callable[[], Parts | None], secret_needed: bool = True) -> AsyncApp:
    """The Bolt app: for one workspace by token, or for several by OAuth when a client id is set.

    `parts` gives the assistant, or None while it is being loaded. Raises SettingsError when a setting is missing.
    """
    if secret_needed and not settings.slack_signing_secret:
        raise SettingsError(
            "VERBIND_SLACK_SIGNING_SECRET ontbreekt. Je vindt hem bij je Slack-app onder Basic Information."
        )
    oauth = oauth_settings(settings)
    token = settings.slack_bot_token
    if oauth is None and not token:
        raise SettingsError(
            "VERBIND_SLACK_BOT_TOKEN ontbreekt. Installeer de app in je werkruimte en kopieer het token."
        )
    client = AsyncWebClient(base_url=api_root(settings))
    client.retry_handlers += [
        AsyncRateLimitErrorRetryHandler(max_retry_count=4),
        AsyncServerErrorRetryHandler(max_retry_count=2),
        AsyncConnectionErrorRetryHandler(max_retry_count=2),
    ]
    app = AsyncApp(
        client=client,
        signing_secret=settings.slack_signing_secret or "unused",
        oauth_settings=oauth,
        authorize=one_workspace(token, client) if token and not oauth else None,
        request_verification_enabled=secret_needed,
    )
    Router(Desk(parts, settings.public_url, keeps=settings.history_days > 0)).install(app)
    return app
