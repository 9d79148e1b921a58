"""Requests that `fly` refuses, and flying a training episode again."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.config import Sources
from daemon.protocol.flight import FlightFailed, FlightSample, flight_decoder
from daemon.protocol.trainer import FailedEpisode
from daemon.runs.run_folder import read_run_config
from daemon.trainer.commands.fly import fly_checkpoint, fly_reference
from daemon.trainer.curriculum.difficulty import conditions_at
from daemon.trainer.fleets import build_fleet
from daemon.trainer.flyable import start_conditions
from daemon.trainer.loop.episode_log import EpisodeLog
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import flying_steps
from env.fleet import Episode
from tests.daemon.harness import save_checkpoint


def test_stage_zero_is_refused_and_not_taken_for_none(run: RunPaths) -> None:
    folder = run.checkpoints / save_checkpoint(run).id
    output = io.BytesIO()
    startup = StartupProgress("fly", flying_steps(), lambda _: None, file=run.folder / "durations")
    code = fly_checkpoint(run, folder, startup, stage=0, seed=1, output=output)
    report = flight_decoder.decode(output.getvalue())
    assert (code, report) == (TrainerExit.CONFIG, FlightFailed("--stage 0: allowed 1 to 5"))


def test_a_failed_training_episode_is_flown_again_by_seed_and_difficulty(run: RunPaths) -> None:
    """Same start, ground and sensors' noise as in a fleet; the same end for the same commands."""
    config = read_run_config(run)
    stages = [start_conditions(one) for one in config.curriculum.stages]
    difficulty = 1.3
    training = build_fleet(config, config.curriculum.stages[0], 4)
    training.set_start(conditions_at(stages, difficulty))
    training.seed(11)
    first = training.reset().copy()
    commands = np.zeros((4, training.settings.vehicle.n_actions), np.float32)
    ended: list[tuple[Episode, Any, Any]] = []
    while len(ended) < 6:
        training.step_async(commands)
        observed, _, dones, infos = training.step_wait()
        for craft in np.flatnonzero(dones):
            ended.append(
                (infos[craft]["lander"], first[craft].copy(), infos[craft]["terminal_observation"])
            )
            first[craft] = observed[craft]
    failed = _reported([episode for episode, _, _ in ended])
    assert failed
    again = build_fleet(config, config.curriculum.stages[1], 1)
    for one in failed:
        episode, began, last = next(item for item in ended if item[0].seed == one.seed)
        again.set_start(conditions_at(stages, one.difficulty))
        again.set_next_seeds([0], [one.seed])
        assert (again.reset()[0] == began).all()
        done = False
        while not done:
            again.step_async(commands[:1])
            _, _, dones, infos = again.step_wait()
            done = bool(dones[0])
        assert infos[0]["lander"] == episode
        assert (infos[0]["terminal_observation"] == last).all()
    # And so does the verb, with a pilot of its own.
    again.set_next_seeds([0], [one.seed])
    again.reset()
    start = again.telemetry(0)
    output = io.BytesIO()
    startup = StartupProgress("fly", flying_steps(), lambda _: None, file=run.folder / "durations")
    config_file = run.folder / "config.toml"
    config_file.write_text('[fleet]\nvehicle = "' + config.fleet.vehicle + '"\n')
    code = fly_reference(
        None,
        Sources((str(config_file),)),
        startup,
        stage=2,
        seed=one.seed,
        output=output,
        difficulty=one.difficulty,
    )
    assert code == TrainerExit.COMPLETED
    reports = [flight_decoder.decode(line) for line in output.getvalue().splitlines()]
    flown = next(report for report in reports if isinstance(report, FlightSample))
    assert (flown.x_m, flown.y_m, flown.altitude_m) == (start.x_m, start.y_m, start.altitude_m)
    assert flown.velocity_z_m_s == start.velocity_z_m_s


def test_a_difficulty_off_the_stages_ramp_is_refused(run: RunPaths) -> None:
    folder = run.checkpoints / save_checkpoint(run).id
    output = io.BytesIO()
    startup = StartupProgress("fly", flying_steps(), lambda _: None, file=run.folder / "durations")
    code = fly_checkpoint(run, folder, startup, stage=2, seed=1, output=output, difficulty=2.5)
    assert code == TrainerExit.CONFIG
    assert b"--difficulty 2.5: is not on the ramp to stage 2" in output.getvalue()


def _reported(episodes: list[Episode]) -> list[FailedEpisode]:
    report = EpisodeLog().add(episodes, 1000, now_s=0.0)
    assert report is not None
    return report.failed
