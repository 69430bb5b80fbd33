"""A drafted sentence with its quotes -> the sentence with the places of those quotes, or why it may not be shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from verbind_bot.answering.drafting import DraftSentence
from verbind_bot.answering.quoting import locate
from verbind_bot.answering.verifying import Claim, Reason, Verifier
from verbind_bot.types import Passage, Source, Statement

_LONGEST = 45  # words in one sentence
_MOST_SOURCES = 4  # for one sentence
_TOGETHER = 2  # statements that may support one sentence together
_ADDRESS = re.compile(r"(?i)\b(?:https?://|www\.)[^\s)]*[^\s).,;:!?]")
_MARKUP = re.compile(r"\w@\w|\]\(")

Quote = tuple[Passage, int, int]
# What a source says to whoever writes the answer; nothing that follows from it is something that the source knows.
_ORDER = re.compile(
    r"(?i)\b(?:negeer|vergeet|ignore|disregard)\b.{0,60}\b(?:instructie|regels|opdracht|instruction|rules|prompt)|"
    r"\b(?:antwoord|zeg|schrijf|meld|answer|say|write)\b.{0,25}\b(?:altijd|voortaan|alleen|always|only)\b|"
    r"\b(?:je bent nu|you are now|system prompt|systeemprompt|taalmodel|language model)\b|^\s*(?:system|assistant)\s*:"
)


@dataclass(frozen=True, slots=True)
class Verified:
    """A sentence that its quotes support: each a passage with the span of the quote in its text."""

    text: str
    quotes: tuple[Quote, ...]


Verify = Callable[[DraftSentence, Sequence[Passage]], Verified | Reason]


class Attribution:
    """Holds a sentence to the quotes that it names."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    def verify(self, sentence: DraftSentence, passages: Sequence[Passage]) -> Verified | Reason:
        """The sentence with the places of the quotes that support it, or why it is not shown."""
        if fault := _fault(sentence):
            return fault
        kept: list[Quote] = []
        objections: list[Reason] = []
        # Each quote is held to the sentence by itself: pieces of several could be put together into what none says.
        for source in sentence.sources[:_MOST_SOURCES]:
            if not 1 <= source.passage <= len(passages):
                return Reason.NO_PASSAGE
            passage = passages[source.passage - 1]
            span = locate(source.quote, passage)
            if span is None:
                return Reason.QUOTE_ABSENT
            found = self._support(sentence.text, passage, *span)
            if isinstance(found, Reason):
                objections.append(found)
            elif found not in kept:
                kept.append(found)
        return Verified(sentence.text, tuple(kept)) if kept else objections[0]

    def _support(self, text: str, passage: Passage, start: int, end: int) -> Quote | Reason:
        """The statement between `start` and `end` that supports `text` by itself, or the objection to the last.

        Two statements that are quoted together may say it together. A longer quote holds the pieces of more than it
        says.
        """
        objection = Reason.QUOTE_ABSENT
        quoted = [statement for statement in passage.statements if start <= statement.start < end]
        for statement in quoted:
            found = self._objection(_claim(text, passage, statement), passage)
            if found is None:
                return passage, statement.start, statement.end
            objection = found
        together = len(quoted) == _TOGETHER and not self._objection(_claim(text, passage, *quoted), passage)
        return (passage, start, end) if together else objection

    def _objection(self, claim: Claim, passage: Passage) -> Reason | None:
        return _untrusted(claim, passage) or self._verifier.objection(claim)


def _fault(sentence: DraftSentence) -> Reason | None:
    """Why a sentence is not shown whatever its quotes say."""
    if _MARKUP.search(sentence.text):
        return Reason.LINK
    if len(sentence.text.split()) > _LONGEST:
        return Reason.TOO_LONG
    return None if sentence.sources else Reason.NO_SOURCE


def _untrusted(claim: Claim, passage: Passage) -> Reason | None:
    """Why a quote may not be relied on for this sentence; an address has to stand in it, and not in an added source."""
    known = [] if passage.source is Source.OWN else _ADDRESS.findall(claim.quote)
    if any(address not in known for address in _ADDRESS.findall(claim.sentence)):
        return Reason.LINK
    return Reason.ORDER if _ORDER.search(claim.quote) else None


def _claim(text: str, passage: Passage, *quoted: Statement) -> Claim:
    """A claim about statements of a passage that stand behind each other."""
    counts = frozenset(len(statement.items) for statement in quoted if statement.items)
    return Claim.about(text, passage.quote(*quoted), passage, counts, joined=len(quoted) > 1)
