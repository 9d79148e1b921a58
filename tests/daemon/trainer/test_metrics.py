"""The training's metrics."""

from __future__ import annotations

from dataclasses import replace

from daemon.trainer.metrics import Speed, TimeoutLog
from env.fleet import Episode
from env.task.reward import Outcome

LATE = Episode(
    seed=9,
    difficulty=1.0,
    outcome=Outcome.TIMEOUT,
    steps=600,
    time_s=60.0,
    reward=-450.0,
    altitude_m=40.0,
    x_m=0.0,
    y_m=3.0,
    tilt_rad=0.1,
    speed_m_s=0.5,
    descent_rate_m_s=0.4,
    horizontal_speed_m_s=0.3,
    spin_rad_s=0.01,
    touchdown_speed_m_s=0.0,
    touchdown_tilt_rad=0.0,
    fuel_fraction=0.1,
    roughness=0.0,
)
LANDED = replace(LATE, outcome=Outcome.LANDED)


def test_timeouts_are_reported_with_seed_and_state_at_most_once_per_interval() -> None:
    log = TimeoutLog(interval_s=60.0)
    assert log.add([LANDED], 0.0) is None
    first = log.add([LATE, LANDED], 1.0)
    assert first is not None
    assert "1 of 3 episodes" in first.text
    assert (
        "seed 9 was at 40 m, 3 m from the pad, at 0.5 m/s, leaning 6 degrees, 10% of its fuel left"
        in first.text
    )
    assert log.add([LATE], 30.0) is None
    assert log.add([LANDED], 60.9) is None
    second = log.add([replace(LATE, altitude_m=20.0)], 61.0)
    assert second is not None
    assert second.body == {"count": 2, "altitude_m": 30.0}


def test_speed_is_over_the_last_marks_only() -> None:
    speed = Speed(window=2)
    assert speed.steps_per_s == 0.0
    for now_s, steps in ((0.0, 0), (10.0, 10), (11.0, 1010), (12.0, 2010)):
        speed.mark(now_s, steps)
    assert speed.steps_per_s == 1000.0
