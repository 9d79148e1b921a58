"""The default rules on the first minutes of healthy trainings, as recorded from real ones."""

from __future__ import annotations

import msgspec
import pytest

from daemon.supervisor.aio.clock import Instant
from daemon.supervisor.alerting.engine import AlertEngine, Training
from tests.daemon.supervisor.alerting.record_fresh_runs import ALGORITHMS, Seen, load
from tests.daemon.supervisor.alerting.rules import DEFAULT_RULES


def observe(engine: AlertEngine, run: list[Seen]) -> set[str]:
    """The alerts that were pending or firing at any time."""
    values: dict[str, float] = {}
    found: set[str] = set()
    for seen in run:
        values |= seen.values
        now = Instant(seen.time_s, 1e9 + seen.time_s)
        engine.observe(values, now, Training(True, seen.stage, seen.stage_steps))
        found |= {f"{record.name} {record.state}" for record in engine.records()}
    return found


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("stage", [1, 5])
def test_no_rule_is_even_pending(algorithm: str, stage: int) -> None:
    """Also in a training (run.mode = "standard") that begins with the last stage."""
    run = [msgspec.structs.replace(seen, stage=stage) for seen in load()[algorithm]]
    assert run[-1].time_s > 240.0
    assert "curriculum/reward_100" in {metric for seen in run for metric in seen.values}
    assert observe(AlertEngine(DEFAULT_RULES, Instant(0.0, 1e9)), run) == set()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_later_divergence_fires(algorithm: str) -> None:
    run = load()[algorithm]
    last = run[-1]
    good = Seen(last.time_s + 2.0, 1, last.stage_steps, {"curriculum/reward_100": 400.0})
    bad = [
        Seen(good.time_s + waited_s, 1, last.stage_steps, {"curriculum/reward_100": -480.0})
        for waited_s in (2.0, 303.0)
    ]
    engine = AlertEngine(DEFAULT_RULES, Instant(0.0, 1e9))
    assert "reward-diverged firing" in observe(engine, [*run, good, *bad])
