"""Whether a sweep's coordinator runs; starts one, and stops it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from importlib.util import find_spec
from threading import Event
from time import monotonic
from typing import Literal, NoReturn

import msgspec

from daemon.base.files import open_log, write_atomically
from daemon.base.identity import flock_is_held
from daemon.base.malformed import MALFORMED
from daemon.sweeps.engines.engine import EngineError
from daemon.sweeps.engines.ray.requirements import check_requirements
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.spec.schema import SweepSpec
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import opened

EngineName = Literal["local", "ray"]
READY_S = 120.0  # a Ray cluster is connected to first
POLL_S = 0.05
REPORT_S = 10.0


class Placement(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a sweep's trials run, kept beside it: `sweep resume` goes on there."""

    engine: EngineName = "local"
    address: str | None = None  # of a Ray cluster


def coordinator_runs(sweep: SweepPaths) -> bool:
    """Whether a process holds the coordinator's lock."""
    return flock_is_held(sweep.lock)


def coordinator_pid(sweep: SweepPaths) -> int | None:
    """The process id that the last holder of the lock wrote; None if there is none."""
    try:
        written = sweep.lock.read_bytes().split()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return int(written[0]) if written and written[0].isdigit() else None


def refuse_running(sweep: SweepPaths, advice: str) -> None:
    """Raise Failure if a coordinator runs. `advice`: what to do about it."""
    if coordinator_runs(sweep):
        pid = coordinator_pid(sweep)
        raise Failure(
            f"{sweep.id}: its coordinator is running (pid {pid or 'unknown'}); {advice}",
            Exit.ALREADY_RUNNING,
        )


def require_engine(placement: Placement, spec: SweepSpec) -> None:
    """Raise Failure if the engine is not installed or cannot run the sweep, or the address is
    another engine's.
    """
    if placement.engine == "ray" and find_spec("ray") is None:
        raise Failure(
            "--engine ray: Ray is not installed; `pip install 'landerctl[ray]'` installs it"
        )
    if placement.engine == "ray":
        try:
            check_requirements(spec, placement.address)
        except EngineError as error:
            raise Failure(f"--engine ray: {error}") from None
    elif placement.address is not None:
        raise Failure(f"--address {placement.address}: works with --engine ray only", Exit.USAGE)


def read_placement(sweep: SweepPaths) -> Placement:
    """Where the sweep's trials run. Raises Failure."""
    try:
        return msgspec.json.decode(sweep.placement.read_bytes(), type=Placement)
    except FileNotFoundError:
        return Placement()
    except MALFORMED as error:
        raise Failure(
            f"{sweep.placement}: damaged: {error}; name the engine with --engine", Exit.UNKNOWN
        ) from None


def known_placement(sweep: SweepPaths) -> Placement | None:
    """Where the sweep's trials run; None: the record of it is damaged."""
    try:
        return read_placement(sweep)
    except Failure:
        return None


def engine_name(sweep: SweepPaths) -> str:
    """Of the engine on which its trials run, for people."""
    placement = known_placement(sweep)
    return placement.engine if placement is not None else "unknown"


def write_placement(sweep: SweepPaths, placement: Placement) -> None:
    """Keep where the sweep's trials run. Raises OSError."""
    write_atomically(sweep.placement, msgspec.json.encode(placement))


def start_coordinator(sweep: SweepPaths, placement: Placement) -> int:
    """Start a coordinator, detached from this process and its terminal; returns its process id.

    It is ready once it has noted in the store that the sweep begins or resumes: then it holds the
    lock, and its engine can be used. Raises Failure.
    """
    import subprocess  # noqa: PLC0415 - `sweep status` starts nothing

    before = _notes(sweep)
    try:
        log = open_log(sweep.log)
        began = sweep.log.stat().st_size
    except OSError as error:
        raise Failure(
            f"{error.filename or sweep.log}: {error.strerror}", Exit.CANNOT_WRITE
        ) from None
    try:
        process = subprocess.Popen(
            _command(sweep, placement),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise Failure(f"{sweep.id}: its coordinator could not be started: {error}") from None
    finally:
        os.close(log)
    pause, deadline_s = Event(), monotonic() + READY_S
    while process.poll() is None and _notes(sweep) == before:
        if monotonic() > deadline_s:
            raise Failure(
                f"{sweep.id}: its coordinator (pid {process.pid}) is not ready after {READY_S:g} "
                f"s; see {sweep.log}, and `landerctl sweep status {sweep.id}` later",
                Exit.NO_ANSWER,
            )
        pause.wait(POLL_S)
    if process.poll():
        raise Failure(
            f"{sweep.id}: its coordinator ended with exit code {process.returncode}: "
            f"{_last_line(sweep, began)}; `landerctl sweep resume {sweep.id}` tries again"
        )
    return process.pid


def become_coordinator(sweep: SweepPaths, placement: Placement) -> NoReturn:
    """Replace this process by the coordinator (exec)."""
    command = [*_command(sweep, placement), "--foreground"]
    os.execve(command[0], command, os.environ)


def stop_coordinator(
    sweep: SweepPaths, patience_s: float, running: Callable[[], int], report: Callable[[str], None]
) -> None:
    """Ask the coordinator to stop, and wait until every trial has saved and it has ended.

    `running`: how many trials have not yet; `report` is called every few seconds. Raises Failure.
    """
    pid = coordinator_pid(sweep)
    if not coordinator_runs(sweep) or pid is None:
        raise Failure(
            f"{sweep.id}: no coordinator is running; `landerctl sweep resume {sweep.id}` starts "
            "one",
            Exit.NOT_RUNNING,
        )
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        pass  # it has just ended
    except PermissionError:
        raise Failure(f"{sweep.id}: its coordinator (pid {pid}) is another user's") from None
    pause, began_s, due_s = Event(), monotonic(), 0.0
    while coordinator_runs(sweep):
        now_s = monotonic()
        if now_s - began_s > patience_s:
            raise Failure(
                f"{sweep.id}: its coordinator (pid {pid}) has not ended within {patience_s:g} s; "
                f"it still may, see {sweep.log}; `kill -9 {pid}` ends it, and its trials save",
                Exit.NO_ANSWER,
            )
        if now_s >= due_s:
            report(f"stopping: trials that still have to save: {running()}")
            due_s = now_s + REPORT_S
        pause.wait(POLL_S)


def _command(sweep: SweepPaths, placement: Placement) -> list[str]:
    address = ["--address", placement.address] if placement.address is not None else []
    return [
        *(sys.executable, "-P", "-m", "daemon.sweeps.coordinator", str(sweep.folder)),
        *("--engine", placement.engine, *address),
    ]


def _notes(sweep: SweepPaths) -> int:
    with opened(sweep) as store:
        return len(store.notes())


def _last_line(sweep: SweepPaths, began: int) -> str:
    """What a coordinator said last; `began`: the size of its log before it was started."""
    with sweep.log.open("rb") as log:
        log.seek(began if began <= os.fstat(log.fileno()).st_size else 0)  # it may be a new one
        lines = log.read().decode("utf-8", "replace").splitlines()
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else f"see {sweep.log}"
