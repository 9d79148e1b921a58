from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.base.paths import StatePaths
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import TrialState
from daemon.sweeps.store.sweep_store import SweepStore
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.read import status_of
from landerctl.operations.sweeps.removal import (
    finish_sweep_removals,
    remove_sweep,
    trial_folders,
)
from landerctl.operations.sweeps.running import (
    Placement,
    coordinator_pid,
    coordinator_runs,
    known_placement,
    read_placement,
    require_engine,
    start_coordinator,
    stop_coordinator,
    write_placement,
)
from tests.landerctl.operations.sweeps.made_sweep import TRIALS, made_sweep
from tests.landerctl.operations.sweeps.results.sweep_samples import spec
from tests.waiting import eventually

# Holds the lock until it is asked to stop, as a coordinator without trials would.
HOLDER = """
import signal, sys
from pathlib import Path
from daemon.sweeps.coordinator.lock import take_lock
from daemon.sweeps.paths import SweepPaths
lease = take_lock(SweepPaths(Path(sys.argv[1])))
print(flush=True)
signal.sigwait({signal.SIGTERM})
"""
BLOCKED = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})\n"


@contextmanager
def held(sweep: SweepPaths) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-c", BLOCKED + HOLDER, str(sweep.folder)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            yield holder
        finally:
            holder.terminate()


def test_a_coordinator_is_started_and_ends_with_its_sweep(tmp_path: Path) -> None:
    done = [replace(one, state=TrialState.COMPLETED) for one in TRIALS]
    sweep = made_sweep(StatePaths(tmp_path), trials=done)
    pid = start_coordinator(sweep, Placement())

    def kinds() -> list[str]:
        with SweepStore.open(sweep.store) as store:
            return [note.kind for note in store.notes()]

    eventually(lambda: kinds() == ["began", "resumed", "ended"], "the coordinator ends the sweep")
    eventually(lambda: not coordinator_runs(sweep), "it has ended")
    assert coordinator_pid(sweep) == pid


def test_a_running_coordinator_keeps_others_away_until_it_is_stopped(tmp_path: Path) -> None:
    sweep = made_sweep(StatePaths(tmp_path))
    said: list[str] = []
    with held(sweep) as holder:
        assert coordinator_runs(sweep) and coordinator_pid(sweep) == holder.pid
        with pytest.raises(Failure, match=f"already run by process {holder.pid}"):
            start_coordinator(sweep, Placement())
        with pytest.raises(Failure, match="its coordinator is running") as refused:
            remove_sweep(sweep)
        assert refused.value.code == Exit.ALREADY_RUNNING
        stop_coordinator(sweep, 20.0, lambda: 1, said.append)
        assert said == ["stopping: trials that still have to save: 1"]
    assert not coordinator_runs(sweep)
    with pytest.raises(Failure, match="no coordinator is running") as stopped:
        stop_coordinator(sweep, 20.0, lambda: 0, said.append)
    assert stopped.value.code == Exit.NOT_RUNNING


def test_a_sweep_is_removed_whole_and_a_killed_removal_is_finished(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    sweep = made_sweep(paths)
    (sweep.trial(0).home / "runs").mkdir(parents=True)
    assert trial_folders(sweep) == 1
    remove_sweep(sweep)
    assert list((tmp_path / "sweeps").iterdir()) == []
    made_sweep(paths).folder.rename(tmp_path / "sweeps" / ".pruned-rates")
    finish_sweep_removals(paths)
    assert list((tmp_path / "sweeps").iterdir()) == []


def test_where_trials_run_is_kept(tmp_path: Path) -> None:
    sweep = made_sweep(StatePaths(tmp_path))
    assert read_placement(sweep) == Placement()
    write_placement(sweep, Placement("ray", "192.0.2.7:6379"))
    assert read_placement(sweep) == Placement("ray", "192.0.2.7:6379")
    sweep.placement.write_text("{")
    with pytest.raises(Failure, match="name the engine with --engine"):
        read_placement(sweep)
    assert known_placement(sweep) is None
    assert status_of(sweep, most=0).engine == "unknown"  # as `sweep resume --engine` asks for it


def test_an_engine_that_is_not_installed_says_how_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landerctl.operations.sweeps.running.find_spec", lambda name: None)
    with pytest.raises(Failure, match=r"pip install 'landerctl\[ray\]'"):
        require_engine(Placement("ray"), spec())
    with pytest.raises(Failure, match="works with --engine ray only"):
        require_engine(Placement("local", "192.0.2.7:6379"), spec())
