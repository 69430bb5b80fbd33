"""Whether a run is good enough: against fixed thresholds, and against the accepted run question by question."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from verbind_bot.errors import CorpusError
from verbind_bot.evaluation.run import Figures, Record
from verbind_bot.evaluation.statistics import Comparison, compare

# Their threshold is a maximum.
CEILINGS = frozenset({"leaks", "words", "sentences_dropped", "fell_back", "tokens", "cost"})
# A longer answer is not worse in itself, so it is only held to its maximum.
_NOT_COMPARED = frozenset({"words", "tokens", "cost"})
_SIGNIFICANT = 0.05
Thresholds = Mapping[str, Mapping[str, float]]


class Baseline(BaseModel):
    """The accepted run: its manifest and the figures of every question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    manifest: dict[str, Any] = Field(default_factory=dict)
    figures: dict[str, dict[str, float]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A measure of a split that is not good enough, with the questions that it is about.

    `limit` is the threshold or the baseline's mean over the shared questions. `questions` are those
    that got worse since the baseline; where there are none, those that fall short by themselves.
    """

    split: str
    measure: str
    why: Literal["threshold", "baseline", "absent"]
    value: float
    limit: float
    p: float | None
    questions: tuple[str, ...]


def check(records: Sequence[Record], baseline: Baseline, thresholds: Thresholds) -> list[Finding]:
    """All that is below a threshold (or above a ceiling) or significantly worse than the baseline.

    A measure with a threshold that no question has a figure for is a finding too: an assistant that
    never answers has no citations that could be wrong.
    """
    findings = []
    for split in dict.fromkeys(record.split for record in records):
        asked = [record for record in records if record.split == split]
        figures = figures_by_measure(asked)
        limits = thresholds.get(split, {})
        for measure in sorted(figures.keys() | limits.keys()):
            now = figures.get(measure, {})
            before = _of_measure(baseline, measure, asked)
            if measure in limits:
                findings += _against_limit(split, measure, now, before, limits[measure])
            if measure not in _NOT_COMPARED:
                findings += _against_baseline(split, measure, now, before)
    return findings


def changes(records: Iterable[Record], baseline: Baseline) -> dict[str, Comparison]:
    """The difference with the baseline per measure, over the questions that both have."""
    asked = list(records)
    figures = figures_by_measure(asked)
    found = {measure: compare(_of_measure(baseline, measure, asked), now) for measure, now in figures.items()}
    return {measure: comparison for measure, comparison in found.items() if comparison}


def figures_by_measure(records: Iterable[Record]) -> dict[str, dict[str, float]]:
    """Measure -> question -> figure."""
    found: dict[str, dict[str, float]] = {}
    for record in records:
        for measure, value in record.figures.items():
            found.setdefault(measure, {})[record.id] = value
    return found


def load_thresholds(path: Path) -> Thresholds:
    """Read `thresholds.toml`: per split a limit for each measure. Raises CorpusError when it is missing or broken."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorpusError(f"de drempels zijn niet te lezen: {error}", str(path)) from error
    for split, limits in data.items():
        if not isinstance(limits, dict) or not all(isinstance(v, int | float) for v in limits.values()):
            raise CorpusError(f"onder [{split}] hoort bij elke maat een getal.", str(path))
    return data


def load_baseline(path: Path) -> Baseline:
    """Read `baseline.json`; an empty one when there is none yet. Raises CorpusError when it is broken."""
    if not path.is_file():
        return Baseline()
    try:
        return Baseline.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise CorpusError(
            f"dit bestand is stuk ({error}). Zet het terug of maak het opnieuw met --accept.", str(path)
        ) from error


def accept(path: Path, records: Iterable[Record], manifest: Mapping[str, Any]) -> None:
    """Write a run as the new baseline: sorted, one question a line, so that a diff shows what changed."""
    head = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    rows = [
        f"{json.dumps(record.id)}: {json.dumps(dict(record.figures), sort_keys=True)}"
        for record in sorted(records, key=lambda record: record.id)
    ]
    text = '{"manifest": ' + head + ',\n"figures": {\n' + ",\n".join(rows) + "\n}}\n"
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _against_limit(split: str, measure: str, now: Figures, before: Figures, limit: float) -> list[Finding]:
    if not now:
        lost = tuple(sorted(before))
        return [Finding(split, measure, "absent", float("nan"), limit, None, lost)]
    mean = sum(now.values()) / len(now)
    short = mean > limit if measure in CEILINGS else mean < limit
    if not short:
        return []
    own = [key for key, value in now.items() if (value > limit if measure in CEILINGS else value < limit)]
    return [Finding(split, measure, "threshold", mean, limit, None, tuple(_worse(measure, now, before) or own))]


def _against_baseline(split: str, measure: str, now: Figures, before: Figures) -> list[Finding]:
    difference = compare(before, now)
    if difference is None or difference.p >= _SIGNIFICANT:
        return []
    if (difference.difference > 0) != (measure in CEILINGS):
        return []
    shared = now.keys() & before.keys()
    then = sum(before[key] for key in shared) / len(shared)
    value = then + difference.difference
    return [Finding(split, measure, "baseline", value, then, difference.p, tuple(_worse(measure, now, before)))]


def _worse(measure: str, now: Figures, before: Figures) -> list[str]:
    shared = sorted(now.keys() & before.keys())
    return [key for key in shared if (now[key] > before[key] if measure in CEILINGS else now[key] < before[key])]


def _of_measure(baseline: Baseline, measure: str, asked: Iterable[Record]) -> dict[str, float]:
    rows = {record.id: baseline.figures.get(record.id, {}) for record in asked}
    return {key: figures[measure] for key, figures in rows.items() if measure in figures}
