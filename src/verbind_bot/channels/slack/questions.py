"""Questions in Slack: in a direct message, by a mention, in a thread, by `/verbind vraag`, and by buttons."""

from __future__ import annotations

import logging
import re
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from verbind_bot.answering.reading import asks
from verbind_bot.channels.slack.answers import (
    Places,
    answer_blocks,
    closing_blocks,
    paragraphs,
    quotes_view,
    short_text,
)
from verbind_bot.channels.slack.desk import Desk, Person, conversation, person, value_of, whisper
from verbind_bot.channels.slack.mrkdwn import escaped, said
from verbind_bot.channels.telemetry.answers import answered, judged
from verbind_bot.types import Answer, Status

log = logging.getLogger(__name__)
GONE = "Dit antwoord bewaar ik niet meer. Stel je vraag opnieuw, dan krijg je de bronnen erbij."
_NOT_JUDGED = "Dit antwoord bewaar ik niet meer. Ik kan je oordeel dus niet opslaan."
HELP = (
    "Stel je vraag over school en wijk in gewone taal, bijvoorbeeld: *Wat doet een netwerkschool?* Elke zin van mijn "
    "antwoord noemt zijn bron. Vraag daarna gerust door in dezelfde thread.\n\n"
    "• `/verbind vraag …` – alleen jij ziet het antwoord\n"
    "• `/verbind wijkanalyse`, `schoolmodel`, `scan` of `spelregels` – een vragenlijst, stap voor stap\n"
    "• `/verbind verder CODE` – ga verder met een vragenlijst van de webpagina\n\n"
    "Noem geen namen of gegevens van leerlingen of ouders."
)
PROMPTS = (
    ("Wat is een netwerkschool?", "Wat is een netwerkschool?"),
    ("Hoe begin je met een wijkanalyse?", "Hoe begin je met een wijkanalyse?"),
    ("Wat zijn do's en don'ts?", "Wat zijn de do's en don'ts bij het verbinden van school en wijk?"),
    ("Welke rol hebben ouders?", "Welke rol hebben ouders bij het verbinden van school en wijk?"),
)


class Questions:
    """The listeners for questions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def install(self, app: AsyncApp) -> None:
        """Add the listeners to the app."""
        app.event("app_mention")(self._desk.once(self.mentioned))
        for name, listener in (
            ("citaten", self.show_quotes),
            ("deel", self.share),
            ("oordeel", self.judge),
            (re.compile("^vraag_"), self.follow_up),
        ):
            app.action(name)(self._desk.told(listener))

    async def mentioned(self, args: AsyncArgs) -> None:
        """Answer a mention in its thread."""
        event = args.event or {}
        if event.get("bot_id") or event.get("edited"):  # an edit comes as a change of the message too
            return
        await self.answer_in_thread(args, event)

    async def answer_in_thread(self, args: AsyncArgs, event: dict[str, Any]) -> None:
        """Answer what the event's message asks, below it."""
        text = said(str(event.get("text", "")), args.context.bot_user_id)
        thread = str(event.get("thread_ts") or event["ts"])
        if not text:
            await args.client.chat_postMessage(channel=event["channel"], thread_ts=thread, text=HELP)
            return
        await self._status(args.client, event["channel"], thread)
        who = person(args.context)
        answer = await self.ask(who, conversation(who.team, event["channel"], thread), text)
        if answer.status is Status.PRIVACY:
            await self._warn(args, answer, event)
            return
        await self._deliver(args.client, who, event["channel"], thread, answer)

    async def ask(self, who: Person, conversation_id: str, text: str) -> Answer:
        """The answer; the conversation belongs to whoever asked first."""
        parts = await self._desk.parts()

        def work() -> Answer:
            answer = answered(parts.assistant.ask(text, conversation_id=conversation_id), "slack")
            if answer.status is not Status.PRIVACY:
                parts.assistant.archive.claim(conversation_id, who.key)
            return answer

        return await self._desk.run_long(work)

    async def heard(self, args: AsyncArgs, event: dict[str, Any]) -> None:
        """A message in a channel's thread: answered when its writer began the thread and asks something on."""
        text, thread = str(event.get("text", "")), event.get("thread_ts")
        if not thread or (event.get("parent_user_id") is None and thread == event.get("ts")):
            return
        if "<@" in text or not asks(said(text)):
            return  # a mention comes as its own event; talk between people is left alone
        who = person(args.context)
        archive = (await self._desk.parts()).assistant.archive
        conversation_id = conversation(who.team, event["channel"], thread)
        if await self._desk.run(lambda: archive.belongs(conversation_id, who.key)):
            await self.answer_in_thread(args, event)

    async def slash(self, args: AsyncArgs, text: str) -> None:
        """Answer `/verbind vraag …` for the user alone, with a button to share it."""
        who, channel = person(args.context), args.context.channel_id or ""
        if not text:
            await args.respond(text=HELP, response_type="ephemeral")
            return
        answer = await self.ask(who, conversation(who.team, channel, f"slash:{who.user}"), text)
        blocks = answer_blocks(answer, await self._desk.places(), share=bool(answer.citations))
        await args.respond(text=short_text(answer), blocks=blocks, response_type="ephemeral")

    async def follow_up(self, args: AsyncArgs) -> None:
        """Ask the question of a button, where the answer with the button stands."""
        await args.ack()
        who, text, body = person(args.context), value_of(args.body), args.body
        channel = args.context.channel_id or ""
        if body.get("container", {}).get("is_ephemeral") or not body.get("message"):
            await self.slash(args, text)
            return
        message = body["message"]
        thread = str(message.get("thread_ts") or message["ts"])
        await args.client.chat_postMessage(channel=channel, thread_ts=thread, text=f"> {escaped(text)}")
        answer = await self.ask(who, conversation(who.team, channel, thread), text)
        await self._deliver(args.client, who, channel, thread, answer)

    async def show_quotes(self, args: AsyncArgs) -> None:
        """Open a modal with the quotes behind an answer."""
        await args.ack()
        if answer := await self._kept(args):
            view = quotes_view(answer, await self._desk.places())
            await args.client.views_open(trigger_id=args.body["trigger_id"], view=view)

    async def share(self, args: AsyncArgs) -> None:
        """Show an answer that only the user saw to the whole channel."""
        await args.ack()
        if answer := await self._kept(args):
            blocks = answer_blocks(answer, await self._desk.places())
            text = f"<@{args.context.user_id}> deelt een antwoord op: {escaped(answer.question)}"
            shown = [{"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}, *blocks[:49]]
            await args.respond(text=text, blocks=shown, response_type="in_channel", replace_original=False)

    async def judge(self, args: AsyncArgs) -> None:
        """Keep what the user thinks of an answer."""
        await args.ack()
        verdict, _, answer_id = value_of(args.body).partition("|")
        assistant = (await self._desk.parts()).assistant
        kept = await self._desk.run(lambda: assistant.judge(answer_id, verdict, "", "slack"))
        if kept:
            judged(verdict, "slack")
        await whisper(args, "Dank je wel. Ik heb je oordeel bewaard." if kept else _NOT_JUDGED)

    async def _kept(self, args: AsyncArgs) -> Answer | None:
        archive = (await self._desk.parts()).assistant.archive
        answer = await self._desk.run(lambda: archive.get(value_of(args.body)))
        if answer is None:
            await whisper(args, GONE)
        return answer

    async def _warn(self, args: AsyncArgs, answer: Answer, event: dict[str, Any]) -> None:
        """Personal data: tell the user alone, and suggest to remove the message."""
        blocks = answer_blocks(answer, await self._desk.places())
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": _REMOVE}]})
        await whisper(args, short_text(answer), blocks, event)

    async def _status(self, client: AsyncWebClient, channel: str, thread: str) -> None:
        if not channel.startswith("D"):
            return
        try:
            await client.assistant_threads_setStatus(
                channel_id=channel, thread_ts=thread, status="zoekt in de bronnen…"
            )
        except SlackApiError as error:
            log.info("no status: %s", type(error).__name__)

    async def _deliver(self, client: AsyncWebClient, who: Person, channel: str, thread: str, answer: Answer) -> None:
        """Stream the answer where Slack allows it, and post it otherwise."""
        places = await self._desk.places()
        if await self._stream(client, who, channel, thread, answer, places):
            return
        blocks = answer_blocks(answer, places)
        await client.chat_postMessage(
            channel=channel, thread_ts=thread, text=short_text(answer), blocks=blocks, unfurl_links=False
        )

    async def _stream(
        self, client: AsyncWebClient, who: Person, channel: str, thread: str, answer: Answer, places: Places
    ) -> bool:
        """Whether the answer was streamed whole; a stream that broke off is completed in place."""
        stream = await client.chat_stream(
            channel=channel, thread_ts=thread, recipient_team_id=who.team, recipient_user_id=who.user, buffer_size=600
        )
        try:
            for paragraph in paragraphs(answer):
                await stream.append(markdown_text=f"{paragraph}\n\n")
            await stream.stop(blocks=closing_blocks(answer, places))
        except (TimeoutError, SlackApiError, OSError) as error:
            log.info("streaming is not possible: %s", type(error).__name__)
            if stream.ts is None:
                return False
            blocks = answer_blocks(answer, places)
            await client.chat_update(channel=channel, ts=stream.ts, text=short_text(answer), blocks=blocks)
        return True


_REMOVE = "Verwijder je bericht liefst zelf: klik op de drie puntjes naast het bericht. Ik heb er niets van bewaard."
