"""What a run is for MLflow."""

from __future__ import annotations

import pytest

from daemon.runs.evaluations import EvaluationResult
from daemon.runs.metadata import Parent, RunMetadata
from daemon.runs.statistics.intervals import Interval
from daemon.store.records import Event
from daemon.tracking import mapping
from daemon.tracking.mapping import Value
from daemon.tracking.tail import NamedSample

RATE = Interval(0.9, 0.8, None)


def event(name: str, **body: int | str) -> Event:
    return Event(1, 1_796_032_975.2, name, "info", "run", "", dict(body))


def evaluation(pilot: str) -> EvaluationResult:
    return EvaluationResult(
        run_id="run",
        pilot=pilot,
        created_s=1.5,
        vehicle="v",
        stage=2,
        stage_name="approach",
        episodes=10,
        first_seed=0,
        outcomes={},
        success_rate=RATE,
        reward=RATE,
        episode_steps=RATE,
        roughness=RATE,
        soft_landings=None,
        distance_m=None,
        touchdown_speed_m_s=None,
        touchdown_tilt_deg=None,
        fuel_left=None,
    )


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("train/loss", "train/loss"),
        ("gpu/0 used-%.x", "gpu/0 used-_.x"),
        ("/a//b/../c/.", "a/b/c"),
        ("größe", "gr__e"),
        ("..", "_"),
        ("x" * 300, "x" * 250),
    ],
)
def test_names_are_those_that_mlflow_accepts(name: str, valid: str) -> None:
    assert mapping.valid_name(name) == valid


def test_parameters_are_flat_texts() -> None:
    frozen = {
        "run": {"mode": "demo", "seed": 42},
        "network": {"hidden": [128, 64]},
        "curriculum": {"stages": [{"name": "a", "relief": None}, {"name": "b" * 600}]},
        "ppo": {"gamma": 0.99, "on": True, "empty": []},
    }
    assert mapping.parameters(frozen) == {
        "run.mode": "demo",
        "run.seed": "42",
        "network.hidden": "[128,64]",
        "curriculum.stages.1.name": "a",
        "curriculum.stages.1.relief": "null",
        "curriculum.stages.2.name": "b" * 500,
        "ppo.gamma": "0.99",
        "ppo.on": "true",
        "ppo.empty": "[]",
    }


def test_tags_name_run_parent_and_rollbacks() -> None:
    metadata = RunMetadata(
        name="wide\n", tags=("a", "b"), created_s=0.0, parent=Parent("base", "000031-best", 5)
    )
    rollback = event("rollback.done", id="000017-best", timesteps=7)
    assert mapping.tags("run", metadata, [rollback], "abc") == {
        "landerctl.run_id": "run",
        "mlflow.runName": "wide␊",
        "mlflow.source.name": "landerctl",
        "landerctl.tags": "a, b",
        "landerctl.parent_run_id": "base",
        "landerctl.parent_state": "000031-best",
        "landerctl.parent_timesteps": "5",
        "mlflow.parentRunId": "abc",
        "landerctl.rollbacks": "2026-11-30T10:02:55Z to 000017-best, 7 steps",
    }


def test_a_metric_of_the_machine_has_the_step_of_the_training_before_it() -> None:
    samples = [
        NamedSample("cpu", 1.0, None, 1.0),
        NamedSample("loss", 2.0004, 300, 2.0),
        NamedSample("cpu", 3.0, None, 3.0),
    ]
    assert list(mapping.values(samples, 100)) == [
        Value("cpu", 1.0, 1000, 100),
        Value("loss", 2.0, 2000, 300),
        Value("cpu", 3.0, 3000, 300),
    ]


@pytest.mark.parametrize("pilot", ["950272-steps", "000031-950272-best"])
def test_an_evaluation_is_at_the_steps_of_its_state(pilot: str) -> None:
    found = mapping.evaluation_values(evaluation(pilot))
    assert found[:2] == [
        Value("evaluation/stage_2/success_rate", 0.9, 1500, 950272),
        Value("evaluation/stage_2/success_rate_low", 0.8, 1500, 950272),
    ]
    assert len(found) == 8


def test_the_reference_pilot_is_no_state_of_the_run() -> None:
    assert mapping.evaluation_values(evaluation("reference")) == []


@pytest.mark.parametrize(
    ("names", "supervised", "expected"),
    [
        ([], True, "RUNNING"),
        ([], False, "KILLED"),
        (["trainer.started"], False, "KILLED"),
        (["trainer.started", "trainer.fatal"], True, "FAILED"),
        (["trainer.started", "run.completed"], False, "FINISHED"),
        (["run.completed", "trainer.started"], True, "RUNNING"),
        (["trainer.started", "run.paused"], True, "KILLED"),
        (["run.paused", "trainer.started", "run.completed"], False, "FINISHED"),
    ],
)
def test_status(names: list[str], *, supervised: bool, expected: str) -> None:
    events = [event(name) for name in names]
    assert mapping.status(events, supervised=supervised) == expected
