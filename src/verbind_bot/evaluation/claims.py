"""How well the verifier tells supported sentences from fabricated ones, on labelled claims (`claims-<split>.jsonl`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from verbind_bot.answering.attributing import Verify
from verbind_bot.answering.drafting import DraftSentence, DraftSource
from verbind_bot.errors import CorpusError
from verbind_bot.evaluation.checking import Finding
from verbind_bot.types import Passage

Kind = Literal["paraphrase", "number", "name", "negation", "source", "invention", "overclaim"]
SPLITS = ("dev", "test")


class LabelledClaim(BaseModel):
    """A sentence as a language model could write it for a quote, and whether the quote supports it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: Kind
    passage: str
    quote: str = Field(min_length=1)
    sentence: str = Field(min_length=1)
    supported: bool
    style: Literal["near", "medium", "free", ""] = ""
    why: str = ""

    @model_validator(mode="after")
    def _agrees(self) -> LabelledClaim:
        if self.supported != (self.kind == "paraphrase") or (self.supported != bool(self.style)):
            raise ValueError("only a paraphrase is supported, and it has a style")
        return self


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled claim and why the verifier would not show it; None when it would."""

    claim: LabelledClaim
    reason: str | None

    @property
    def right(self) -> bool:
        """Whether the verifier shows what is supported and drops what is not."""
        return self.claim.supported == (self.reason is None)


def load_claims(path: Path) -> list[LabelledClaim]:
    """Read labelled claims. Raises CorpusError with file and line for a record that is broken or double."""
    found: dict[str, LabelledClaim] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            claim = LabelledClaim.model_validate(json.loads(line))
        except (json.JSONDecodeError, ValidationError) as error:
            raise CorpusError(f"deze regel klopt niet: {error}", str(path), number) from error
        if claim.id in found:
            raise CorpusError(f"'{claim.id}' komt twee keer voor.", str(path), number)
        found[claim.id] = claim
    return list(found.values())


def judge(claims: Iterable[LabelledClaim], passages: Mapping[str, Passage], verify: Verify) -> list[Judged]:
    """Put every claim to the verifier as a model would: a sentence, a passage and a quote.

    Raises CorpusError for a passage or a quote that the corpus does not have (any more).
    """
    judged = []
    for claim in claims:
        passage = passages.get(claim.passage)
        if passage is None or claim.quote not in passage.text:
            raise CorpusError(f"bewering '{claim.id}': het citaat staat niet (meer) in passage '{claim.passage}'.")
        sources = (DraftSource(passage=1, quote=claim.quote),)
        found = verify(DraftSentence(text=claim.sentence, sources=sources), [passage])
        judged.append(Judged(claim, str(found) if isinstance(found, str) else None))
    return judged


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """`caught` (share of fabrications that are dropped) and `dropped` (share of paraphrases that are), also by kind.

    A kind or style is named behind a colon: `caught:number`, `dropped:near`.
    """
    return {key: sum(one.reason is not None for one in row) / len(row) for key, row in _rows(judged).items()}


def counts(judged: Sequence[Judged]) -> dict[str, int]:
    """How many claims each figure is about."""
    return {key: len(row) for key, row in _rows(judged).items()}


def check(split: str, judged: Sequence[Judged], limits: Mapping[str, float]) -> list[Finding]:
    """The figures that miss their limit: a minimum for what is caught, a maximum for what is wrongly dropped."""
    found, rows = figures(judged), _rows(judged)
    missed = [m for m, limit in limits.items() if (found[m] < limit if m.startswith("caught") else found[m] > limit)]
    return [
        Finding(split, m, "threshold", found[m], limits[m], None, tuple(o.claim.id for o in rows[m] if not o.right))
        for m in missed
    ]


def _rows(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    rows: dict[str, list[Judged]] = {}
    for one in judged:
        name, part = ("dropped", one.claim.style) if one.claim.supported else ("caught", one.claim.kind)
        for key in (name, f"{name}:{part}"):
            rows.setdefault(key, []).append(one)
    return rows
