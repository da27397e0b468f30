"""The depth of records that come in with their parents, against the plainest way to find it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from outcross.vault.generations import Links

ROWS = 6
PAIRS = st.lists(st.tuples(st.integers(0, ROWS - 1), st.integers(0, ROWS - 1)), max_size=12)


def _ancestors(row: int, pairs: list[tuple[int, int]]) -> set[int]:
    found: set[int] = set()
    while more := {parent for child, parent in pairs if child == row or child in found} - found:
        found |= more
    return found


@given(PAIRS, st.lists(st.integers(0, 3), min_size=ROWS, max_size=ROWS), st.sets(st.integers(0, ROWS - 1)))
def test_against_the_plainest_way(pairs: list[tuple[int, int]], least: list[int], humans: set[int]) -> None:
    links = Links(ROWS, *np.array(pairs, dtype=np.int64).reshape(-1, 2).T)
    human = np.isin(np.arange(ROWS), sorted(humans))
    above = [_ancestors(row, pairs) for row in range(ROWS)]
    depth, circular = links.depths(np.array(least, dtype=np.int32), human)
    assert circular.tolist() == [any(one in above[one] for one in {row, *above[row]}) for row in range(ROWS)]

    def deep(row: int) -> int:
        parents = [] if human[row] else [parent for child, parent in pairs if child == row]
        return max([least[row], *(deep(parent) + 1 for parent in parents)])

    assert all(depth[row] == deep(row) for row in range(ROWS) if not circular[row])
    for row in range(ROWS):
        assert links.below(np.array([row])).tolist() == [row == one or row in above[one] for one in range(ROWS)]
