"""Text for Slack, within Slack's limits by construction.

Limits: docs.slack.dev/reference/block-kit/blocks (a section 3,000 characters, a button 75, 50 blocks a message).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]
SECTION, BUTTON, OPTION, HEADER, TITLE, VALUE = 3000, 75, 75, 150, 24, 2000
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100


def escaped(text: str) -> str:
    """Text in which nothing is a mention, a link or a channel for Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """Escaped text in which no character makes bold, italics or code either: a zero-width space breaks the pair."""
    broken = escaped(text)
    for mark in "*_~`":
        broken = broken.replace(mark, f"\N{ZERO WIDTH SPACE}{mark}\N{ZERO WIDTH SPACE}")
    return broken


def said(text: str, bot_id: str | None = None) -> str:
    """What a user wrote, without the bot's mention and with Slack's own notation as plain words."""
    without = text.replace(f"<@{bot_id}>", " ") if bot_id else text
    named = re.sub(r"<(?:[#!@][^|>]*|[^|>]*)\|([^>]*)>", r"\1", without)
    bare = re.sub(r"<(?:[#!@][^>]*)>", " ", named)
    return html.unescape(re.sub(r"<([^>]+)>", r"\1", bare)).strip()


def cut(text: str, most: int) -> str:
    """The text, or its beginning with an ellipsis when it is longer than `most` characters."""
    if len(text) <= most:
        return text
    end = text.rfind(" ", 0, most - 1)
    return text[: end if end > most // 2 else most - 1] + "…"


def section(text: str, accessory: Block | None = None) -> Block:
    """A section of mrkdwn that is escaped already."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": _whole(text, SECTION)}}
    return {**block, "accessory": accessory} if accessory else block


def sections(paragraphs: Iterable[str]) -> list[Block]:
    """Paragraphs in as few sections as hold them; a long one is split at a space."""
    blocks: list[str] = []
    for paragraph in (part for text in paragraphs for part in _split(text)):
        if blocks and len(blocks[-1]) + len(paragraph) + 2 <= SECTION:
            blocks[-1] += f"\n\n{paragraph}"
        else:
            blocks.append(paragraph)
    return [section(text) for text in blocks]


def context(*texts: str) -> Block:
    """Small print: at most ten texts of escaped mrkdwn."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _whole(text, 2000)} for text in texts[:10]]}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": label(text, HEADER)}


def label(text: str, most: int) -> Block:
    """Plain text, which Slack shows as it is."""
    return {"type": "plain_text", "text": cut(text, most), "emoji": False}


def button(text: str, action: str, value: str, style: str | None = None, **more: Any) -> Block:
    """A button; `value` comes back when it is pressed."""
    block = {"type": "button", "action_id": action, "text": label(text, BUTTON), "value": cut(value, VALUE), **more}
    return {**block, "style": style} if style else block


def link(text: str, url: str, action: str) -> Block:
    """A button that opens a page."""
    return {"type": "button", "action_id": action, "text": label(text, BUTTON), "url": url[:3000]}


def actions(elements: Sequence[Block], block_id: str | None = None) -> Block:
    """A row of at most 25 elements."""
    block: Block = {"type": "actions", "elements": list(elements[:25])}
    return {**block, "block_id": block_id} if block_id else block


def within(blocks: Sequence[Block], most: int, more: str) -> list[Block]:
    """The blocks, or the first of them and a line that says where the rest is."""
    return list(blocks) if len(blocks) <= most else [*blocks[: most - 1], context(more)]


def _whole(text: str, most: int) -> str:
    """Cut so that no escaped character is halved."""
    short = cut(text, most)
    tail = short.rfind("&", len(short) - 6)
    return short if short == text or tail < 0 or ";" in short[tail:] else short[:tail] + "…"


def _split(text: str) -> list[str]:
    parts = []
    while len(text) > SECTION:
        end = text.rfind(" ", 0, SECTION)
        end = end if end > 0 else SECTION
        parts.append(text[:end])
        text = text[end:].lstrip()
    return [*parts, text] if text else parts
