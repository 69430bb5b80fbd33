"""Somebody in a workspace: what they do reaches the bot as signed requests, as Slack sends them."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
from slack_sdk.signature import SignatureVerifier
from tests.slack_fake.server import BOT, FakeSlack

SECRET = "geheim-voor-de-test"
_ids = itertools.count(1)


@dataclass
class Member:
    slack: FakeSlack
    bot: str
    user: str = "U1"
    team: str = "T1"
    secret: str = SECRET

    @property
    def dm(self):
        return f"D{self.team}{self.user}"

    def post(self, body, kind, headers=None, at=None):
        """Send a signed body; returns the response."""
        stamp = str(int(at or time.time()))
        signature = SignatureVerifier(self.secret).generate_signature(timestamp=stamp, body=body)
        sent = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
        return httpx.post(f"{self.bot}/slack/events", content=body, headers={**sent, **(headers or {})}, timeout=30)

    def event(self, event, event_id=None, headers=None, **more):
        payload = self.envelope(event, event_id, **more)
        return self.post(json.dumps(payload), "application/json", headers)

    def envelope(self, event, event_id=None, **more):
        return {
            "token": "x",
            "team_id": self.team,
            "api_app_id": "A1",
            "type": "event_callback",
            "event_id": event_id or f"Ev{uuid.uuid4().hex}",
            "event_time": int(time.time()),
            "event": event,
            "authorizations": [{"team_id": self.team, "user_id": BOT, "is_bot": True, "enterprise_id": None}],
            **more,
        }

    def message(self, text, channel=None, thread=None, **more):
        channel = channel or self.dm
        kind = {"D": "im", "C": "channel", "G": "group"}[channel[0]]
        found = {
            "type": "message",
            "channel": channel,
            "channel_type": kind,
            "user": self.user,
            "text": text,
            "ts": self.slack.next_ts(),
            "team": self.team,
            **more,
        }
        if not thread:
            return found
        self.slack.threads.add((channel, thread))
        return {**found, "thread_ts": thread}

    def say(self, text, channel=None, thread=None, **more):
        """Write a message; returns its ts."""
        event = self.message(text, channel, thread, **more)
        assert self.event(event).status_code == 200
        return event["ts"]

    def change(self, before, after=None):
        """The event of a message that changed; without `after` only what was there before."""
        event = {"type": "message", "subtype": "message_changed", "ts": self.slack.next_ts(), "hidden": True}
        event |= {name: before[name] for name in ("channel", "channel_type")} | {"previous_message": before}
        return {**event, "message": after} if after else event

    def edit(self, message, text):
        """Change a message; returns it as it is then."""
        after = {**message, "text": text, "edited": {"user": self.user, "ts": self.slack.next_ts()}}
        assert self.event(self.change(message, after)).status_code == 200
        return after

    def mention(self, text, channel="C1", thread=None):
        """Mention the bot: Slack sends an app_mention, and a message too when the bot reads the channel."""
        event = {**self.message(f"<@{BOT}> {text}", channel, thread)}
        assert self.event({**event, "type": "app_mention"}).status_code == 200
        assert self.event(event).status_code == 200
        return event["ts"]

    def command(self, text, channel="C1"):
        """Type /verbind; returns what the bot said at once."""
        body = urlencode(
            {
                "command": "/verbind",
                "text": text,
                "team_id": self.team,
                "user_id": self.user,
                "channel_id": channel,
                "trigger_id": "t1",
                "response_url": f"{self.slack.url}/response/{channel}/{self.user}",
                "api_app_id": "A1",
            }
        )
        response = self.post(body, "application/x-www-form-urlencoded")
        assert response.status_code == 200
        return response

    def press(self, message, name, ticks=(), option=None):
        """Press the element of a message (or a view) whose action_id or text is `name`."""
        block, element = find(message["blocks"], name)
        action = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block.get("block_id", "b1"),
            "value": element.get("value", ""),
            "action_ts": "1.1",
        }
        if option is not None:
            (chosen,) = [o for o in element["options"] if option in (o["value"], o["text"]["text"])]
            action["selected_option"] = chosen
        state = {}
        for tick_block, boxes in (
            (b, e) for b in message["blocks"] for e in b.get("elements", []) if e.get("type") == "checkboxes"
        ):
            chosen = [o for o in boxes["options"] if o["value"] in ticks]
            state[tick_block.get("block_id", "b1")] = {boxes["action_id"]: {"selected_options": chosen}}
        return self.interact(
            {"type": "block_actions", "actions": [action], "state": {"values": state}, **self._around(message)}
        )

    def _around(self, message):
        if message.get("type") == "home":
            return {"container": {"type": "view"}, "view": {**message, "id": "V0", "hash": "h"}}
        private = message.get("only") is not None
        return {
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": message["channel"],
                "is_ephemeral": private,
            },
            "channel": {"id": message["channel"]},
            "message": {k: message[k] for k in ("ts", "thread_ts", "text", "blocks") if message.get(k)},
            "response_url": f"{self.slack.url}/response/{message['channel']}/{self.user}",
        }

    def submit(self, view, text):
        """Send a modal with what was typed; returns the bot's response."""
        values = {"antwoord": {"tekst": {"type": "plain_text_input", "value": text}}}
        shown = {**view, "id": "V1", "hash": "h", "state": {"values": values}}
        return self.interact({"type": "view_submission", "view": shown})

    def interact(self, payload):
        body = {
            "team": {"id": self.team},
            "user": {"id": self.user, "team_id": self.team},
            "api_app_id": "A1",
            "trigger_id": f"t{next(_ids)}",
            **payload,
        }
        return self.post(urlencode({"payload": json.dumps(body)}), "application/x-www-form-urlencoded")


def find(blocks, name):
    """The block and the element with this action_id or text."""
    for block in blocks:
        for element in [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]:
            text = element.get("text")
            if name in (element.get("action_id"), text.get("text") if isinstance(text, dict) else text):
                return block, element
    raise AssertionError(f"no {name!r} in {json.dumps(blocks, ensure_ascii=False)[:800]}")


def text_of(message):
    """All that a reader sees of a message."""
    return message["text"] + "\n" + json.dumps(message["blocks"], ensure_ascii=False)
