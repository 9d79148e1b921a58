"""The home of a trial: an ordinary state folder with one run, prepared so that it can train."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths, StatePaths
from daemon.config.as_file import config_text
from daemon.config.layering.sources import is_setting
from daemon.config.schema import Config
from daemon.runs.creation import create_run
from daemon.runs.run_folder import all_runs, current_run, set_current
from daemon.sweeps.engines.engine import TrialOrder, TrialReport
from daemon.sweeps.trial.below import Surroundings, run_below
from daemon.sweeps.trial.errors import TrialError

LOCK = "trial.lock"  # the kernel lock of the process that runs the trial, and of its supervisor
LOG = "trial.log"
NO_BACKUP = 66  # `landerctl restore`: the target has nothing to restore
REPORT = "trial-report.json"  # of the last leg that ended by "reached"


def config_file(paths: StatePaths) -> Path:
    """The trial's configuration, found there by every verb with ``--home``."""
    return paths.home / "config.toml"


def write_config(paths: StatePaths, order: TrialOrder) -> Config:
    """Write the order's configuration as the home's. Raises TrialError, OSError."""
    try:
        config = msgspec.json.decode(order.config, type=Config)
    except MALFORMED as error:
        raise TrialError(f"the order's configuration cannot be used: {error}") from None
    text = config_text(config).encode()
    file = config_file(paths)
    # A supervisor watches the file.
    if not file.exists() or file.read_bytes() != text:
        write_atomically(file, text)
    return config


def prepare_run(
    paths: StatePaths, order: TrialOrder, config: Config, around: Surroundings
) -> RunPaths:
    """The home's run: the one that it has, or a restored, forked or new one.

    Raises TrialError, StoppedError, OSError.
    """
    run = current_run(paths)
    if run is None and order.restore_from is not None:
        # Also where a restore was interrupted, whose run is not the current one yet.
        run = _restore(paths, order.restore_from, config, around)
    run = run or _run_of(paths)
    if order.fork_from is not None:
        from daemon.sweeps.trial import forking  # noqa: PLC0415 - most trials begin anew

        run = run or forking.fork_run(paths, order.fork_from, config)
        forking.inherit_gates(run, order.fork_from)
    if run is None:
        run = create_run(paths, config, name=f"{order.sweep}-{order.trial:05d}")
    if current_run(paths) != run:
        set_current(paths, run.id)
    return run


def environment_of(order: TrialOrder, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of what runs below a trial: no settings, and a thread pool of its threads."""
    threads = str(order.threads)
    pools = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    kept = {name: value for name, value in environ.items() if not is_setting(name)}
    for name in ("LANDERCTL_HOME", "LANDERCTL_CONFIG"):
        kept.pop(name, None)
    return kept | dict.fromkeys(pools, threads)


def read_report(paths: StatePaths) -> TrialReport | None:
    """The report of the last leg that ended; None if there is none, or it is damaged."""
    try:
        return msgspec.json.decode((paths.home / REPORT).read_bytes(), type=TrialReport)
    except (FileNotFoundError, *MALFORMED):
        return None


def write_report(paths: StatePaths, report: TrialReport) -> None:
    """Keep the report of a leg, so that the same order needs no measuring. Raises OSError."""
    write_atomically(paths.home / REPORT, msgspec.json.encode(report) + b"\n")


def last_line(log: Path) -> str:
    """The last line of a log that says something."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - 8192))
            lines = stream.read().decode(errors="replace").splitlines()
    except OSError as error:
        return f"{log}: {error.strerror}"
    return next((line.strip() for line in reversed(lines) if line.strip()), f"see {log}")


def _restore(
    paths: StatePaths, target: str, config: Config, around: Surroundings
) -> RunPaths | None:
    """The run restored from its newest verified backup; None if the target has none.

    `landerctl restore` knows how, and restores all or nothing. Raises TrialError, StoppedError,
    OSError.
    """
    options = _options_file(target, config)
    ended = run_below(
        [
            *(sys.executable, "-P", "-m", "landerctl", "restore", target, "--yes", "--no-start"),
            *("--home", str(paths.home), "--config", str(config_file(paths))),
            *(("--options-file", options) if options else ()),
        ],
        around,
    )
    if ended.code not in (0, NO_BACKUP):
        raise TrialError(f"{paths.home}: nothing was restored: {last_line(around.log)}")
    return _run_of(paths)


def _options_file(target: str, config: Config) -> str:
    """That of the trial's own target in the same store: it holds the credentials."""
    place = urlsplit(target)[:2]
    own = (one.options_file for one in config.backup.targets if urlsplit(one.url)[:2] == place)
    return next(own, "")


def _run_of(paths: StatePaths) -> RunPaths | None:
    """The home's run; it is not the current one yet where its creation was interrupted."""
    return current_run(paths) or next(all_runs(paths), None)
