"""Candidates -> the statements that make the answer, best first and within the length that people read."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from verbind_bot.answering.evidence import Candidate
from verbind_bot.answering.reading import Reading
from verbind_bot.answering.wanted import Wanted
from verbind_bot.retrieval import Match
from verbind_bot.types import Passage, Source

_SAME = 0.75


class Selection(BaseModel):
    """The weights of `selection.toml`; lengths in words, the rest on the scale of a cosine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_words: int
    soft_words: int
    passages: int
    passage_weight: float
    section_weight: float
    section_lead: float
    aside: float
    drop: float

    @classmethod
    def load(cls, path: Path = Path(__file__).with_name("selection.toml")) -> Selection:
        """Read the weights."""
        return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))

    def choose(self, reading: Reading, candidates: Sequence[Candidate], words: int | None = None) -> list[Candidate]:
        """The statements of the answer: grouped by passage, the group and the statement that fit best first.

        An answer is as long as its question needs: what lies far under the best statement is left out, and the
        surer the section, the more its statements go before those of others. `words` limits the length further (for
        one part of a double question). The explanation of a term that is asked for goes before all else. At least one
        statement is chosen when there is a candidate.
        """
        if not candidates:
            return []
        top = max(candidates, key=lambda c: c.match.score).match
        explained = reading.term.passage_id if reading.term else ""
        own = self.section_weight * self._lead(candidates, top)
        scored = sorted(
            ((self._score(c, top, own), n, c) for n, c in enumerate(candidates)),
            key=lambda row: (row[2].passage.id != explained, -row[0], row[1]),
        )
        best_score = max(score for score, _, _ in scored)
        hard = min(words or self.max_words, self.max_words)
        soft = min(words or self.soft_words, self.soft_words)
        chosen: list[Candidate] = []
        length = 0
        for score, _, candidate in scored:
            if chosen and (score < best_score - self.drop or length >= soft):
                continue
            size = len(candidate.statement.text.split())
            places = {c.passage.id for c in chosen} | {candidate.passage.id}
            if chosen and (length + size > hard or len(places) > self.passages):
                continue
            if any(_says_the_same(candidate, c) for c in chosen):
                continue
            chosen.append(candidate)
            length += size
        return _in_reading_order(chosen, best_first=reading.wanted is Wanted.DEFINITION)

    def _score(self, candidate: Candidate, top: Match, own: float) -> float:
        score = candidate.similarity - self.passage_weight * (top.score - candidate.match.score)
        if candidate.passage.locator == top.passage.locator:
            score += own
        if _is_aside(candidate.passage):
            score -= self.aside
        return score

    def _lead(self, candidates: Sequence[Candidate], top: Match) -> float:
        """How far, in points of the fused score, the section of the best passage is ahead of the next one."""
        others = [c.match.score for c in candidates if c.passage.locator != top.passage.locator]
        return min(top.score - max(others), self.section_lead) if others else self.section_lead


def _in_reading_order(chosen: Sequence[Candidate], best_first: bool) -> list[Candidate]:
    """Passages in the order in which they came up, the note itself before terms and works.

    Most of a passage comes as its text has it, a smaller part best first. With `best_first` the best statement opens
    the answer in any case, as a definition should.
    """
    groups: dict[str, list[Candidate]] = {}
    for candidate in chosen:
        groups.setdefault(candidate.passage.id, []).append(candidate)
    ordered: list[Candidate] = []
    for group in groups.values() if best_first else sorted(groups.values(), key=lambda g: _is_aside(g[0].passage)):
        rest = sorted(group, key=lambda c: c.statement.start)
        if best_first or len(group) * 2 <= len(group[0].passage.statements):
            rest.remove(group[0])
            rest.insert(0, group[0])
        ordered += rest
    return ordered


def _is_aside(passage: Passage) -> bool:
    """Whether a passage is a term's explanation or a work's annotation rather than the note itself."""
    return passage.source in (Source.TERM, Source.REFERENCE)


def _says_the_same(a: Candidate, b: Candidate) -> bool:
    """Whether two statements share nearly all of the words that carry meaning."""
    return len(a.terms & b.terms) >= _SAME * max(1, min(len(a.terms), len(b.terms)))
