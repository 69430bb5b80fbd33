"""Greetings, thanks and "wat kan je?": messages that ask nothing of the sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from verbind_bot.index.dutch import has_words, words
from verbind_bot.prompts import Phrase

_FILLERS = frozenset(
    [
        "hoor",
        "alvast",
        "even",
        "eens",
        "nou",
        "zeg",
        "ook",
        "maar",
        "heel",
        "erg",
        "dan",
        "precies",
        "eigenlijk",
        "bot",
        "assistent",
        "verbind",
    ]
)


class SmallTalk:
    """Recognises whole messages of small talk."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._templates = {_key(message): phrase.template for phrase in phrases for message in phrase.messages}

    def template_for(self, message: str) -> str | None:
        """The template that answers `message`, or None when any part of it asks something."""
        whole = self._templates.get(_key(message))
        if whole:
            return whole
        parts = [self._templates.get(_key(part)) for part in re.split(r"[,.!?\n]+", message) if words(part)]
        return parts[-1] if parts and all(parts) else None

    def without(self, messages: Sequence[str]) -> list[str]:
        """The messages that are about something: no small talk, and some words."""
        return [one for one in messages if has_words(one) and self.template_for(one) is None]


def _key(message: str) -> str:
    found = words(message)
    return " ".join(word for word in found if word not in _FILLERS) or " ".join(found)
