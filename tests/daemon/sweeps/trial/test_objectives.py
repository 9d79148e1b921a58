from __future__ import annotations

import math
from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.checkpoint.measured import Measurement
from daemon.runs.curves import Passed, RunCurves, write_curves
from daemon.store.reader import StoreReader
from daemon.store.records import Body, Sample
from daemon.store.writer import StoreWriter
from daemon.sweeps.spec.schema import Objective
from daemon.sweeps.trial.objectives import (
    Gate,
    last_gate,
    steps_to_gate,
    stored_values,
    value_at,
)

GATES = [Gate(1, 1000), Gate(2, 5000), Gate(1, 9000)]


def test_the_last_gate_is_the_highest_within_the_steps() -> None:
    assert [last_gate(GATES, steps) for steps in (0, 999, 1000, 5000, 9000)] == [0, 0, 1, 2, 2]


def test_steps_to_a_gate_are_missing_until_it_is_passed() -> None:
    assert steps_to_gate(GATES, 2, 4999) is None
    assert steps_to_gate(GATES, 2, 9000) == 5000.0
    assert steps_to_gate([Gate(3, 700)], 2, 9000) == 700.0  # a later one


def test_a_metric_is_read_by_steps_and_not_by_the_clock() -> None:
    # A trial that was interrupted has trained 2000 to 3000 twice.
    samples = [Sample(float(i), steps, steps / 1000) for i, steps in enumerate((2000, 3000, 2000))]
    assert value_at(samples, 2500) == 2.0
    assert value_at(samples, 1999) is None
    assert value_at([*samples, Sample(9.0, 3000, 3.0)], 3000) == 3.0
    assert value_at([Sample(1.0, None, 7.0)], 0) == 7.0


def test_values_come_from_the_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    writer = StoreWriter.open(path)
    writer.add_session(50.0, "run-1")
    body: Body = {"stage": 1, "timesteps": 4000}
    writer.add_event("stage.passed", "passed", time_s=101.0, run_id="run-1", body=body)
    for time_s, steps, value in ((100.0, 1000, 0.25), (101.0, 2000, 0.5), (102.0, 3000, 0.75)):
        writer.add_samples(time_s, {"eval/success": value, "train/loss": math.nan}, steps)
    writer.close()
    objectives = [
        Objective(metric="gate"),
        Objective(metric="steps_to_gate", gate=1),
        Objective(metric="eval/success"),
        Objective(metric="train/loss"),
        Objective(metric="success"),
        Objective(metric="not/there"),
    ]
    run = StatePaths(tmp_path).run("run-1")
    run.folder.mkdir(parents=True)
    with StoreReader.open(path) as reader:
        assert stored_values(reader, run, objectives, 2000, passed=0, measured={}) == {
            "gate": 0.0,
            "eval/success": 0.5,
        }
        assert stored_values(reader, run, objectives, 4000, passed=3, measured={}) == {
            "gate": 3.0,
            "steps_to_gate": 4000.0,
            "eval/success": 0.75,
        }
        # What a restored home or a fork began with.
        write_curves(run, RunCurves(gates=(Passed(10.0, 1, 900, 3.0),)))
        assert stored_values(reader, run, objectives, 2000, passed=1, measured={}) == {
            "gate": 1.0,
            "steps_to_gate": 900.0,
            "eval/success": 0.5,
        }


def test_what_the_checkpoint_measured_counts_more_than_the_store(tmp_path: Path) -> None:
    StoreWriter.open(tmp_path / "store.db").close()  # a killed supervisor lost its samples
    run = StatePaths(tmp_path).run("run-1")
    run.folder.mkdir(parents=True)
    objectives = [Objective(metric="train/loss"), Objective(metric="train/kl")]
    measured = {"train/loss": Measurement(2000, 0.5), "train/kl": Measurement(1000, None)}
    with StoreReader.open(tmp_path / "store.db") as reader:
        assert stored_values(reader, run, objectives, 2000, passed=0, measured=measured) == {
            "train/loss": 0.5
        }
