"""Words that depend on the state folder and its configuration. Never fails: it finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from checks.wording import percent
from daemon.base.paths import StatePaths, state_paths
from daemon.base.user import NoFolderError
from daemon.config import Config, ConfigError
from daemon.rollback.incident_log import read_incident_log
from daemon.runs.metadata import read_metadata
from daemon.runs.references import CURRENT, SEPARATOR, UnknownRunError, resolve_run
from daemon.runs.run_folder import all_runs
from daemon.store.reader import StoreError, StoreReader
from landerctl.config_file import config_in_use
from landerctl.failure import Failure

Words = list[tuple[str, str]]  # each with its meaning, which may be empty
STATES = "states"  # of the current run, and runs; behind RUN/ its states


def candidates(
    kind: str, home: str | None, config: str | None, environ: Mapping[str, str], typed: str
) -> Words:
    """Words of a kind in KINDS, or STATES; `home` and `config`: of the command line.

    What is `typed` so far decides which words are looked for; they need not begin with it.
    """
    try:
        paths = state_paths(Path(home) if home else None, environ)
        if kind == STATES and SEPARATOR in typed:
            return _states_of(
                paths, _config(paths, config, environ), typed.split(SEPARATOR, maxsplit=1)[0]
            )
        return KINDS[kind](paths, lambda: _config(paths, config, environ))
    except (ConfigError, Failure, NoFolderError, OSError, StoreError, UnknownRunError):
        return []


def _ids(paths: StatePaths, config: Callable[[], Config]) -> Words:
    return _states_in(paths, config(), None)


def _states(paths: StatePaths, config: Callable[[], Config]) -> Words:
    return [*_ids(paths, config), *_runs(paths, config)]


def _states_of(paths: StatePaths, config: Config, run: str) -> Words:
    """The states of a run, each behind the run as the user typed it. Raises UnknownRunError."""
    from landerctl.operations.states.find_checkpoint import ALIASES  # noqa: PLC0415 - as `collect`

    found = [*ALIASES.items(), *_states_in(paths, config, resolve_run(paths, run or CURRENT).id)]
    return [(f"{run}{SEPARATOR}{state}", meaning) for state, meaning in found]


def _states_in(paths: StatePaths, config: Config, run_id: str | None) -> Words:
    # Only for states.
    from landerctl.operations.states.state_listing import collect  # noqa: PLC0415

    return [
        (entry.id, f"{entry.place}, stage {entry.stage}, success {percent(entry.success_rate)}")
        for entry in collect(paths, config, run_id)
        if entry.state != "damaged"
    ]


def _runs(paths: StatePaths, config: Callable[[], Config]) -> Words:
    """Newest first, by name and by id."""
    found = [(read_metadata(run).name, run.id) for run in reversed(list(all_runs(paths)))]
    return [*found, *((run_id, name) for name, run_id in found)]


def _alerts(paths: StatePaths, config: Callable[[], Config]) -> Words:
    return [(rule.name, rule.summary) for rule in config().alerts]


def _silences(paths: StatePaths, config: Callable[[], Config]) -> Words:
    with StoreReader.open(paths.store) as store:
        return [(silence.pattern, silence.note) for silence in store.status().silences]


def _metrics(paths: StatePaths, config: Callable[[], Config]) -> Words:
    with StoreReader.open(paths.store) as store:
        return [(name, "") for name in store.sample_names()]


def _targets(paths: StatePaths, config: Callable[[], Config]) -> Words:
    return [(target.name, "of backup.targets") for target in config().backup.targets]


def _incidents(paths: StatePaths, config: Callable[[], Config]) -> Words:
    """Newest first."""
    found = reversed(read_incident_log(paths.incidents))
    return [(one.id, one.title) for one in found]


def _sweeps(paths: StatePaths, config: Callable[[], Config]) -> Words:
    """Newest first."""
    from landerctl.operations.sweeps.find import all_sweeps  # noqa: PLC0415 - only for sweeps

    return [(sweep.id, "") for sweep in all_sweeps(paths)]


def _trials(paths: StatePaths, config: Callable[[], Config]) -> Words:
    """Of the newest sweep: which one is meant is said behind the trial."""
    from landerctl.operations.sweeps.find import find_sweep, opened  # noqa: PLC0415

    with opened(find_sweep(paths, None)) as store:
        return [
            (str(trial.number), f"{trial.state}, seed {trial.seed}") for trial in store.trials()
        ]


KINDS: dict[str, Callable[[StatePaths, Callable[[], Config]], Words]] = {
    "ids": _ids,
    STATES: _states,
    "runs": _runs,
    "alerts": _alerts,
    "silences": _silences,
    "metrics": _metrics,
    "backup-targets": _targets,
    "incidents": _incidents,
    "sweeps": _sweeps,
    "trials": _trials,
}


def _config(paths: StatePaths, named: str | None, environ: Mapping[str, str]) -> Config:
    return config_in_use(paths, [Path(named)] if named else [], environ).config
