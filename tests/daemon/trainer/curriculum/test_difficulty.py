"""The difficulty scale: stages at whole numbers, ramps between them, rehearsal below."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import load_config
from daemon.trainer.curriculum.difficulty import conditions_at, difficulty_of, rehearsal
from daemon.trainer.curriculum.record import first_record, next_ramp_step, next_stage
from daemon.trainer.flyable import start_conditions

STAGES = load_config(None).config.curriculum.stages
CONDITIONS = [start_conditions(stage) for stage in STAGES]


@pytest.mark.parametrize("number", range(1, len(STAGES) + 1))
def test_a_whole_number_is_the_configured_stage(number: int) -> None:
    assert conditions_at(CONDITIONS, float(number)) == replace(
        CONDITIONS[number - 1], difficulty=float(number)
    )


def test_a_ramp_ends_at_its_stage() -> None:
    record = next_stage(first_record(STAGES), 0, 0.0)
    steps = STAGES[1].ramp_steps
    passed = [difficulty_of(record, steps)]
    while record.ramp_step < steps:
        record = next_ramp_step(record)
        passed.append(difficulty_of(record, steps))
    assert passed[-1] == 2.0
    assert passed == sorted(passed)
    assert passed[0] > 1.0


@given(st.floats(1.0, len(STAGES)), st.floats(0.0, 1.0))
def test_harder_starts_are_farther_and_ranges_stay_ranges(difficulty: float, share: float) -> None:
    easier = 1.0 + share * (difficulty - 1.0)
    near, far = conditions_at(CONDITIONS, easier), conditions_at(CONDITIONS, difficulty)
    for name in ("altitude_m", "downrange_m", "delta_v_m_s"):
        (low, high), farther = getattr(near, name), getattr(far, name)
        assert 0.0 <= low <= high
        assert low + high <= sum(farther) * (1 + 1e-9)
    assert len(astuple(far)) == len(astuple(CONDITIONS[0]))


@given(st.integers(0, 2**31 - 1), st.integers(0, 10**9), st.floats(1.0, 5.0))
def test_rehearsal_is_easier_and_depends_only_on_its_arguments(
    seed: int, timesteps: int, difficulty: float
) -> None:
    drawn = rehearsal(seed, timesteps, 8, difficulty)
    assert drawn == rehearsal(seed, timesteps, 8, difficulty)
    assert all(1.0 <= one <= difficulty for one in drawn)
