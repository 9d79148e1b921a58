"""Estimates from recorded trainings, by arithmetic that can be done by hand."""

from __future__ import annotations

import pytest

from checks.checklist.performance.completion import (
    Estimate,
    Position,
    estimate,
    predict,
    rate_spread,
    recorded_rates,
    speed_of_fleet,
)
from checks.checklist.performance.curves import Curve, LearningCurves, load_curves

# 1000 steps/s to gate 1, 500 to gate 2, 250 after it.
ALIKE = Curve("ppo", 1, [100_000, 300_000, 400_000], [100.0, 500.0, 900.0])
LONGER = Curve("ppo", 2, [120_000, 360_000, 400_000], [120.0, 600.0, 760.0])
CURVES = LearningCurves("a machine", [ALIKE, LONGER, Curve("sac", 1, [10, 10], [1.0, 1.0])], {})


def estimated(pace: float = 1.0, position: Position | None = None, n_envs: int = 128) -> Estimate:
    found = estimate(
        CURVES, "ppo", n_envs, timesteps=400_000, pace=pace, position=position or Position()
    )
    assert found is not None
    return found


def test_a_new_training_takes_the_recorded_time_at_the_recorded_pace() -> None:
    gate_1, gate_2 = estimated().gates
    assert gate_1.trained_s.expected == pytest.approx((100.0 * 120.0) ** 0.5)
    assert gate_2.trained_s.expected == pytest.approx((500.0 * 600.0) ** 0.5)
    assert gate_1.trained_s.low < 100.0 and gate_1.trained_s.high > 120.0
    assert estimated().end_s.expected == pytest.approx(110 + 220_000 / 500 + 70_000 / 250)


def test_twice_the_pace_takes_half_the_time() -> None:
    for once, twice in zip(estimated().gates, estimated(2.0).gates, strict=True):
        assert twice.trained_s.expected == pytest.approx(once.trained_s.expected / 2)


def test_what_is_flown_is_not_flown_again() -> None:
    position = Position(gates=1, timesteps=210_000, gate_timesteps=110_000, trained_s=310.0)
    (gate_2,) = estimated(position=position).gates
    # Half of the stage's 200,000 to 240,000 steps are left, at 500 steps/s.
    assert gate_2.trained_s.expected == pytest.approx(310.0 + 240.0, rel=0.1)
    assert gate_2.trained_s.low >= 310.0


def test_a_run_slower_than_every_recorded_one_still_gets_a_range() -> None:
    position = Position(gates=0, timesteps=390_000, trained_s=390.0)
    gate_1 = estimated(position=position).gates[0].trained_s
    assert 390.0 <= gate_1.low < gate_1.expected < gate_1.high


def test_all_gates_passed_leaves_the_end() -> None:
    position = Position(gates=2, timesteps=350_000, gate_timesteps=300_000, trained_s=500.0)
    found = estimated(position=position)
    assert found.gates == ()
    assert found.end_s.expected == pytest.approx(500.0 + 50_000 / 250)


def test_a_smaller_fleet_may_need_fewer_steps_but_not_more() -> None:
    usual, small = (estimated(n_envs=n_envs).gates[0].trained_s for n_envs in (128, 32))
    assert small.high == pytest.approx(usual.high)
    assert small.low == pytest.approx(usual.low / 4)
    assert "128 landers, not 32" in estimated(n_envs=32).caveats[0]


def test_a_run_with_too_few_steps_for_its_last_gate_is_said_to_end_before() -> None:
    found = estimate(CURVES, "ppo", 128, timesteps=150_000, pace=1.0, position=Position())
    assert found is not None
    assert "before its last gate" in found.caveats[0]
    assert estimated().caveats == ()


def test_an_algorithm_that_was_never_recorded_has_no_estimate() -> None:
    assert estimate(CURVES, "td3", 128, timesteps=1, pace=1.0, position=Position()) is None


def test_one_recorded_training_is_said_to_be_one() -> None:
    found = estimate(CURVES, "sac", 128, timesteps=20, pace=1.0, position=Position())
    assert found is not None
    assert "only one training by SAC" in found.caveats[0]


def test_the_prediction_interval_is_students() -> None:
    # sd of the logarithms of (1/e, 1, e) is 1; t of 2 degrees of freedom is 4.303.
    found = predict([0.367879, 1.0, 2.718282], 0.0)
    assert found.expected == pytest.approx(1.0)
    assert found.high == pytest.approx(2.718282 ** (4.30265 * (4 / 3) ** 0.5), rel=1e-4)


def test_rates_are_of_each_stretch() -> None:
    assert recorded_rates([ALIKE, LONGER]) == [1000.0, 500.0, 250.0]
    assert rate_spread([ALIKE, LONGER]) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("landers", "speed"), [(64, 0.8), (128, 1.0), (96, 96 / (64 / 0.8 * 0.5 + 128 * 0.5))]
)
def test_speed_between_two_fleets_is_linear_in_the_time_of_a_step(
    landers: int, speed: float
) -> None:
    curves = LearningCurves("", [], {64: 0.8, 128: 1.0})
    assert speed_of_fleet(curves, landers) == pytest.approx(speed)


def test_the_recorded_trainings_are_within_the_range_of_the_others() -> None:
    recorded, inside = load_curves(), []
    for own in recorded.of("ppo"):
        rest = [curve for curve in recorded.of("ppo") if curve.seed != own.seed]
        others = LearningCurves("", rest, recorded.speeds)
        found = estimate(
            others, "ppo", 128, timesteps=own.timesteps[-1], pace=1.0, position=Position()
        )
        assert found is not None
        assert len(found.gates) == 5
        for gate in found.gates:
            span, passed_s = gate.trained_s, own.trained_s[gate.gate - 1]
            inside.append(span.low <= passed_s <= span.high)
    assert len(inside) >= 15
    assert sum(inside) >= 0.9 * len(inside)  # the ranges are of 95%
