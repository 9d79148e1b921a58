"""The run of a trial that continues another trial's pinned state with its own settings."""

from __future__ import annotations

from pathlib import Path

from daemon.backup.catalog import backup_directory
from daemon.backup.forking.fork import fork
from daemon.backup.forking.plan import plan_fork
from daemon.backup.restoring.find_state import UnknownIdError, find_state
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import ConfigError
from daemon.config.load import load_config
from daemon.config.schema import Config
from daemon.runs.references import UnknownRunError, parse_reference, resolve_run
from daemon.runs.run_folder import read_run_config
from daemon.sweeps.trial.errors import TrialError


def fork_run(paths: StatePaths, origin: str, config: Config) -> RunPaths:
    """The run that continues ``HOME:RUN/STATE`` with `config`. Raises TrialError, OSError."""
    home, _, text = origin.rpartition(":")
    named = parse_reference(text)
    if not home or named.run is None or named.state is None:
        raise TrialError(f"{origin}: is no state of another trial; write HOME:RUN/STATE")
    parents = StatePaths(Path(home))
    try:
        parent = resolve_run(parents, named.run)
        before = read_run_config(parent)
        backups = backup_directory(load_config(parents.home / "config.toml").config, parents)
        state = find_state(parent, backups, named.state)
        plan = plan_fork(state.manifest, before, config)
        if plan.refused:
            raise TrialError(f"{origin}: cannot be forked: {'; '.join(plan.refused)}")
        return fork(paths, state, config, plan)
    except (UnknownRunError, UnknownIdError, ConfigError, DamagedCheckpointError) as error:
        raise TrialError(f"{origin}: cannot be forked: {error}") from None
