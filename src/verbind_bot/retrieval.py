"""Question -> ranked passages: vectors, the passages' questions and words, fused."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from verbind_bot.corpus.library import Corpus
from verbind_bot.index.build import Index, passage_text
from verbind_bot.index.dutch import content_terms, words
from verbind_bot.index.embedding import Vectors
from verbind_bot.index.reranking import Reranker
from verbind_bot.index.vectors import best_per_passage, entry_id, passage_of
from verbind_bot.types import Passage, Source

Scores = NDArray[np.float64]
ROUTES = ("passages", "questions", "words")
_RERANKED = 20  # of the best passages are read again by a cross-encoder, when there is one


class Fusion(BaseModel):
    """The weights of `retrieval.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    candidates: int
    weights: dict[str, float]
    prior: dict[Source, float]
    lead: dict[Source, float]

    @classmethod
    def load(cls, path: Path = Path(__file__).with_name("retrieval.toml")) -> Fusion:
        """Read the weights."""
        return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Match:
    """A passage with its fused score and its raw score on each route (cosine, cosine, BM25)."""

    passage: Passage
    score: float
    passages: float
    questions: float
    words: float


@dataclass(frozen=True)
class Retrieval:
    """What was found for a question, best first, with what the question was compared by."""

    question: str
    vector: Vectors
    terms: tuple[str, ...]
    matches: tuple[Match, ...]
    nearest_question: str = ""
    timings_ms: Mapping[str, float] = field(default_factory=dict)


class Retriever:
    """Finds passages; holds no state of a question."""

    def __init__(
        self, corpus: Corpus, index: Index, fusion: Fusion | None = None, reranker: Reranker | None = None
    ) -> None:
        self._corpus = corpus
        self.index = index
        self._fusion = fusion or Fusion.load()
        self._reranker = reranker
        self._synonyms = _synonym_table(corpus)

    def search(self, question: str, limit: int = 50) -> Retrieval:
        """The `limit` best passages for a question that stands on its own.

        Method: weighted sum of z-scores over the union of the routes' candidates; a passage that a
        route did not bring in gets that route's lowest score, and one that carries no questions of
        its own counts on their route as it does on the passages' own. A list that is not far enough ahead lets the
        note's best passage go first. With a reranker the best twenty are put in its order.
        """
        started = time.perf_counter()
        vector = self.index.embedder.embed_queries([question])[0]
        embedded = time.perf_counter()
        terms = tuple(dict.fromkeys(self.index.words.analyzer.terms(question)))
        candidates = self._fusion.candidates
        asked = self.index.vectors.entries("questions", vector, 2 * candidates)
        routes = {
            "passages": self.index.vectors.search("passages", vector, candidates),
            "questions": best_per_passage(asked),
            "words": self._search_words(question, terms),
        }
        matches = self._fuse(routes)
        timings = {
            "embed": (embedded - started) * 1000,
            "retrieve": (time.perf_counter() - embedded) * 1000,
        }
        if self._reranker:
            started = time.perf_counter()
            matches = _reranked(question, matches, self._reranker)
            timings["rerank"] = (time.perf_counter() - started) * 1000
        return Retrieval(question, vector, terms, tuple(matches[:limit]), self._question_of(asked), timings)

    def _search_words(self, question: str, terms: Sequence[str]) -> dict[str, float]:
        found = self.index.words.search(terms, self._fusion.candidates)
        extra = [t for t in self.synonyms(question) if t not in terms]
        if extra:
            weight = self._fusion.weights["synonyms"]
            for key, score in self.index.words.search(extra, self._fusion.candidates).items():
                found[key] = found.get(key, 0.0) + weight * score
        return found

    def _question_of(self, asked: Mapping[str, float]) -> str:
        """The stored question that is nearest to the one that was put."""
        entry = next(iter(asked), "")
        passage = self._corpus.by_id.get(passage_of(entry))
        stored = passage.questions if passage else ()
        return next((question for question in stored if entry_id(passage_of(entry), question) == entry), "")

    def synonyms(self, question: str) -> list[str]:
        """The search terms of the other names of every term that the question names."""
        stems = f" {' '.join(content_terms(question))} "
        extra: list[str] = []
        for name, others in self._synonyms.items():
            if f" {name} " in stems:
                extra.extend(others)
        return list(dict.fromkeys(extra))

    def _fuse(self, routes: Mapping[str, Mapping[str, float]]) -> list[Match]:
        ids = list(dict.fromkeys(key for route in ROUTES for key in routes[route]))
        ids = [key for key in ids if key in self._corpus.by_id]
        if not ids:
            return []
        raw = np.array([_column(routes[route], ids, known_zero=route == "words") for route in ROUTES])
        asked = np.array([bool(self._corpus.by_id[key].questions) for key in ids])
        everywhere = np.ones_like(asked)
        z = np.array([_standard(raw[0], everywhere), _standard(raw[1], asked), _standard(raw[2], everywhere)])
        z[1] = np.where(asked, z[1], z[0])
        fused = np.array([self._fusion.weights[route] for route in ROUTES]) @ z
        fused += [self._fusion.prior.get(self._corpus.by_id[key].source, 0.0) for key in ids]
        order = np.argsort(-fused, kind="stable")
        found = [Match(self._corpus.by_id[ids[i]], float(fused[i]), *(float(x) for x in raw[:, i])) for i in order]
        return _note_first(found, self._fusion.lead)


def _note_first(matches: list[Match], lead: Mapping[Source, float]) -> list[Match]:
    """The best passage of the note first, unless a list about it is ahead by its `lead`."""
    ahead = [match.score - lead.get(match.passage.source, 0.0) for match in matches]
    best = max(ahead, default=0.0)
    return _reordered(matches, sorted(range(len(matches)), key=lambda n: ahead[n] < best))


def _reranked(question: str, matches: list[Match], reranker: Reranker) -> list[Match]:
    """The first matches in the order of a reranker."""
    first = matches[:_RERANKED]
    scores = reranker.scores(question, [passage_text(match.passage) for match in first])
    return _reordered(first, np.argsort(-scores, kind="stable").tolist()) + matches[_RERANKED:]


def _reordered(matches: Sequence[Match], order: Sequence[int]) -> list[Match]:
    """The matches in another order.

    The fused scores stay where they are: the second of the new order gets the second best score, so that what
    weighs the distances between them goes on meaning the same.
    """
    return [replace(matches[i], score=match.score) for i, match in zip(order, matches, strict=True)]


def _standard(scores: Scores, among: NDArray[np.bool_]) -> Scores:
    """The scores as z-scores, by the mean and spread `among` some of them."""
    counted = scores[among] if among.any() else scores
    standard: Scores = (scores - counted.mean()) / (float(counted.std()) or 1.0)
    return standard


def _column(scores: Mapping[str, float], ids: Sequence[str], known_zero: bool) -> list[float]:
    """A route's score for every candidate; for one that it did not bring in its lowest, or zero where known."""
    lowest = 0.0 if known_zero or not scores else min(scores.values())
    return [scores.get(key, lowest) for key in ids]


def _synonym_table(corpus: Corpus) -> dict[str, list[str]]:
    """Each name of a term, as stems in a row -> the stems of its other names."""
    table: dict[str, list[str]] = {}
    for term in corpus.terms:
        rows = {name: content_terms(name) for name in term.names if words(name)}
        for name, row in rows.items():
            others = [stem for other, stems in rows.items() if other != name for stem in stems if stem not in row]
            if row and others:
                table.setdefault(" ".join(row), []).extend(others)
    return table
