"""Try the bot without a workspace: a page that shows the conversation as Slack would, and the real bot behind it.

python -m tests.slack_fake            # then open the address that it prints
"""

from __future__ import annotations

import argparse
import html
import re
import threading
from pathlib import Path

import uvicorn
from aiohttp import web
from fastapi import FastAPI
from tests.slack_fake.member import SECRET, Member, find
from tests.slack_fake.server import FakeSlack

from verbind_bot.bootstrap import build
from verbind_bot.channels.slack.running import mount
from verbind_bot.settings import load_settings

STYLE = Path(__file__).with_name("page.css")


class Page:
    """One member in a direct message and a channel."""

    def __init__(self, member):
        self.me = member

    async def show(self, request):
        channel = request.query.get("kanaal", self.me.dm)
        slack = self.me.slack
        shown = [self._message(m) for m in slack.said(channel) if m["only"] in (None, self.me.user)]
        views = "".join(
            f"<dialog open>{self._blocks(v['blocks'], None)}{self._submit(v)}</dialog>" for v in slack.views[-1:]
        )
        home = slack.homes.get(self.me.user)
        body = f"""<!doctype html><html lang=nl><meta charset=utf-8><title>Nagebootste Slack</title>
        <style>{STYLE.read_text()}</style>
        <nav><a href="?kanaal={self.me.dm}">Bericht aan verbind-bot</a> <a href="?kanaal=C1">#kanaal</a>
        <form method=post action=/doe><button name=doe value=home>Open App Home</button></form></nav>
        <main>{"".join(shown) or "<p>Nog niets gezegd."}{views}
        <form method=post action=/doe class=say><input type=hidden name=kanaal value="{channel}">
        <input name=tekst autofocus placeholder="Bericht, of /verbind …">
        <button name=doe value=zeg>Verstuur</button></form></main>
        <aside><h2>App Home</h2>{self._blocks(home["blocks"], "home") if home else ""}</aside>"""
        return web.Response(text=body, content_type="text/html")

    async def do(self, request):
        data = await request.post()
        channel, text = data.get("kanaal", self.me.dm), data.get("tekst", "")
        work = {
            "zeg": lambda: self._say(channel, text, data),
            "home": self._home,
            "druk": lambda: self._press(data),
            "stuur": lambda: self.me.submit(self.me.slack.views.pop(), text),
        }
        thread = threading.Thread(target=work[data["doe"]])
        thread.start()
        thread.join(1.5)
        raise web.HTTPFound(f"/?kanaal={channel}")

    def _say(self, channel, text, data):
        if text.startswith("/verbind"):
            said = self.me.command(text.removeprefix("/verbind").strip(), channel).text
            self.me.slack.messages.append(
                {
                    "channel": channel,
                    "ts": self.me.slack.next_ts(),
                    "thread_ts": None,
                    "user": "UBOT",
                    "text": said,
                    "blocks": [],
                    "only": self.me.user,
                }
            )
            return
        thread = data.get("thread") or None
        mentions = channel.startswith("C") and not thread
        ts = self.me.mention(text, channel, thread) if mentions else self.me.say(text, channel, thread)
        self.me.slack.messages.append(
            {
                "channel": channel,
                "ts": ts,
                "thread_ts": thread,
                "user": self.me.user,
                "text": text,
                "blocks": [],
                "only": None,
            }
        )

    def _home(self):
        self.me.event({"type": "app_home_opened", "user": self.me.user, "channel": self.me.dm, "tab": "home"})

    def _press(self, data):
        found = [m for m in self.me.slack.messages if m["ts"] == data["ts"]]
        message = found[0] if found else self.me.slack.homes[self.me.user]
        ticks, option = data.getall("vink", []), data.get("keuze")
        element = find(message["blocks"], data["actie"])[1]
        self.me.press(message, data["actie"], ticks, option if element["type"] == "static_select" else None)

    def _message(self, message):
        inside = "thread" if message.get("thread_ts") else ""
        private = "<small>alleen jij ziet dit</small>" if message["only"] else ""
        reply = f"""<form method=post action=/doe class=reply>
        <input type=hidden name=kanaal value="{message["channel"]}">
        <input type=hidden name=thread value="{message.get("thread_ts") or message["ts"]}">
        <input name=tekst placeholder="Antwoord in de thread"><button name=doe value=zeg>Antwoord</button></form>"""
        who = "verbind-bot" if message["user"] == "UBOT" else "jij"
        text = mrkdwn(message["text"]) if message.get("streamed") or not message["blocks"] else ""
        return (
            f"<article class='{inside}'><b>{who}</b> {private}<div>{text}</div>"
            f"{self._blocks(message['blocks'], message['ts'], message['channel'])}{reply}</article>"
        )

    def _blocks(self, blocks, ts, channel=""):
        return "".join(self._block(block, ts, channel) for block in blocks)

    def _block(self, block, ts, channel):
        kind = block["type"]
        if kind in ("section", "header"):
            tag = "h3" if kind == "header" else "p"
            extra = self._form([block["accessory"]], ts, channel) if "accessory" in block else ""
            return f"<{tag}>{mrkdwn(block['text']['text'])}</{tag}>{extra}"
        if kind == "context":
            return "".join(f"<p class=small>{mrkdwn(e['text'])}</p>" for e in block["elements"])
        if kind == "input":
            return f"<p>{html.escape(block['label']['text'])}</p>"
        return self._form(block["elements"], ts, channel)

    def _form(self, elements, ts, channel):
        inside = "".join(self._element(e) for e in elements)
        return (
            f"<form method=post action=/doe><input type=hidden name=ts value='{ts}'><input type=hidden name=doe "
            f"value=druk><input type=hidden name=kanaal value='{channel or self.me.dm}'>{inside}</form>"
        )

    def _element(self, element):
        kind = element["type"]
        if kind == "button" and "url" in element:
            return f"<a href='{html.escape(element['url'])}'>{html.escape(element['text']['text'])}</a>"
        if kind == "button":
            return f"<button name=actie value='{element['action_id']}'>{html.escape(element['text']['text'])}</button>"
        if kind == "checkboxes":
            return "".join(
                f"<label><input type=checkbox name=vink value='{o['value']}'>{html.escape(o['text']['text'])}</label>"
                for o in element["options"]
            )
        if kind == "static_select":
            options = "".join(
                f"<option value='{o['value']}'>{html.escape(o['text']['text'])}" for o in element["options"]
            )
            return (
                f"<select name=keuze>{options}</select><button name=actie value='{element['action_id']}'>Kies</button>"
            )
        return ""

    def _submit(self, view):
        if "submit" not in view:
            return ""
        return "<form method=post action=/doe><input name=tekst><button name=doe value=stuur>Verder</button></form>"


def mrkdwn(text):
    """Slack's text as HTML: it is escaped already, but for links."""
    shown = re.sub(r"<(https?:[^|>]*)\|([^>]*)>", r"<a href='\1'>\2</a>", text)
    shown = re.sub(r"\*([^*\n]+)\*", r"<b>\1</b>", shown)
    return shown.replace("\n", "<br>")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=8765)
    port = options.parse_args().port
    print("Het model wordt geladen…")
    settings = load_settings()
    parts = build(settings)
    member = Member(FakeSlack(port=port), f"http://127.0.0.1:{port + 1}")
    page = Page(member)
    member.slack.routes = [("GET", "/", page.show), ("POST", "/doe", page.do)]
    member.slack.start()
    given = {"slack_bot_token": "xoxb-T1", "slack_signing_secret": SECRET, "slack_api_url": member.slack.api}
    app = FastAPI()
    mount(app, settings.model_copy(update=given), lambda: parts)
    print(f"Open {member.slack.url} in je browser. Stop met Ctrl+C.")
    uvicorn.run(app, port=port + 1, log_level="warning")


if __name__ == "__main__":
    main()
