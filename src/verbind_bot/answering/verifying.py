"""Does a quote support a sentence? Checked before a sentence of a language model is shown.

Method: the quote stands literally in the passage (`quoting`); then rules on what a sentence may not have that its quote
lacks: numbers, names, denials, opposites, words in each other's place, stronger words, and words that are neither in
the quote nor an equivalent of one that is. Each rule has its words in a data file beside it (docs/decisions/0009). Over
the text that it has learned from, a judge reads sentence and quote together after them: it may object where no rule
does, and overrule all of them but those on numbers and names, the surer the graver the objection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from verbind_bot.answering import claims
from verbind_bot.answering.numerals import misplaced, numbers
from verbind_bot.answering.strength import stronger
from verbind_bot.answering.wording import Wording
from verbind_bot.index.dutch import Analyzer
from verbind_bot.index.entailment import Entailment
from verbind_bot.types import Passage, Term


class Reason(StrEnum):
    """Why a sentence is not shown."""

    NO_SOURCE = "no_source"
    NO_PASSAGE = "no_passage"
    QUOTE_ABSENT = "quote_absent"
    NUMBER = "number"
    NAME = "name"
    DENIAL = "denial"
    OPPOSITE = "opposite"
    SWAPPED = "swapped"
    STRONGER = "stronger"
    INVENTED = "invented"
    UNSUPPORTED = "unsupported"
    TOO_LONG = "too_long"
    LINK = "link"
    ORDER = "order"


FINAL = (Reason.NUMBER, Reason.NAME)  # whatever the judge says
GRAVE = (Reason.DENIAL, Reason.OPPOSITE, Reason.SWAPPED, Reason.STRONGER)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with the text that must support it, and the headings under which that text stands.

    `counts` holds the lengths of the quoted lists: "vier stappen" may count them. `passage` is the whole text that the
    quote stands in: the judge speaks only of passages that it has learned from, as they were then. A quote that is
    `joined` out of several statements counts only when the judge is sure: to the rules, words of all may make what
    none says.
    """

    sentence: str
    quote: str
    heading: str = ""
    counts: frozenset[int] = frozenset()
    passage: str = ""
    joined: bool = False

    @classmethod
    def about(
        cls, sentence: str, quote: str, passage: Passage, counts: frozenset[int] = frozenset(), joined: bool = False
    ) -> Claim:
        """A claim about a quote of a passage."""
        return cls(sentence, quote, f"{passage.title}. {passage.heading}.", counts, passage.text, joined)


class Verifier:
    """Judges claims; holds no state of a claim."""

    def __init__(self, analyzer: Analyzer, terms: Sequence[Term] = (), entailment: Entailment | None = None) -> None:
        """Without `entailment` the rules decide alone."""
        self._wording = Wording(analyzer, terms)
        self._entailment = entailment

    def objection(self, claim: Claim) -> Reason | None:
        """Why the quote does not support the sentence, or None when it does."""
        found = self._by_rules(claim)
        judge = self._entailment
        if found in FINAL or not judge or claim.sentence.rstrip(".") in claim.quote or not judge.knows(claim.passage):
            return found
        bars = judge.bars
        needed = bars.certain if found in GRAVE else bars.sure if found else bars.enough
        if judge.support(claim.sentence, claim.quote) >= needed:
            return None
        return found or Reason.UNSUPPORTED

    def _by_rules(self, claim: Claim) -> Reason | None:
        sentence, quote = claim.sentence, claim.quote
        known = Counter(numbers(quote)) + Counter({str(count): 1 for count in claim.counts})
        if Counter(numbers(sentence)) - known or misplaced(sentence, quote):
            return Reason.NUMBER
        if claims.foreign_names(sentence, quote):
            return Reason.NAME
        if claims.denies_otherwise(sentence, quote):
            return Reason.DENIAL
        if claims.opposed(sentence, quote):
            return Reason.OPPOSITE
        if claims.swapped(sentence, quote):
            return Reason.SWAPPED
        if stronger(sentence, quote):
            return Reason.STRONGER
        doubted = claim.joined or self._wording.invented(sentence, quote, claim.heading)
        return Reason.INVENTED if doubted else None
