"""Requests that `fly` refuses."""

from __future__ import annotations

import io

from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.protocol.flight import FlightFailed, flight_decoder
from daemon.trainer.commands.fly import fly_checkpoint
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import flying_steps
from tests.daemon.harness import save_checkpoint


def test_stage_zero_is_refused_and_not_taken_for_none(run: RunPaths) -> None:
    folder = run.checkpoints / save_checkpoint(run).id
    output = io.BytesIO()
    startup = StartupProgress("fly", flying_steps(), lambda _: None, file=run.folder / "durations")
    code = fly_checkpoint(run, folder, startup, stage=0, seed=1, output=output)
    report = flight_decoder.decode(output.getvalue())
    assert (code, report) == (TrainerExit.CONFIG, FlightFailed("--stage 0: allowed 1 to 5"))
