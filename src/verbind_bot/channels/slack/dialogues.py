"""Guided dialogues in Slack: one message per intake that follows its steps, its thread, modals, and App Home."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from verbind_bot.channels.reports.formats import render
from verbind_bot.channels.slack.desk import Desk, Listener, Person, person, value_of, whisper
from verbind_bot.channels.slack.mrkdwn import Block, section
from verbind_bot.channels.slack.steps import card, confirm, home, overview, report_blocks, typing, why
from verbind_bot.errors import ConflictError, InputError
from verbind_bot.flows.engine import Back, Give, Move, Pause, Restart, Skip
from verbind_bot.intakes import Intake, Intakes

_MOVES: dict[str, Callable[[dict[str, Any]], Move]] = {
    "weet_niet": lambda p: Give(p["s"], None),
    "terug": lambda p: Back(),
    "overslaan": lambda p: Skip(p["s"]),
    "pauze": lambda p: Pause(),
    "opnieuw": lambda p: Restart(),
}
# What may be said in the thread instead of pressing a button.
_SAID = {"terug": "terug", "overslaan": "overslaan", "sla over": "overslaan", "pauze": "pauze", "stop": "pauze"}


class Dialogues:
    """The listeners for guided dialogues."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def install(self, app: AsyncApp) -> None:
        """Add the listeners to the app."""
        listeners: dict[str | re.Pattern[str], Listener] = {
            **dict.fromkeys(_MOVES, self.moved),
            re.compile("^kies_"): self.chosen,
            re.compile("^wijzig_"): self.change,
            re.compile("^begin_"): self.begin,
            re.compile("^verslag_"): self.report,
            "menu": self.picked,
            "klaar": self.ready,
            "typ": self.open_typing,
            "waarom": self.explain,
            "overzicht": self.show_overview,
            "verder": self.resume,
            "verwijder": self.delete,
            "naar_web": self.to_web,
            "vinkjes": self.ticked,
            "web": self.ticked,
        }
        for name, listener in listeners.items():
            app.action(name)(self._desk.told(listener))
        app.view("getypt")(self._desk.told(self.typed))

    async def start(self, args: AsyncArgs, flow: str) -> None:
        """Begin a flow, or go on with the one that is open, in a direct message."""
        service, who = await self._service(), person(args.context)

        def work() -> Intake:
            mine = [i for i in service.mine((who.key,)) if i.flow.name == flow and i.status == "open"]
            return mine[0] if mine else service.start((who.key,), flow)

        await self._post(args, who, await self._desk.run(work))

    async def begin(self, args: AsyncArgs) -> None:
        """The button in App Home that begins a flow."""
        await args.ack()
        await self.start(args, value_of(args.body))
        await self.publish_home(args)

    async def take_over(self, args: AsyncArgs, code: str) -> None:
        """Go on with an intake of the web page."""
        service, who = await self._service(), person(args.context)
        intake_id = await self._desk.run(lambda: service.take_over(code.strip(), who.key))
        await self._post(args, who, await self._desk.run(lambda: service.get(intake_id, (who.key,))))

    async def moved(self, args: AsyncArgs) -> None:
        """Back, skip, pause, and "weet ik nog niet"."""
        await args.ack()
        pointed = json.loads(value_of(args.body))
        await self._move(args, pointed, _MOVES[args.body["actions"][0]["action_id"]](pointed))

    async def chosen(self, args: AsyncArgs) -> None:
        """A button with an option or a point of a scale."""
        await args.ack()
        pointed = json.loads(value_of(args.body))
        await self._move(args, pointed, Give(pointed["s"], pointed["x"]))

    async def picked(self, args: AsyncArgs) -> None:
        """An option from a menu."""
        await args.ack()
        pointed = json.loads(args.body["actions"][0]["block_id"].partition("|")[2])
        await self._move(args, pointed, Give(pointed["s"], value_of(args.body)))

    async def ticked(self, args: AsyncArgs) -> None:
        """Checkboxes, and links to the web page, say nothing yet."""
        await args.ack()

    async def ready(self, args: AsyncArgs) -> None:
        """The checkboxes are as the user wants them."""
        await args.ack()
        pointed = json.loads(value_of(args.body))
        block = args.body["actions"][0]["block_id"]
        ticks = args.body["state"]["values"].get(block, {}).get("vinkjes", {}).get("selected_options", [])
        await self._move(args, pointed, Give(pointed["s"], [tick["value"] for tick in ticks]))

    async def change(self, args: AsyncArgs) -> None:
        """Go back to an answer in the overview."""
        await args.ack()
        pointed = json.loads(value_of(args.body))
        await self._move(args, pointed, Back(pointed["s"]), fresh=True)

    async def open_typing(self, args: AsyncArgs) -> None:
        """Open the modal for a text or a number."""
        await args.ack()
        pointed, who = json.loads(value_of(args.body)), person(args.context)
        service = await self._service()
        intake = await self._desk.run(lambda: service.get(pointed["i"], (who.key,)))
        if intake.view.step is None or intake.view.step.id != pointed["s"]:
            await self._show(args, intake)
            return
        view = typing(intake, intake.view.step, _place(args.body) or "")
        await args.client.views_open(trigger_id=args.body["trigger_id"], view=view)

    async def typed(self, args: AsyncArgs) -> None:
        """What was typed in the modal; a value that does not fit stays in the modal with the reason."""
        meta = json.loads(args.body["view"]["private_metadata"])
        pointed, who = json.loads(meta["p"]), person(args.context)
        text = args.body["view"]["state"]["values"]["antwoord"]["tekst"].get("value") or ""
        service = await self._service()
        try:
            saying = await self._desk.run(
                lambda: service.say(pointed["i"], (who.key,), text, pointed["v"], pointed["s"])
            )
        except (InputError, ConflictError) as error:
            await args.ack(response_action="errors", errors={"antwoord": str(error)[:300]})
            return
        await args.ack()
        channel, _, ts = meta["at"].partition(":")
        if ts:
            await self._update(args, channel, ts, saying.intake)
        else:
            await self._post(args, who, saying.intake)

    async def explain(self, args: AsyncArgs) -> None:
        """Why the open step is asked."""
        await args.ack()
        intake = await self._pointed(args)
        await self._below(args, "Waarom ik dit vraag", why(intake))

    async def show_overview(self, args: AsyncArgs) -> None:
        """Everything that was answered, with buttons to change it."""
        await args.ack()
        intake = await self._pointed(args)
        await self._below(args, "Je antwoorden tot nu toe", overview(intake))

    async def resume(self, args: AsyncArgs) -> None:
        """Show the intake as it is, in a new message."""
        await args.ack()
        await self._post(args, person(args.context), await self._pointed(args))

    async def delete(self, args: AsyncArgs) -> None:
        """Remove an intake with everything in it."""
        await args.ack()
        pointed, who = json.loads(value_of(args.body)), person(args.context)
        service = await self._service()
        await self._desk.run(lambda: service.delete(pointed["i"], (who.key,)))
        await self.publish_home(args)

    async def to_web(self, args: AsyncArgs) -> None:
        """A link with which the user goes on with this intake in a browser; it works once."""
        await args.ack()
        pointed, who = json.loads(value_of(args.body)), person(args.context)
        service = await self._service()
        code = await self._desk.run(lambda: service.hand_over(pointed["i"], (who.key,)))
        url = f"{(self._desk.public_url or '').rstrip('/')}/vragenlijsten/overnemen/{code}"
        await self._below(args, "Verder op de webpagina", [section(f"<{url}|Ga hier verder>. De link werkt één keer.")])

    async def report(self, args: AsyncArgs) -> None:
        """Upload the report, and say its conclusions in a message."""
        await args.ack()
        pointed, who = json.loads(value_of(args.body)), person(args.context)
        parts, form = await self._desk.parts(), args.body["actions"][0]["action_id"].removeprefix("verslag_")
        made = await self._desk.run(lambda: parts.intakes.report(pointed["i"], (who.key,)))
        file = await self._desk.run_long(lambda: render(made, form, parts.corpus.references))
        channel, thread = await self._where(args, who)
        await args.client.chat_postMessage(
            channel=channel, thread_ts=thread, text=made.title, blocks=report_blocks(made, None), unfurl_links=False
        )
        await args.client.files_upload_v2(
            channel=channel, thread_ts=thread, filename=file.name, title=made.title, content=file.content
        )

    async def said(self, args: AsyncArgs, intake: Intake, text: str) -> None:
        """An answer in the thread of an intake, in the user's own words."""
        event, who, service = args.event or {}, person(args.context), await self._service()
        channel, thread, step = event["channel"], str(event["thread_ts"]), intake.view.step
        command = _SAID.get(text.strip().lower().rstrip("."))
        if command and step:
            move = _MOVES[command]({"s": step.id})
            after = await self._desk.run(lambda: service.move(intake.id, (who.key,), move, intake.state_version))
        else:
            saying = await self._desk.run(lambda: service.say(intake.id, (who.key,), text, intake.state_version))
            if saying.confirm:
                blocks = confirm(saying, step.id if step else "")
                await args.client.chat_postMessage(
                    channel=channel, thread_ts=thread, text="Bedoel je dit?", blocks=blocks
                )
                return
            after = saying.intake
        await self._update(args, channel, thread, after)

    async def publish_home(self, args: AsyncArgs) -> None:
        """Bring the user's App Home up to date."""
        service, who = await self._service(), person(args.context)
        mine = await self._desk.run(lambda: service.mine((who.key,)))
        view = home(list(service.flows.values()), mine, self._desk.public_url)
        await args.client.views_publish(user_id=who.user, view=view)

    async def _service(self) -> Intakes:
        return (await self._desk.parts()).intakes

    async def _pointed(self, args: AsyncArgs) -> Intake:
        pointed, who, service = json.loads(value_of(args.body)), person(args.context), await self._service()
        return await self._desk.run(lambda: service.get(pointed["i"], (who.key,)))

    async def _move(self, args: AsyncArgs, pointed: dict[str, Any], move: Move, fresh: bool = False) -> None:
        """Make the move that followed from what the user saw; on a conflict show the intake as it is now."""
        who, service = person(args.context), await self._service()
        try:
            after = await self._desk.run(lambda: service.move(pointed["i"], (who.key,), move, pointed["v"]))
        except (ConflictError, InputError) as error:
            after = await self._desk.run(lambda: service.get(pointed["i"], (who.key,)))
            await whisper(args, str(error), message=args.body.get("message"))
        await (self._post(args, who, after) if fresh else self._show(args, after))

    async def _show(self, args: AsyncArgs, intake: Intake) -> None:
        """Update the card that the button is on; a button elsewhere updates the card of its thread, or posts one."""
        body = args.body
        message = body.get("message") or {}
        channel = str((body.get("container") or {}).get("channel_id") or "")
        ts = message.get("thread_ts") or message.get("ts")
        if channel and ts:
            await self._update(args, channel, str(ts), intake)
        else:
            await self._post(args, person(args.context), intake)

    async def _update(self, args: AsyncArgs, channel: str, ts: str, intake: Intake) -> None:
        blocks = card(intake, bool(self._desk.public_url))
        await args.client.chat_update(channel=channel, ts=ts, text=intake.flow.title, blocks=blocks)

    async def _post(self, args: AsyncArgs, who: Person, intake: Intake) -> None:
        """Show the intake in a new message in the direct messages with its owner."""
        channel = (await args.client.conversations_open(users=who.user))["channel"]["id"]
        blocks = card(intake, bool(self._desk.public_url))
        sent = await args.client.chat_postMessage(channel=channel, text=intake.flow.title, blocks=blocks)
        service, place = await self._service(), f"{who.team}:{channel}:{sent['ts']}"
        await self._desk.run(lambda: service.show_at(intake.id, (who.key,), place))

    async def _where(self, args: AsyncArgs, who: Person) -> tuple[str, str | None]:
        """The thread of the card, or the direct messages when the button is on App Home."""
        channel = (args.body.get("container") or {}).get("channel_id")
        if channel:
            return channel, _thread(args.body)
        return (await args.client.conversations_open(users=who.user))["channel"]["id"], None

    async def _below(self, args: AsyncArgs, text: str, blocks: list[Block]) -> None:
        channel, thread = await self._where(args, person(args.context))
        await args.client.chat_postMessage(
            channel=channel, thread_ts=thread, text=text, blocks=blocks[:50], unfurl_links=False
        )


def _place(body: dict[str, Any]) -> str | None:
    container = body.get("container") or {}
    ts = _thread(body)
    return f"{container['channel_id']}:{ts}" if container.get("channel_id") and ts else None


def _thread(body: dict[str, Any]) -> str | None:
    message = body.get("message") or {}
    found = message.get("thread_ts") or message.get("ts")
    return str(found) if found else None
