"""An answer as Slack blocks: sentences with [n], compact sources, follow-up questions, and feedback buttons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from verbind_bot.channels.rendering import labels, source_line
from verbind_bot.channels.slack.mrkdwn import (
    MESSAGE_BLOCKS,
    VIEW_BLOCKS,
    Block,
    actions,
    button,
    context,
    cut,
    label,
    plain,
    section,
    sections,
    within,
)
from verbind_bot.types import Answer, Citation, Reference, Source, Status

_SHOWN_SOURCES, _SHOWN_FOLLOW_UPS = 10, 3


@dataclass(frozen=True, slots=True)
class Places:
    """What links and buttons need: the works of the note, the address of the web page, and if answers are kept."""

    references: Mapping[str, Reference]
    public_url: str | None = None
    keeps: bool = True

    def passage(self, citation: Citation) -> str | None:
        """The address of the passage on the web page."""
        return f"{self.public_url.rstrip('/')}/passages/{quote(citation.passage_id)}" if self.public_url else None


def paragraphs(answer: Answer) -> list[str]:
    """The answer as escaped mrkdwn, with its lists and its notes."""
    return ["\n".join(map(_line, part.strip().splitlines())) for part in answer.text.split("\n\n") if part.strip()]


def _line(markdown: str) -> str:
    text = markdown.replace("**", "").replace("\\", "").strip()
    if note := re.fullmatch(r"\*([^*]+)\*", text):
        return f"_{plain(note[1])}_"
    return f"• {plain(text[2:])}" if text.startswith(("- ", "* ")) else plain(text)


def answer_blocks(answer: Answer, places: Places, share: bool = False) -> list[Block]:
    """The blocks of a posted answer; with `share` a button that shows it to the whole channel."""
    body = sections(paragraphs(answer))
    return within([*body, *closing_blocks(answer, places, share)], MESSAGE_BLOCKS, "De rest past niet in één bericht.")


def closing_blocks(answer: Answer, places: Places, share: bool = False) -> list[Block]:
    """What comes below the sentences."""
    blocks: list[Block] = []
    if answer.citations:
        lines = [_source(citation, places) for citation in answer.citations[:_SHOWN_SOURCES]]
        blocks.append(context(*lines))
    row = [button(text, f"vraag_{n}", text) for n, text in enumerate(answer.follow_ups[:_SHOWN_FOLLOW_UPS])]
    if row:
        blocks += [context("Vraag verder:"), actions(row)]
    if answer.status is Status.PRIVACY or not places.keeps:
        return blocks  # what is not kept cannot be opened, shared or judged later
    tools = []
    if answer.citations:
        tools.append(button("Bekijk de citaten", "citaten", answer.id))
    if share:
        tools.append(button("Deel in dit kanaal", "deel", answer.id))
    if tools:
        blocks.append(actions(tools))
    return [*blocks, _feedback(answer)]


def _source(citation: Citation, places: Places) -> str:
    where = plain(cut(source_line(citation, places.references), 200))
    url = places.passage(citation)
    return f"[{citation.n}] <{url}|{where}>" if url else f"[{citation.n}] {where}"


def _feedback(answer: Answer) -> Block:
    def one(text: str, verdict: str) -> Block:
        return {"text": label(text, 75), "value": f"{verdict}|{answer.id}"}

    element = {
        "type": "feedback_buttons",
        "action_id": "oordeel",
        "positive_button": one("Goed antwoord", "up"),
        "negative_button": one("Niet goed", "down"),
    }
    return {"type": "context_actions", "elements": [element]}


def quotes_view(answer: Answer, places: Places) -> Block:
    """A modal with the literal quote of every source, and whether the note relays a work."""
    blocks: list[Block] = []
    for citation in answer.citations:
        said = _says(citation, places)
        text = "\n".join(f"> {plain(line)}" for line in citation.quote.splitlines() if line.strip())
        blocks.append(section(f"*[{citation.n}]* {_source(citation, places).partition('] ')[2]}\n_{plain(said)}:_"))
        blocks += sections([text])
    shown = within(blocks, VIEW_BLOCKS, "Er zijn meer citaten dan hier passen.")
    return {"type": "modal", "title": label("Citaten", 24), "close": label("Sluiten", 24), "blocks": shown}


def _says(citation: Citation, places: Places) -> str:
    """Whose words these are: those of the note, of a work, of another source, or of a work by way of the note."""
    if citation.source is Source.OWN:
        return f"{citation.title} zegt zelf" if citation.is_work else f"De bron {citation.title} zegt"
    relayed = ", ".join(labels(citation, places.references))
    return f"De notitie geeft weer wat {relayed} zegt" if relayed else "De notitie zegt"


def short_text(answer: Answer) -> str:
    """What a notification says."""
    return cut(" ".join(" ".join(paragraphs(answer)).split()), 300)
