"""A drafted sentence with its quotes -> the sentence with the places of those quotes, or why it may not be shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from verbind_bot.answering.drafting import DraftSentence
from verbind_bot.answering.quoting import locate
from verbind_bot.answering.verifying import Claim, Reason, Verifier
from verbind_bot.types import Passage

_LONGEST = 45  # words in one sentence
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)|\w@\w|\]\(")


@dataclass(frozen=True, slots=True)
class Verified:
    """A sentence that its quotes support: each a passage with the span of the quote in its text."""

    text: str
    quotes: tuple[tuple[Passage, int, int], ...]


Verify = Callable[[DraftSentence, Sequence[Passage]], Verified | Reason]


class Attribution:
    """Holds a sentence to the quotes that it names."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    def verify(self, sentence: DraftSentence, passages: Sequence[Passage]) -> Verified | Reason:
        """The sentence with the places of its quotes, or why it is not shown."""
        if _LINK.search(sentence.text):
            return Reason.LINK
        if len(sentence.text.split()) > _LONGEST:
            return Reason.TOO_LONG
        if not sentence.sources:
            return Reason.NO_SOURCE
        quotes: list[tuple[Passage, int, int]] = []
        for source in sentence.sources:
            if not 1 <= source.passage <= len(passages):
                return Reason.NO_PASSAGE
            passage = passages[source.passage - 1]
            span = locate(source.quote, passage)
            if span is None:
                return Reason.QUOTE_ABSENT
            quotes.append((passage, *span))
        kept = tuple(dict.fromkeys(quotes))
        objection = self._verifier.objection(_claim(sentence.text, kept))
        return objection or Verified(sentence.text, kept)


def _claim(text: str, quotes: Sequence[tuple[Passage, int, int]]) -> Claim:
    quoted = "\n".join(passage.text[start:end] for passage, start, end in quotes)
    headings = " ".join(dict.fromkeys(f"{passage.title}. {passage.heading}." for passage, _, _ in quotes))
    items = [len(s.items) for p, start, end in quotes for s in p.statements if start <= s.start < end]
    return Claim(text, quoted, headings, frozenset(items))
