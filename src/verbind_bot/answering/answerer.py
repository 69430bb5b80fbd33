"""Question -> Answer: read, retrieve, weigh the evidence, then compose or refuse."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from verbind_bot.answering.abstention import Abstention, Verdict
from verbind_bot.answering.composing import compose
from verbind_bot.answering.evidence import Candidate, Evidence, gather
from verbind_bot.answering.fluent import Fluent, Show
from verbind_bot.answering.glossary import Glossary
from verbind_bot.answering.reading import Reading
from verbind_bot.answering.refusing import Refusals
from verbind_bot.answering.rewriting import Rewriter
from verbind_bot.answering.selection import Selection
from verbind_bot.answering.smalltalk import SmallTalk
from verbind_bot.answering.suggesting import example_questions, next_questions
from verbind_bot.answering.understanding import Understanding
from verbind_bot.corpus.library import Corpus
from verbind_bot.index.build import Index
from verbind_bot.index.dutch import has_words, words
from verbind_bot.index.reranking import Reranker
from verbind_bot.prompts import SOURCE_NAME, Prompts
from verbind_bot.retrieval import Fusion, Match, Retrieval, Retriever
from verbind_bot.types import Answer, Passage, Retrieved, Status, new_answer_id

_SHOWN = 10  # passages that an answer says it found
_LIKELY = 5  # passages whose stored questions may be what a short question asks


class Answerer:
    """Answers questions that hold no personal data; keeps nothing between two questions."""

    def __init__(
        self,
        corpus: Corpus,
        index: Index,
        prompts: Prompts,
        abstention: Abstention | None = None,
        selection: Selection | None = None,
        fusion: Fusion | None = None,
        fluent: Fluent | None = None,
        rewriter: Rewriter | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        """Without them, the decision to answer, the choice of statements and the fusion are those that we ship.

        `fluent` and `rewriter` use a language model; without them answers are extractive.
        """
        self._corpus = corpus
        self._index = index
        self._prompts = prompts
        self._retriever = Retriever(corpus, index, fusion, reranker)
        self._abstention = abstention or Abstention.load(model=index.embedder.name)
        self._selection = selection or Selection.load()
        self._smalltalk = SmallTalk(prompts.phrases())
        self._refusals = Refusals(corpus, prompts)
        self._fluent = fluent
        self._understanding = Understanding(index.words.spelling, Glossary(corpus.terms), rewriter)

    def answer(self, question: str, history: Sequence[str] = (), show: Show | None = None) -> Answer:
        """Answer `question`, understood with the earlier questions of the conversation.

        With a language model, `show` gets each verified sentence as soon as it is written.
        """
        started = time.perf_counter()
        template = self._smalltalk.template_for(question)
        if template:
            examples = example_questions(self._corpus)
            text = self._prompts.render(template, bron=SOURCE_NAME, voorbeelden=examples)
            return _finish(Answer(new_answer_id(), question, Status.ANSWERED, text, follow_ups=examples), {}, started)
        reading = self._read(question, history)
        retrieval = self._retriever.search(reading.standalone)
        answer = self._compose(reading, retrieval)
        retrieved = tuple(
            Retrieved(m.passage.id, m.passage.locator, round(m.score, 4)) for m in retrieval.matches[:_SHOWN]
        )
        answer, timings = replace(answer, retrieved=retrieved), dict(retrieval.timings_ms)
        if self._fluent and answer.sentences:
            composed = time.perf_counter()
            offered = self._offered(answer)
            answer = self._fluent.say(answer, reading.standalone, offered, show, reading.english)
            timings["write"] = (time.perf_counter() - composed) * 1000
        return _finish(answer, timings, started)

    def _offered(self, answer: Answer) -> list[Passage]:
        """The passages to write from: those that the extractive answer quotes, so that no model cites worse ones."""
        return [self._corpus.by_id[key] for key in dict.fromkeys(c.passage_id for c in answer.citations)]

    def search(self, text: str, limit: int) -> tuple[Match, ...]:
        """The `limit` passages nearest to `text`, best first."""
        return self._retriever.search(self._index.words.spelling.correct(text), limit).matches

    def examples(self) -> tuple[str, ...]:
        """Questions for a newcomer."""
        return example_questions(self._corpus)

    def evidence(self, question: str, history: Sequence[str] = ()) -> Evidence:
        """The evidence for an answer, for fitting and explaining the decision."""
        reading = self._read(question, history)
        return gather(reading, self._retriever.search(reading.standalone), self._index)

    def _read(self, question: str, history: Sequence[str]) -> Reading:
        """What a question asks; small talk before it is no context."""
        return self._understanding.read(question, self._smalltalk.without(history))

    def _compose(self, reading: Reading, retrieval: Retrieval) -> Answer:
        if reading.term is None and self._is_vague(reading, retrieval):
            return self._refusals.clarify(reading, retrieval)
        evidence = gather(reading, retrieval, self._index)
        verdict = self._weigh(reading, evidence)
        answer = self._decided(reading, retrieval, evidence, verdict.status)
        return replace(answer, confidence=round(verdict.confidence, 3))

    def _weigh(self, reading: Reading, evidence: Evidence) -> Verdict:
        """Whether to answer; what the corpus says it answers needs no estimate."""
        return Verdict(Status.ANSWERED, 1.0) if _is_known(reading, evidence) else self._abstention.weigh(evidence)

    def _decided(self, reading: Reading, retrieval: Retrieval, evidence: Evidence, status: Status) -> Answer:
        if len(reading.parts) > 1:
            return self._answer_parts(reading, retrieval, evidence, status)
        if status is not Status.ANSWERED:
            return self._refusals.refuse(reading, retrieval, status)
        return self._answer(reading, retrieval, self._selection.choose(reading, evidence.candidates))

    def _answer_parts(self, reading: Reading, whole: Retrieval, evidence: Evidence, status: Status) -> Answer:
        """Answer each part of a double question from its own evidence, and say which part has no answer."""
        budget = self._selection.max_words // len(reading.parts)
        chosen: list[Candidate] = []
        unanswered: list[str] = []
        for part in reading.parts:
            found = gather(part, self._retriever.search(part.standalone), self._index)
            if self._weigh(part, found).status is Status.ANSWERED:
                picked = self._selection.choose(part, found.candidates, budget)
                chosen += [c for c in picked if all(c.statement is not d.statement for d in chosen)]
            else:
                unanswered.append(part.question)
        if len(unanswered) == len(reading.parts):
            if status is not Status.ANSWERED:
                return self._refusals.refuse(reading, whole, status)
            return self._answer(reading, whole, self._selection.choose(reading, evidence.candidates))
        missing = self._prompts.render("ontbreekt.md.j2", deel=" ".join(unanswered)) if unanswered else None
        return self._answer(reading, whole, chosen, missing)

    def _answer(
        self, reading: Reading, retrieval: Retrieval, chosen: Sequence[Candidate], missing: str | None = None
    ) -> Answer:
        composed = compose(chosen, self._prompts, reading.english, missing)
        if not composed.sentences:
            return self._refusals.refuse(reading, retrieval, Status.NOT_IN_CORPUS)
        return Answer(
            new_answer_id(),
            reading.question,
            Status.PARTIAL if missing else Status.ANSWERED,
            composed.text,
            sentences=composed.sentences,
            citations=composed.citations,
            follow_ups=next_questions(reading.standalone, retrieval.matches, {c.passage.id for c in chosen}),
            missing=missing,
        )

    def _is_vague(self, reading: Reading, retrieval: Retrieval) -> bool:
        """Whether a question has no words, or few and none that points somewhere, and nobody asked it like this."""
        if not has_words(reading.standalone):
            return True
        short = not reading.leans and len(retrieval.terms) < 3
        if not short or not all(map(self._index.words.is_common, retrieval.terms)):
            return False
        terms, asked = self._index.words.analyzer.terms, set(retrieval.terms)
        stored = (q for match in retrieval.matches[:_LIKELY] for q in match.passage.questions)
        return all(set(terms(question)) != asked for question in stored)


def _is_known(reading: Reading, evidence: Evidence) -> bool:
    """Whether the passages that were found explain the term that is asked for, or have the question among theirs."""
    passages = {c.passage.id: c.passage for c in evidence.candidates}
    if reading.term:
        return reading.term.passage_id in passages
    asked = words(reading.question)
    return any(words(question) == asked for passage in passages.values() for question in passage.questions)


def _finish(answer: Answer, timings: dict[str, float], started: float) -> Answer:
    total = (time.perf_counter() - started) * 1000
    rest = total - sum(timings.values())
    spent = {"embed": 0.0, "retrieve": 0.0, **timings, "compose": rest, "total": total}
    return replace(answer, timings_ms={step: round(ms, 2) for step, ms in spent.items()})
