"""The order for a trial's next leg."""

from __future__ import annotations

import msgspec

from daemon.config import Config
from daemon.sweeps.engines.engine import TrialOrder
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Trial
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.trial_config import trial_config


def order(sweep: SweepPaths, spec: SweepSpec, base: Config, trial: Trial) -> TrialOrder:
    """The order for a trial in its new epoch. Raises ConfigError: its values cannot be flown."""
    return TrialOrder(
        sweep=sweep.id,
        trial=trial.number,
        epoch=trial.epoch,
        home=sweep.trial(trial.number).home,
        config=msgspec.json.encode(trial_config(base, spec, trial.values, trial.seed)),
        target_steps=trial.target_steps,
        objectives=tuple(spec.objectives),
        threads=spec.limits.threads,
        memory_mb=spec.limits.memory_mb,
        fork_from=trial.fork_from or None,
    )
