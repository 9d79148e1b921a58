from __future__ import annotations

from daemon.store.records import Sample
from landerctl.tui.plotting.branches import StepClock, split_branches

# A rollback between 20 s and 30 s, from 200 to 100 timesteps.
CLOCK = StepClock([Sample(10.0, 100, 0.0), Sample(20.0, 200, 0.0), Sample(30.0, 100, 0.0)])


def test_a_rollback_starts_a_new_branch() -> None:
    points = [(0, 5, 1.0), (10, 6, 2.0), (20, 7, 3.0), (10, 8, 1.5), (30, 9, 4.0)]
    branches = split_branches(points)
    assert [branch.xs for branch in branches] == [(5, 6, 7), (8, 9)]
    assert [branch.values for branch in branches] == [(1.0, 2.0, 3.0), (1.5, 4.0)]
    assert [branch.abandoned for branch in branches] == [True, False]


def test_timesteps_of_a_time_are_interpolated_but_not_across_a_rollback() -> None:
    assert CLOCK.steps_at(9.0) is None
    assert CLOCK.steps_at(10.0) == 100
    assert CLOCK.steps_at(15.0) == 150
    assert CLOCK.steps_at(25.0) == 200
    assert CLOCK.steps_at(99.0) == 100
    assert StepClock([Sample(1.0, None, 0.0)]).steps_at(1.0) is None


def test_times_of_timesteps_include_both_branches() -> None:
    assert CLOCK.times_between(150, 160) == (10.0, 30.0)
    assert CLOCK.times_between(201, 300) is None
