"""Beginnings that prompts share are read once, and neighbours together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from cwm_check.inference.packing import groups, pack, pack_steps


@pytest.mark.parametrize(
    ("prompts", "tokens", "places", "homes", "ends"),
    [
        pytest.param([(5, 6, 7), (5, 6, 8)], [5, 6, 7, 8], [[0, 1, 2], [0, 1, 3]], [0, 1, 2, 5], [2, 3], id="shared"),
        pytest.param([(5, 6), (7, 6)], [5, 6, 7, 6], [[0, 1], [2, 3]], [0, 1, 2, 3], [1, 3], id="nothing shared"),
        pytest.param([(5, 5), (5,)], [5, 5], [[0, 1], [0, 0]], [0, 1], [1, 0], id="one begins the other"),
        pytest.param([(5, 6), (5, 6)], [5, 6], [[0, 1], [0, 1]], [0, 1], [1, 1], id="the same twice"),
        pytest.param([(5,), (5,)], [5, 5], [[0], [0]], [0, 0], [0, 0], id="a product has two rows"),
    ],
)
def test_each_beginning_is_read_once(
    prompts: Sequence[tuple[int, ...]],
    tokens: list[int],
    places: list[list[int]],
    homes: list[int],
    ends: list[int],
) -> None:
    packed = pack(prompts)
    made = (packed.tokens.tolist(), packed.places.tolist(), packed.homes.tolist(), packed.ends.tolist())
    assert made == (tokens, places, homes, ends)


def test_a_step_shares_nothing() -> None:
    packed = pack_steps(np.array([4, 4, 9]))
    made = (packed.tokens.tolist(), packed.places.tolist(), packed.homes.tolist(), packed.ends.tolist())
    assert made == ([4, 4, 9], [[0], [1], [2]], [0, 1, 2], [0, 1, 2])


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        pytest.param([7], [(0, 1)], id="one row"),
        pytest.param([6] * 64, [(0, 64)], id="all alike"),
        pytest.param([6, 6, 8, 11, 11], [(0, 5)], id="little padding"),
        pytest.param([6, 6, 8, 200, 201], [(0, 3), (3, 5)], id="much padding"),
        pytest.param([1, 300, 1], [(0, 1), (1, 2), (2, 3)], id="out of order"),
        pytest.param([3000] * 5, [(0, 2), (2, 4), (4, 5)], id="long"),
        pytest.param([9000, 9000], [(0, 1), (1, 2)], id="very long"),
    ],
)
def test_neighbours_are_read_together(lengths: list[int], expected: list[tuple[int, int]]) -> None:
    assert [(some.start, some.stop) for some in groups(lengths)] == expected
