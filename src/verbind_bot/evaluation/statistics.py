"""How sure a figure is, and whether two runs differ: percentile bootstrap and paired randomisation.

Both draw with a fixed seed, so that the same run gives the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

_SEED = 20260101
_RESAMPLES = 2000
_FLIPS = 10_000
_EXACT = 13  # up to this many differences every combination of signs is tried (8192)
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95% interval, over `n` questions."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The mean difference (after minus before) over the `n` questions that two runs share, and its p-value."""

    difference: float
    p: float
    n: int


def interval(values: Sequence[float]) -> Interval:
    """The mean and its percentile bootstrap interval (Efron, 1979). Raises ValueError without values."""
    if not values:
        raise ValueError("no values to take a mean of")
    data = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(_SEED).integers(0, len(data), (_RESAMPLES, len(data)))
    low, high = np.quantile(data[drawn].mean(axis=1), ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2))
    return Interval(float(data.mean()), float(low), float(high), len(data))


def compare(before: Mapping[str, float], after: Mapping[str, float]) -> Comparison | None:
    """The difference between two runs on the questions that both have; None when there are none."""
    shared = sorted(before.keys() & after.keys())
    if not shared:
        return None
    differences = [after[key] - before[key] for key in shared]
    return Comparison(sum(differences) / len(shared), sign_flip(differences), len(shared))


def sign_flip(differences: Sequence[float]) -> float:
    """The two-sided p-value of a paired randomisation test on the mean difference (Fisher, 1935).

    If the two runs were alike, each difference could as well have had the other sign. The p-value is
    the share of all combinations of signs that gives a sum at least as far from zero. With many
    differences the combinations are drawn, and the one that was seen counts as drawn too.
    """
    changed = np.array([d for d in differences if d], dtype=np.float64)
    if not len(changed):
        return 1.0
    seen = abs(changed.sum()) - 1e-9
    if len(changed) <= _EXACT:
        bits = (np.arange(2 ** len(changed))[:, None] >> np.arange(len(changed))) & 1
        return float((np.abs((1 - 2 * bits) @ changed) >= seen).mean())
    signs = np.random.default_rng(_SEED).choice((-1.0, 1.0), (_FLIPS, len(changed)))
    return float((1 + (np.abs(signs @ changed) >= seen).sum()) / (1 + _FLIPS))
