"""Returns of flights, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from daemon.trainer.cloning.returns import discounted


def test_a_return_ends_with_its_episode() -> None:
    rewards = np.array([[1.0], [2.0], [4.0], [8.0]])
    ended = np.array([[False], [True], [False], [False]])
    returns, known = discounted(rewards, ended, gamma=0.5)
    assert returns[:, 0] == pytest.approx([2.0, 2.0, 8.0, 8.0])
    assert known[:, 0].tolist() == [True, True, False, False]


def test_a_return_without_an_end_is_known_where_the_rest_hardly_counts() -> None:
    rewards, ended = np.ones((500, 2)), np.zeros((500, 2), bool)
    returns, known = discounted(rewards, ended, gamma=0.99)
    # 0.99 ** 390 < 0.02: the first 110 steps and some more
    assert known[:110].all() and not known[112:].any()
    assert returns[0] == pytest.approx(100.0, rel=0.01)
