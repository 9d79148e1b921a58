from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from daemon.base.clocks.trust import ClockRecord, look
from daemon.base.paths import StatePaths
from daemon.config import AlertRule, load_config
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from daemon.supervisor.alerting.engine import Extremes
from daemon.supervisor.lifecycle.previous_session import load_previous_session


@pytest.mark.parametrize("is_current", [True, False])
@pytest.mark.parametrize("rolled_back", [True, False])
def test_how_good_an_armed_metric_was_in_this_run(
    tmp_path: Path, rolled_back: bool, is_current: bool
) -> None:
    paths = StatePaths(tmp_path)
    rule = next(rule for rule in load_config(None).config.alerts if rule.armed_at is not None)
    writer = StoreWriter.open(paths.store)
    writer.add_samples(50.0, {rule.metric: 1600.0}, timesteps=9)  # another run's
    writer.add_event("run.started", "A new run begins", time_s=100.0, run_id="run")
    for time_s, value in ((110.0, -500.0), (120.0, 900.0), (130.0, -480.0)):
        writer.add_samples(time_s, {rule.metric: value, "m": value}, timesteps=9)
    if rolled_back:
        writer.add_event("rollback.done", "Back", time_s=125.0, run_id="run")
    run = RunRecord("run" if is_current else "other", 100.0, "curriculum", "ppo", 128)
    writer.put_run(run)
    writer.close()

    def load(*rules: AlertRule) -> Mapping[str, Extremes]:
        return load_previous_session(paths, paths.run("run"), ClockRecord(look()), rules).seen

    low, high = (-480.0, -480.0) if rolled_back else (-500.0, 900.0)
    assert load(rule) == {rule.metric: Extremes(low, high)}
    assert load(rule, msgspec.structs.replace(rule, armed_at=None, metric="m")) == load(rule)
    assert load(msgspec.structs.replace(rule, metric="never recorded")) == {}
