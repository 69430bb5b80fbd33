"""A drafted sentence with its quotes -> the sentence with the places of those quotes, or why it may not be shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from verbind_bot.answering.drafting import DraftSentence
from verbind_bot.answering.quoting import locate
from verbind_bot.answering.verifying import Claim, Reason, Verifier
from verbind_bot.types import Passage

_LONGEST = 45  # words in one sentence
_MOST_SOURCES = 4  # for one sentence
_MOST_STATEMENTS = 2  # in one quote
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)|\w@\w|\]\(")


Quote = tuple[Passage, int, int]


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
        if _LINK.search(sentence.text):
            return Reason.LINK
        if len(sentence.text.split()) > _LONGEST:
            return Reason.TOO_LONG
        if not sentence.sources:
            return Reason.NO_SOURCE
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
        """The fewest statements between `start` and `end` that support `text`, or the objection to all of them."""
        objection: Reason | None = None
        for first, last in _windows([(s.start, s.end) for s in passage.statements if start <= s.start < end]):
            found = self._verifier.objection(_claim(text, passage, first, last))
            if found is None:
                return passage, first, last
            objection = found
        return objection or Reason.QUOTE_ABSENT


def _windows(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Each of `spans`, then each run of neighbours: a longer quote holds the pieces of more than it says."""
    for size in range(1, min(_MOST_STATEMENTS, len(spans)) + 1):
        for at in range(len(spans) - size + 1):
            yield spans[at][0], spans[at + size - 1][1]


def _claim(text: str, passage: Passage, start: int, end: int) -> Claim:
    items = [len(s.items) for s in passage.statements if start <= s.start < end]
    heading = f"{passage.title}. {passage.heading}."
    return Claim(text, passage.text[start:end], heading, frozenset(items))
