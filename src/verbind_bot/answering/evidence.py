"""What is known about whether the corpus answers a question, as numbers that a model can weigh."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from verbind_bot.answering.reading import Reading
from verbind_bot.answering.wanted import Wanted, holds_kind, wanted_answer
from verbind_bot.index.build import Index, statement_text
from verbind_bot.index.embedding import Vectors
from verbind_bot.index.vectors import entry_id
from verbind_bot.retrieval import Match, Retrieval
from verbind_bot.types import Passage, Source, Statement

_LOOKED_AT = 5  # passages whose figures become features
_QUOTED = 6  # passages whose statements are candidates for the answer
_STRICT = frozenset({Wanted.AMOUNT, Wanted.TIME, Wanted.PERSON, Wanted.PLACE, Wanted.REASON})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement that might answer: its cosine with the question, and its share of the question's terms."""

    match: Match
    statement: Statement
    terms: frozenset[str]
    similarity: float
    coverage: float

    @property
    def passage(self) -> Passage:
        """The passage that it stands in."""
        return self.match.passage


@dataclass(frozen=True)
class Evidence:
    """The candidates for an answer and the figures that say whether there is one."""

    candidates: tuple[Candidate, ...]
    features: Mapping[str, float]
    vector: Vectors
    source: Source | None = None  # of the best passage


def gather(reading: Reading, retrieval: Retrieval, index: Index) -> Evidence:
    """Score the statements of the best passages and measure the match between question and corpus.

    Features are cosines, shares between 0 and 1, or 0/1 flags; `docs/decisions/0004` says what each
    adds.
    """
    weights = {term: index.words.rarity(term) for term in retrieval.terms}
    candidates = tuple(_candidates(_asked(reading, retrieval, index), retrieval, index, weights))
    features = _features(reading, retrieval, candidates, index, weights)
    best = retrieval.matches[0].passage.source if retrieval.matches else None
    return Evidence(candidates, features, retrieval.vector, best)


def _asked(reading: Reading, retrieval: Retrieval, index: Index) -> Vectors:
    """What statements are compared with: the question, and of a follow-up for a half what it adds."""
    if not reading.leans:
        return retrieval.vector
    both = retrieval.vector + index.embedder.embed_queries([reading.question])[0]
    return np.asarray(both / np.linalg.norm(both), dtype=np.float32)


def _candidates(asked: Vectors, retrieval: Retrieval, index: Index, weights: Mapping[str, float]) -> list[Candidate]:
    keyed = [
        (match, statement, entry_id(match.passage.id, statement_text(match.passage, statement)))
        for match in retrieval.matches[:_QUOTED]
        for statement in match.passage.statements
    ]
    vectors = index.vectors.vectors("statements", list(dict.fromkeys(row[-1] for row in keyed)))
    none = np.zeros_like(retrieval.vector)
    return [
        Candidate(
            match,
            statement,
            terms := frozenset(index.words.analyzer.terms(statement.text)),
            float(vectors.get(key, none) @ asked),
            covered(weights, terms),
        )
        for match, statement, key in keyed
    ]


def covered(weights: Mapping[str, float], terms: Collection[str]) -> float:
    """The share of the question's terms, each by its rarity, that are among `terms`; 0 for no terms."""
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in terms) / total if total else 0.0


def _features(
    reading: Reading,
    retrieval: Retrieval,
    candidates: Sequence[Candidate],
    index: Index,
    weights: Mapping[str, float],
) -> dict[str, float]:
    matches = retrieval.matches[:_LOOKED_AT]
    if not matches:
        return dict.fromkeys(FEATURES, 0.0)
    terms_of = {m.passage.id: frozenset(index.words.analyzer.terms(_all_text(m.passage))) for m in matches}
    top = matches[0]
    unknown = [term for term in weights if not index.words.knows(term)]
    strict = reading.wanted in _STRICT
    has_kind = any(holds_kind(c.statement.text, reading.wanted) for c in candidates if c.passage is top.passage)
    best = max(candidates, key=lambda c: c.similarity)
    similarity, asked = max(m.passages for m in matches), max(m.questions for m in matches)
    return {
        "passage_similarity": similarity,
        "question_similarity": asked,
        "question_gain": max(0.0, asked - similarity),
        "background": float(np.mean([m.passages for m in retrieval.matches])),
        "top_question_similarity": top.questions,
        "statement_similarity": best.similarity,
        "margin": top.score - matches[-1].score,
        "agreement": float(_routes_agree(matches)),
        "coverage_top": covered(weights, terms_of[top.passage.id]),
        "coverage_best": max(covered(weights, terms) for terms in terms_of.values()),
        "coverage_statement": max(c.coverage for c in candidates),
        "unknown": sum(weights[t] for t in unknown) / sum(weights.values()) if weights else 0.0,
        "kind_missing": float(strict and not has_kind),
        "asked_alike": float(wanted_answer(retrieval.nearest_question) is reading.wanted),
        "wants_amount": float(reading.wanted is Wanted.AMOUNT),
        "wants_time": float(reading.wanted is Wanted.TIME),
        "wants_person": float(reading.wanted is Wanted.PERSON),
        "english": float(reading.english),
        "length": min(len(weights), 12) / 12,
    }


# Those that mean the same over any text, also over passages without questions of their own.
GENERAL = [
    "passage_similarity",
    "question_gain",
    "background",
    "statement_similarity",
    "coverage_top",
    "coverage_best",
    "coverage_statement",
    "unknown",
    "kind_missing",
    "wants_amount",
    "wants_time",
    "wants_person",
    "english",
    "length",
]
# Those of them that words alone tell: they mean the same with every embedding model.
BY_WORDS = [
    "coverage_top",
    "coverage_best",
    "coverage_statement",
    "unknown",
    "kind_missing",
    "wants_amount",
    "wants_time",
    "wants_person",
    "english",
    "length",
]
FEATURES = [*GENERAL, "question_similarity", "top_question_similarity", "margin", "agreement", "asked_alike"]


def _routes_agree(matches: Sequence[Match]) -> bool:
    """Whether every route to a passage puts the same one first."""
    firsts = {
        max(matches, key=lambda m: m.passages).passage.id,
        max(matches, key=lambda m: m.questions).passage.id,
        max(matches, key=lambda m: m.words).passage.id,
    }
    return len(firsts) == 1


def _all_text(passage: Passage) -> str:
    return " ".join((passage.title, passage.heading, passage.text, *passage.questions))
