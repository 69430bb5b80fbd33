"""Question and conversation -> what to search for: whole, without typing errors, a term by its own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from verbind_bot.answering.glossary import Glossary
from verbind_bot.answering.reading import Reading, read_question
from verbind_bot.answering.rewriting import Rewriter
from verbind_bot.answering.wanted import Wanted
from verbind_bot.index.spelling import Spelling


class Understanding:
    """Reads questions; `rewriter` makes a follow-up whole with a language model."""

    def __init__(self, spelling: Spelling, glossary: Glossary, rewriter: Rewriter | None = None) -> None:
        self._spelling = spelling
        self._glossary = glossary
        self._rewriter = rewriter

    def read(self, question: str, history: Sequence[str] = ()) -> Reading:
        """Understand a question with the earlier ones; what a term means needs nothing of what went before."""
        reading = read_question(question, history)
        if reading.leans and self._glossary.asked(self._spelling.correct(question)):
            reading = read_question(question)
        if reading.leans and self._rewriter:
            whole = self._rewriter.rewrite(question, history)
            reading = replace(reading, standalone=whole or reading.standalone)
        return replace(self._mended(reading), parts=tuple(map(self._mended, reading.parts)))

    def _mended(self, reading: Reading) -> Reading:
        """Typing errors do not get in the way of finding; English has no Dutch ones."""
        term = None if reading.leans else self._glossary.asked(self._spelling.correct(reading.question))
        if term:
            return replace(reading, standalone=f"Wat is {term.term}?", wanted=Wanted.DEFINITION, term=term)
        if reading.english:
            return reading
        return replace(reading, standalone=self._spelling.correct(reading.standalone))
