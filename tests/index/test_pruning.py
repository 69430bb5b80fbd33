import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from verbind_bot.index.pruning import best_rows

SIZE = 60
SHARES = st.lists(st.floats(0.02, 1.0), min_size=1, max_size=6)


def columns_of(shares, seed):
    """Columns of a sparse matrix; the rarer, the heavier, as search terms are."""
    chance = np.random.default_rng(seed)
    made = []
    for share in shares:
        rows = np.flatnonzero(chance.random(SIZE) < share).astype(np.int32)
        made.append((rows, (chance.random(len(rows)) / share + 0.01).astype(np.float32)))
    return made


@given(SHARES, st.integers(0, 9999), st.integers(1, SIZE + 5))
def test_it_finds_what_adding_everything_up_finds(shares, seed, limit):
    columns = columns_of(shares, seed)
    whole = np.zeros(SIZE)
    for rows, weights in columns:
        whole[rows] += weights
    rows, sums = best_rows(columns, SIZE, limit)
    assert len(set(rows.tolist())) == len(rows) == min(limit, np.count_nonzero(whole))
    assert np.allclose(sums, np.sort(whole)[::-1][: len(rows)], atol=1e-5)
    assert np.allclose(whole[rows], sums, atol=1e-5)


def test_of_equals_the_first_comes_first():
    rows, sums = best_rows([(np.arange(5, dtype=np.int32), np.ones(5, dtype=np.float32))], 5, 3)
    assert rows.tolist() == [0, 1, 2]
    assert sums.tolist() == [1, 1, 1]


def test_no_columns_are_no_rows():
    assert [part.tolist() for part in best_rows([], SIZE, 3)] == [[], []]
