from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from daemon.backup.record import Tag
from daemon.backup.restoring.restorable import Restorable
from daemon.base.paths import StatePaths
from daemon.protocol.flight import REFERENCE
from daemon.runs.evaluations import EvaluationResult
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.states.find_checkpoint import NEWEST
from landerctl.tui.data.snapshot import NO_STATUS
from landerctl.tui.flight.order import FlightOrder, order_of_evaluation, process_arguments
from tests.daemon.checkpoint.manifest_sample import manifest
from tests.evaluation_samples import keep_evaluation, trajectories
from tests.landerctl.tui.landings.test_reader import snapshot


@pytest.fixture
def result(tmp_path: Path) -> EvaluationResult:
    return keep_evaluation(tmp_path, trajectories(("landed",))).result


def states(*timesteps: int) -> list[Restorable]:
    return [
        Restorable(manifest(sequence=k, timesteps=steps), True, None, Tag())
        for k, steps in enumerate(timesteps, start=1)
    ]


def test_a_state_that_was_evaluated_by_name_flies_as_then(result: EvaluationResult) -> None:
    order = order_of_evaluation(result, 500, states(100))
    assert (order.pilot, order.seed, order.difficulty) == ("000012-600000-gate", 500, 2.0)
    assert order.note == "as in the evaluation"


def test_between_checkpoints_the_nearest_flies_and_says_so(result: EvaluationResult) -> None:
    between = msgspec.structs.replace(result, pilot="110000-steps")
    listed = states(50_000, 100_000, 140_000)
    order = order_of_evaluation(between, 500, listed)
    assert order.pilot == listed[1].id
    assert order.note == f"{listed[1].id}, saved 10.0k steps before the evaluation"
    same = order_of_evaluation(msgspec.structs.replace(between, pilot="140000-steps"), 1, listed)
    assert same.note.endswith("saved when it was evaluated")
    assert order_of_evaluation(between, 500, []).pilot == "110000-steps"


def test_the_reference_pilot_needs_no_run(result: EvaluationResult, tmp_path: Path) -> None:
    order = order_of_evaluation(msgspec.structs.replace(result, pilot=REFERENCE), 9, [])
    no_run = replace(snapshot(), status=NO_STATUS)
    arguments = process_arguments(order, no_run, StatePaths(tmp_path))
    assert arguments[:2] == ["--stage", "2"]
    assert arguments[-2:] == ["--seed", "9"]


def test_what_cannot_be_flown_is_said_in_one_line(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    no_run = replace(snapshot(), status=NO_STATUS)
    with pytest.raises(Failure, match="no run") as refused:
        process_arguments(FlightOrder(NEWEST, 1), no_run, paths)
    assert refused.value.code == Exit.NOT_FOUND
    paths.run("run-1").checkpoints.mkdir(parents=True)
    with pytest.raises(Failure, match="no whole checkpoint yet"):
        process_arguments(FlightOrder(NEWEST, 1), snapshot(), paths)
    with pytest.raises(Failure, match="has no checkpoint"):
        process_arguments(FlightOrder("000001-5-gate", 1), snapshot(), paths)
