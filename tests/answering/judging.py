"""A judge of sentence and quote whose answers a test sets."""

from __future__ import annotations


class Sure:
    """Knows one passage, and gives each quote that has `needed` in it the same probability, others none."""

    enough, sure = 0.6, 0.9

    def __init__(self, probability, passage, needed=""):
        self._probability = probability
        self._passage = passage
        self._needed = needed

    def knows(self, passage):
        return passage == self._passage

    def support(self, sentence, quote):
        return self._probability if self._needed in quote else 0.0
