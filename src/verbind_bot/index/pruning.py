"""The best rows of a sum of sparse columns; the work grows with the rows in the columns, not with all rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
Weights = NDArray[np.float32]
Column = tuple[Rows, Weights]


def best_rows(columns: Sequence[Column], size: int, limit: int) -> tuple[Rows, Weights]:
    """The `limit` rows with the highest sums above zero, best first and of equals the first, with their sums.

    A column is its rows (each once, all below `size`) and their weights (above zero). Columns are looked through
    from the rarest on, so that the long ones bring in only rows that are at least as good as the best so far.
    """
    sums = np.zeros(size, dtype=np.float32)
    for rows, weights in columns:
        sums[rows] += weights
    best, border = np.empty(0, dtype=np.int32), 0.0
    for rows, _ in sorted(columns, key=lambda column: len(column[0])):
        good, border = _at_least(sums, rows, border, limit)
        best, border = _at_least(sums, np.union1d(best, good), border, limit)
    order = np.argsort(-sums[best], kind="stable")[:limit]
    return best[order], sums[best[order]]


def _at_least(sums: Weights, rows: Rows, border: float, limit: int) -> tuple[Rows, float]:
    """The rows that reach `border`, or the `limit`-th best of them where that is higher; and what they reach."""
    own = sums[rows]
    near = own >= border
    rows, own = rows[near], own[near]
    if len(rows) > limit:
        border = float(np.partition(own, len(own) - limit)[len(own) - limit])
        rows = rows[own >= border]
    return rows, border
