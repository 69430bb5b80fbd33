"""A judge of sentence and quote whose answers a test sets."""

from __future__ import annotations

from verbind_bot.index.entailment import Bars


class Sure:
    """Knows one passage, and gives each quote that has `needed` in it the same probability, others none."""

    bars = Bars(enough=0.6, sure=0.9, certain=0.98)

    def __init__(self, probability, passage, needed=""):
        self._probability = probability
        self._passage = passage
        self._needed = needed

    def knows(self, passage):
        return passage == self._passage

    def support(self, sentence, quote):
        return self._probability if self._needed in quote else 0.0
