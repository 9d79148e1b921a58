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
from daemon.runs.curves import RunCurves, read_curves, write_curves
from daemon.runs.metadata import read_metadata
from daemon.runs.references import UnknownRunError, parse_reference, resolve_run
from daemon.runs.run_folder import read_run_config
from daemon.sweeps.trial.errors import TrialError


def fork_run(paths: StatePaths, origin: str, config: Config) -> RunPaths:
    """The run that continues ``HOME:RUN/STATE`` with `config`. Raises TrialError, OSError."""
    parents, parent, state_id = _parent(origin)
    try:
        before = read_run_config(parent)
        backups = backup_directory(load_config(parents.home / "config.toml").config, parents)
        state = find_state(parent, backups, state_id)
        plan = plan_fork(state.manifest, before, config)
        if plan.refused:
            raise TrialError(f"{origin}: cannot be forked: {'; '.join(plan.refused)}")
        return fork(paths, state, config, plan)
    except (UnknownIdError, ConfigError, DamagedCheckpointError) as error:
        raise TrialError(f"{origin}: cannot be forked: {error}") from None


def inherit_gates(run: RunPaths, origin: str) -> None:
    """Let the curves of a fork begin with the gates that its parent had passed.

    Nothing where it has curves. Raises TrialError, OSError.
    """
    forked = read_metadata(run).parent
    if forked is None or run.curves.exists():
        return
    _, parent, _ = _parent(origin)
    curves = read_curves(parent) or RunCurves()
    gates = tuple(one for one in curves.gates if one.timesteps <= forked.timesteps)
    write_curves(run, RunCurves(gates=gates))


def _parent(origin: str) -> tuple[StatePaths, RunPaths, str]:
    """The home, the run and the id of the state. Raises TrialError, OSError."""
    home, _, text = origin.rpartition(":")
    named = parse_reference(text)
    if not home or named.run is None or named.state is None:
        raise TrialError(f"{origin}: is no state of another trial; write HOME:RUN/STATE")
    paths = StatePaths(Path(home))
    try:
        return paths, resolve_run(paths, named.run), named.state
    except UnknownRunError as error:
        raise TrialError(f"{origin}: cannot be forked: {error}") from None
