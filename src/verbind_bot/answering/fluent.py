"""An extractive answer -> the same answer in a language model's words, or itself with a note when those will not do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from verbind_bot.answering.attributing import Verified
from verbind_bot.answering.composing import cite_span
from verbind_bot.answering.writing import Writer, Written
from verbind_bot.prompts import Prompts
from verbind_bot.types import Answer, Citation, CitedSentence, Passage, Status

Show = Callable[[CitedSentence], None]
MAX_PASSAGES = 6


class Fluent:
    """Says an answer in other words; the decision to answer, and what was found, stay as they are."""

    mode = "llm"

    def __init__(self, writer: Writer, prompts: Prompts) -> None:
        self._writer = writer
        self._prompts = prompts

    def say(
        self,
        answer: Answer,
        question: str,
        passages: Iterable[Passage],
        show: Show | None = None,
        english: bool = False,
    ) -> Answer:
        """The answer from the same passages, written by the model; `show` gets each verified sentence as it comes.

        Whoever asked in English reads why the answer is in Dutch.
        """
        numbered = _Numbered()
        said = (lambda sentence: show(numbered.add(sentence))) if show else None
        offered = list({passage.id: passage for passage in passages}.values())[:MAX_PASSAGES]
        written = self._writer.write(question, offered, said)
        if written.fallback:
            return self._fall_back(answer, written)
        numbered = _Numbered()
        sentences = tuple(numbered.add(sentence) for sentence in written.sentences)
        missing = answer.missing or (None if written.complete else self._prompts.render("taalmodel_onvolledig.md.j2"))
        return replace(
            answer,
            mode=self.mode,
            status=Status.PARTIAL if missing else Status.ANSWERED,
            text=self._prompts.render("taalmodel_antwoord.md.j2", zinnen=sentences, ontbreekt=missing, engels=english),
            sentences=sentences,
            citations=tuple(numbered.citations),
            missing=missing,
            writing=written.writing,
        )

    def _fall_back(self, answer: Answer, written: Written) -> Answer:
        wrote = written.fallback in ("dropped", "empty", "format")
        note = self._prompts.render("taalmodel_terugval.md.j2", antwoordde=wrote)
        return replace(answer, text=f"{answer.text}\n\n{note}", writing=replace(written.writing, kept=0))


class _Numbered:
    """Numbers the citations of sentences in the order in which they come."""

    def __init__(self) -> None:
        self.citations: list[Citation] = []
        self._places: dict[tuple[str, int, int], int] = {}

    def add(self, sentence: Verified) -> CitedSentence:
        """The sentence with the numbers of its citations."""
        numbers = tuple(dict.fromkeys(self._number(*quote) for quote in sentence.quotes))
        return CitedSentence(sentence.text, numbers)

    def _number(self, passage: Passage, start: int, end: int) -> int:
        place = (passage.id, start, end)
        if place not in self._places:
            self._places[place] = len(self.citations) + 1
            self.citations.append(cite_span(self._places[place], passage, start, end))
        return self._places[place]
