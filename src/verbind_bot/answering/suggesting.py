"""Questions that the corpus can answer, to ask next or instead."""

from __future__ import annotations

from collections.abc import Container, Sequence

from verbind_bot.answering.language import is_english
from verbind_bot.corpus.library import Corpus
from verbind_bot.index.dutch import content_terms
from verbind_bot.retrieval import Match
from verbind_bot.types import Passage, Source

_MIN_WORDS = 4


def next_questions(question: str, matches: Sequence[Match], used: Container[str], limit: int = 3) -> tuple[str, ...]:
    """Up to `limit` stored questions of the best passages that the answer did not use, none like `question`."""
    asked = set(content_terms(question))
    found: list[str] = []
    for match in matches:
        if match.passage.id in used or match.passage.source is not Source.NOTE:
            continue
        best = _plainest(match.passage, asked)
        if best and not any(_alike(best, other) for other in found):
            found.append(best)
        if len(found) == limit:
            break
    return tuple(found)


def example_questions(corpus: Corpus, limit: int = 3) -> tuple[str, ...]:
    """Questions for a newcomer: one each from passages spread evenly over the note."""
    asked = [q for p in corpus.passages if p.source is Source.NOTE if (q := _plainest(p, set()))]
    step = max(1, len(asked) // (limit + 1))
    return tuple(asked[step::step][:limit])


def _plainest(passage: Passage, asked: set[str]) -> str | None:
    """The first stored question that is a whole question and not what was asked already."""
    for question in passage.questions:
        whole = question.endswith("?") and len(question.split()) >= _MIN_WORDS and not is_english(question)
        terms = set(content_terms(question))
        if whole and (not asked or len(terms & asked) < 0.7 * max(1, len(terms))):
            return question
    return None


def _alike(a: str, b: str) -> bool:
    x, y = set(content_terms(a)), set(content_terms(b))
    return len(x & y) > 0.6 * max(1, min(len(x), len(y)))
