"""The answers that do not answer: not in the sources, outside their topic, or too vague to tell."""

from __future__ import annotations

from collections.abc import Sequence

from verbind_bot.answering.composing import cite
from verbind_bot.answering.reading import Reading
from verbind_bot.answering.suggesting import example_questions, next_questions
from verbind_bot.corpus.library import Corpus
from verbind_bot.prompts import SOURCE_NAME, Prompts
from verbind_bot.retrieval import Match, Retrieval
from verbind_bot.types import Answer, Citation, Status, new_answer_id


class Refusals:
    """Says what the sources do not know, and where a reader can go on."""

    def __init__(self, corpus: Corpus, prompts: Prompts) -> None:
        self._corpus = corpus
        self._prompts = prompts

    def refuse(self, reading: Reading, retrieval: Retrieval, status: Status) -> Answer:
        """A refusal: outside the topic with examples of questions, otherwise with the passages that come nearest."""
        if status is Status.OUT_OF_SCOPE:
            examples = example_questions(self._corpus)
            text = self._prompts.render(
                "buiten_onderwerp.md.j2", bron=SOURCE_NAME, voorbeelden=examples, engels=reading.english
            )
            return Answer(new_answer_id(), reading.question, status, text, follow_ups=examples)
        nearest = _nearest(retrieval.matches)
        suggestions = next_questions(reading.standalone, retrieval.matches, ())
        text = self._prompts.render(
            "niet_in_bronnen.md.j2",
            dichtbij=[
                {"kop": match.passage.heading, "titel": c.title, "locator": c.locator, "n": c.n}
                for match, c in zip(retrieval.matches, nearest, strict=False)
            ],
            vraag=suggestions[0] if suggestions else None,
            engels=reading.english,
        )
        return Answer(new_answer_id(), reading.question, status, text, citations=nearest, follow_ups=suggestions)

    def clarify(self, reading: Reading, retrieval: Retrieval) -> Answer:
        """A question back, with questions that may be meant."""
        suggestions = next_questions(reading.standalone, retrieval.matches, ()) or example_questions(self._corpus)
        text = self._prompts.render("verduidelijk.md.j2", voorbeelden=suggestions, engels=reading.english)
        return Answer(new_answer_id(), reading.question, Status.CLARIFY, text, follow_ups=suggestions)


def _nearest(matches: Sequence[Match], limit: int = 2) -> tuple[Citation, ...]:
    """The nearest passages of a refusal, as citations of their first statement."""
    return tuple(cite(n, m.passage, m.passage.statements[0]) for n, m in enumerate(matches[:limit], 1))
