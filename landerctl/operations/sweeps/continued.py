"""The run in the user's own state folder that goes on from a trial: `sweep best --start`.

It has the trial's settings, but threads and length of an ordinary run: those of the sweep's base
configuration. Where the trial's state folder is on this machine, it continues the trial's newest
checkpoint as a fork; else it begins anew with these settings.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from daemon.backup.catalog import backup_directory
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import Config, ConfigError
from daemon.config.layering.assign import Assignment
from daemon.config.load import load_config
from daemon.runs.creation import create_run
from daemon.runs.run_folder import find_run
from daemon.sweeps.creation import read_base
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Trial
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.trial_config import trial_config
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.labels import LONGEST_TAG
from landerctl.operations.starting.forking import Forking, prepare_fork
from landerctl.operations.states.find_checkpoint import NEWEST


@dataclass(frozen=True)
class Continued:
    """What would be started."""

    trial: Trial
    config: Config  # of the run
    fork: Forking | None  # None: it begins anew
    tags: tuple[str, ...]  # say where it comes from


def continued(sweep: SweepPaths, spec: SweepSpec, trial: Trial, timesteps: int | None) -> Continued:
    """The run that goes on from a trial; changes nothing. Raises Failure, OSError.

    `timesteps`: after which it ends, by default those of the sweep's base configuration.
    """
    try:
        base = read_base(sweep)
        config = trial_config(base, spec, trial.values, trial.seed)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    wanted = timesteps or base.run.timesteps
    ordinary = {
        "run.timesteps": wanted,
        "run.torch_threads": base.run.torch_threads,
        "fleet.threads": base.fleet.threads,
    }
    home = sweep.trial(trial.number)
    tags = (f"sweep={sweep.id}"[:LONGEST_TAG], f"trial={trial.number}")
    if find_run(home, trial.run_id) is None:
        run = msgspec.structs.replace(
            config.run, timesteps=wanted, torch_threads=base.run.torch_threads
        )
        fleet = msgspec.structs.replace(config.fleet, threads=base.fleet.threads)
        return Continued(trial, msgspec.structs.replace(config, run=run, fleet=fleet), None, tags)
    if wanted <= trial.steps:
        raise Failure(
            f"trial {trial.number} has trained {trial.steps:,} steps already: go on beyond them "
            "with --timesteps",
            Exit.USAGE,
        )
    fork = prepare_fork(
        home,
        backup_directory(load_config(home.home / "config.toml").config, home),
        f"{trial.run_id}/{NEWEST}",
        [Assignment(setting, value) for setting, value in ordinary.items()],
    )
    return Continued(trial, fork.config, fork, tags)


def begin_anew(paths: StatePaths, plan: Continued, name: str | None) -> tuple[RunPaths, str]:
    """A new run with the trial's settings, and the message about it. Raises OSError."""
    run = create_run(paths, plan.config, name=name, tags=plan.tags)
    return run, (
        f"New run {run.id}: the settings of trial {plan.trial.number}, from the start; its state "
        "folder is not on this machine"
    )
