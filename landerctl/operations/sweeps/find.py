"""Finds the sweep and the trial that a user names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.runs.names import free_name, name_fault
from daemon.sweeps.paths import SweepPaths, sweeps_folder
from daemon.sweeps.records import Trial
from daemon.sweeps.store.sweep_store import SweepStore, SweepStoreError
from daemon.sweeps.trial.epoch import FILE as EPOCH
from landerctl.exitcodes import Exit
from landerctl.failure import Failure


def all_sweeps(paths: StatePaths) -> list[SweepPaths]:
    """The sweeps of a state folder, the newest first. Raises Failure."""
    try:
        found = list(_sweeps_by_age(sweeps_folder(paths)))
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}", Exit.UNKNOWN) from None
    return [sweep for _, sweep in sorted(found, key=lambda one: (one[0], one[1].id), reverse=True)]


def find_sweep(paths: StatePaths, name: str | None) -> SweepPaths:
    """The sweep of this name, by default the newest. Raises Failure."""
    found = all_sweeps(paths)
    if name is None:
        if not found:
            raise Failure(
                f"{paths.home}: no sweep yet; `landerctl sweep run FILE` creates one",
                Exit.NOT_FOUND,
            )
        return found[0]
    for sweep in found:
        if sweep.id == name:
            return sweep
    # Only for an error: it takes as long to import as a small verb.
    from daemon.config.judging.explain import suggestion  # noqa: PLC0415

    close = suggestion(name, [sweep.id for sweep in found])
    raise Failure(
        f"{name}: no such sweep in {sweeps_folder(paths)}{close}; `landerctl sweep list` lists "
        "them",
        Exit.NOT_FOUND,
    )


def refuse_trial(paths: StatePaths) -> None:
    """Raise Failure for the state folder of a trial: its sweep decides how far it trains."""
    home = paths.home.absolute()
    if not (home / EPOCH).exists():
        return
    sweep = SweepPaths(home.parents[1])
    # A trial on a node of a cluster, or a copy, is elsewhere.
    known = home.name.isdigit() and sweep.store.exists()
    trial, name = (f"trial {int(home.name)}", sweep.id) if known else ("a trial", "SWEEP")
    raise Failure(
        f"{home}: is {trial} of a sweep, which decides how far it trains: `landerctl sweep resume "
        f"{name}` continues it; from another --home, `landerctl start --from` forks it",
        Exit.USAGE,
    )


def free_sweep_name(paths: StatePaths, wanted: str) -> str:
    """A name of which there is no sweep: `wanted` as far as it can be one, or with a number."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted).strip("._-")[:36]
    if name_fault(plain) is not None:
        plain = f"sweep-{plain}"[:36].rstrip("._-")
    return free_name(plain, {sweep.id for sweep in all_sweeps(paths)})


@contextmanager
def opened(sweep: SweepPaths) -> Iterator[SweepStore]:
    """The sweep's store, for reading, as it is at one moment: its coordinator writes on.

    Raises Failure, also for a SweepStoreError inside.
    """
    try:
        with SweepStore.open(sweep.store) as store, store.snapshot():
            yield store
    except SweepStoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None


def find_trial(store: SweepStore, sweep: SweepPaths, number: int) -> Trial:
    """A trial by its number. Raises Failure, SweepStoreError."""
    trials = store.trials()
    for trial in trials:
        if trial.number == number:
            return trial
    known = f"it has 0 to {trials[-1].number}" if trials else "none has begun yet"
    raise Failure(
        f"trial {number}: sweep {sweep.id} has no such trial, {known}; "
        f"`landerctl sweep status {sweep.id} --all` lists them",
        Exit.NOT_FOUND,
    )


def _sweeps_by_age(folder: Path) -> Iterator[tuple[int, SweepPaths]]:
    """Each sweep, with the time of its specification: that of its creation. Raises OSError."""
    try:
        names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        sweep = SweepPaths(folder / name)
        try:
            yield sweep.spec.stat().st_mtime_ns, sweep
        except (FileNotFoundError, NotADirectoryError):
            continue
