"""Every configuration can be made small, and the daemon accepts what comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon.config import load_config
from landerctl.drills.recovery import resume, rollback
from landerctl.drills.scratch.home import ScratchHome


@pytest.mark.parametrize(
    "run",
    [
        {},
        {"mode": "standard", "stage": 5, "algorithm": "sac"},
        {"mode": "demo", "algorithm": "td3", "n_envs": 512},
    ],
)
def test_any_run(tmp_path: Path, run: dict[str, Any]) -> None:
    real = load_config(None, {"run": run, "fleet": {"vehicle": "apollo-lm"}}).config
    for name, small in {
        "resume": resume.small(real, episodes=100),
        "rollback": rollback.small(real),
    }.items():
        used = ScratchHome(tmp_path / name, small).config
        assert used.run == small.run
        assert used.run.algorithm == real.run.algorithm
        assert used.fleet.vehicle == real.fleet.vehicle
        assert used.curriculum == small.curriculum


def test_the_interruption_is_in_the_second_stage() -> None:
    real = load_config(None).config
    first, second = resume.small(real, episodes=100).curriculum.stages
    assert (first.gate_success_rate, first.mastery_timesteps) == (0.0, 1)
    assert second.gate_success_rate == 1.0
    assert second.ramp_steps > 1
    assert second.altitude_m == real.curriculum.stages[1].altitude_m


@pytest.mark.parametrize(
    ("tolerance", "success"), [(0.15, 0.85), (0.0, 0.95), (0.05, 0.95), (0.7, 0.6)]
)
def test_the_good_state_stays_good(tolerance: float, success: float) -> None:
    assert rollback.good_success(tolerance) == pytest.approx(success)
