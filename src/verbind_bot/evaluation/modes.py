"""Answers in a language model's words beside the extractive answers to the same questions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from verbind_bot.evaluation.checking import Baseline, Finding, check, figures_by_measure
from verbind_bot.evaluation.run import Record, means
from verbind_bot.evaluation.statistics import Comparison, compare

# What a model's words may not cost: where its answers come from, when it refuses, and what it keeps to itself.
GUARDED = frozenset(
    {"citation_precision", "citation_recall", "quotes_contained", "facts_in_quote", "answered", "refused"}
    | {"refusal_precision", "privacy_seen", "leaks"}
)


@dataclass(frozen=True, slots=True)
class ModeRow:
    """A measure in both modes; `difference` is paired over the questions that both have a figure for."""

    measure: str
    extractive: float | None
    written: float | None
    difference: Comparison | None


def side_by_side(extractive: Sequence[Record], written: Sequence[Record]) -> list[ModeRow]:
    """A row for each measure that either mode has."""
    plain, fluent = means(extractive), means(written)
    by_plain, by_fluent = figures_by_measure(extractive), figures_by_measure(written)
    return [
        ModeRow(m, plain.get(m), fluent.get(m), compare(by_plain.get(m, {}), by_fluent.get(m, {})))
        for m in sorted(plain.keys() | fluent.keys())
    ]


def losses(extractive: Sequence[Record], written: Sequence[Record]) -> list[Finding]:
    """The guarded measures that are significantly worse in the model's words."""
    figures: Mapping[str, dict[str, float]] = {record.id: dict(record.figures) for record in extractive}
    found = check(written, Baseline(figures=dict(figures)), {})
    return [finding for finding in found if finding.measure in GUARDED]


def save(folder: Path, split: str, extractive: Sequence[Record], written: Sequence[Record]) -> None:
    """Keep both modes with the run, as systems that its report sets side by side."""
    systems = {"zonder taalmodel": means(extractive), "met taalmodel": means(written)}
    rounded = {name: {m: round(v, 4) for m, v in row.items()} for name, row in systems.items()}
    (folder / f"peers-taalmodel-{split}.json").write_text(json.dumps(rounded, indent=1), encoding="utf-8")
