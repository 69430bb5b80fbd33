"""What every Slack listener needs: the assistant, who is asking and where, and a way to say that something failed."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import CapacityLimiter, to_thread
from slack_bolt.async_app import AsyncBoltContext
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.errors import SlackApiError

from verbind_bot.channels.slack.answers import Places
from verbind_bot.channels.slack.mrkdwn import Block, section
from verbind_bot.channels.telemetry.lines import event
from verbind_bot.channels.telemetry.origin import begin, request, request_id
from verbind_bot.errors import VerbindError

if TYPE_CHECKING:
    from verbind_bot.parts import Parts

log = logging.getLogger(__name__)
T = TypeVar("T")
Listener = Callable[[AsyncArgs], Awaitable[None]]
_THREADS, _SHORT_THREADS, _AT_ONCE = 2, 8, 6
_WAIT_SECONDS, _POLL_SECONDS = 600, 0.2


@dataclass(frozen=True, slots=True)
class Person:
    """A user of one workspace: two workspaces may use the same user id."""

    team: str
    user: str

    @property
    def key(self) -> str:
        """The key of what belongs to this person."""
        return f"slack:{self.team}:{self.user}"


class Desk:
    """Gets work done for the listeners: synchronous parts run in bounded pools of threads."""

    def __init__(self, parts: Callable[[], Parts | None], public_url: str | None, keeps: bool = True) -> None:
        self._parts = parts
        self._limiter: CapacityLimiter | None = None
        self._long_limiter: CapacityLimiter | None = None
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self.public_url = public_url
        self._keeps = keeps

    async def parts(self) -> Parts:
        """The assistant; waits while the model is being loaded."""
        for _ in range(int(_WAIT_SECONDS / _POLL_SECONDS)):
            if (found := self._parts()) is not None:
                return found
            await asyncio.sleep(_POLL_SECONDS)
        raise VerbindError("De assistent is nog niet klaar met starten. Probeer het over een paar minuten opnieuw.")

    async def run(self, work: Callable[[], T]) -> T:
        """Do short synchronous work in a thread."""
        self._limiter = self._limiter or CapacityLimiter(_SHORT_THREADS)
        return await to_thread.run_sync(work, limiter=self._limiter)

    async def run_long(self, work: Callable[[], T]) -> T:
        """Do work that takes seconds, such as an answer, in threads of its own: Slack waits three for a button."""
        self._long_limiter = self._long_limiter or CapacityLimiter(_THREADS)
        return await to_thread.run_sync(work, limiter=self._long_limiter)

    async def places(self) -> Places:
        """What links and buttons of an answer need."""
        return Places((await self.parts()).corpus.references, self.public_url, self._keeps)

    def told(self, listener: Listener) -> Listener:
        """A listener whose failure the user is told of."""

        @wraps(listener)
        async def safe(args: AsyncArgs) -> None:
            started, failure = time.perf_counter(), None
            with request():
                try:
                    await listener(args)
                except Exception as error:
                    failure = type(error).__name__
                    await tell_failure(error, args)
                ms = round((time.perf_counter() - started) * 1000, 1)
                event(log, "slack", listener=listener.__name__, ms=ms, error=failure)

        return safe

    def once(self, listener: Listener) -> Listener:
        """A listener that handles an event the first time that it is delivered, whichever process gets it."""

        @wraps(listener)
        async def first(args: AsyncArgs) -> None:
            deliveries = (await self.parts()).deliveries
            event_id = str(args.body.get("event_id", ""))
            async with self._turns:  # many at once would keep the next event from being acknowledged
                if not event_id or await self.run(lambda: deliveries.first(f"slack:{event_id}")):
                    await listener(args)

        return self.told(first)


def person(context: AsyncBoltContext) -> Person:
    """Who caused this request."""
    return Person(context.team_id or context.enterprise_id or "", context.user_id or "")


def conversation(team: str, channel: str, thread: str) -> str:
    """The id of the conversation in a thread."""
    return "slack-" + hashlib.sha256(f"{team}:{channel}:{thread}".encode()).hexdigest()[:48]


async def whisper(
    args: AsyncArgs, text: str, blocks: Sequence[Block] = (), message: Mapping[str, Any] | None = None
) -> None:
    """Say something about `message` that only the user sees, or below it in a direct message, which is private."""
    shown = list(blocks) or [section(text)]
    thread = (message or {}).get("thread_ts")
    if args.body.get("response_url"):
        await args.respond(text=text, blocks=shown, response_type="ephemeral", replace_original=False)
        return
    channel = args.context.channel_id
    if not channel or channel.startswith("D"):
        target, below = channel or args.context.user_id or "", thread or (message or {}).get("ts")
        await args.client.chat_postMessage(channel=target, text=text, blocks=shown, thread_ts=below)
        return
    user = args.context.user_id or ""
    # Below a message without replies Slack shows an ephemeral message to nobody.
    await args.client.chat_postEphemeral(channel=channel, user=user, text=text, blocks=shown, thread_ts=thread)


async def tell_failure(error: Exception, args: AsyncArgs) -> None:
    """Tell the user what failed, never nothing; an unexpected failure gets an id that the log has too."""
    if isinstance(error, VerbindError):
        text = str(error)
    else:
        number = request_id() or begin()
        log.error("slack listener failed", exc_info=error, extra={"fields": {"request_id": number}})
        text = f"Er ging iets mis. Probeer het opnieuw. Blijft het zo, noem dan nummer {number} aan de beheerder."
    event = args.body.get("event") or {}
    try:
        await whisper(args, text, message=event.get("message") or event)
    except (TimeoutError, SlackApiError, OSError) as second:
        log.error("the user could not be told of the failure: %s", type(second).__name__)


def value_of(body: dict[str, Any]) -> str:
    """What the pressed button or the chosen option brings back."""
    action = body["actions"][0]
    return str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")
