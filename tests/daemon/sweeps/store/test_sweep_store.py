"""The sweep's store: what is written is there, or nothing is."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from daemon.sweeps.records import Decision, Leg, Note, Trial, TrialState
from daemon.sweeps.store.sweep_store import FullError, SweepStore, SweepStoreError, is_full
from tests.daemon.small_disk import thin_disk

WRITE_FOR_EVER = """
import sys
from pathlib import Path
from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.store.sweep_store import SweepStore
with SweepStore.open(Path(sys.argv[1]), write=True) as store:
    first = len(store.trials())
    print("ready", flush=True)
    for number in range(first, first + 10**6):
        with store.transaction():
            store.add_trial(Trial(number=number, group=number, values={}, seed=1, target_steps=10))
            leg = Leg(trial=number, steps=10, values={}, running_s=1.0, time_s=0.0)
            store.add_leg(leg)
"""


def a_trial(number: int = 0, **fields: object) -> Trial:
    trial = Trial(number=number, group=0, values={"ppo.gamma": 0.99}, seed=1, target_steps=1000)
    return msgspec.structs.replace(trial, **fields)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    SweepStore.create(tmp_path / "sweep.db")
    return tmp_path / "sweep.db"


def test_what_a_snapshot_reads_is_of_one_moment(path: Path) -> None:
    with SweepStore.open(path, write=True) as writer, SweepStore.open(path) as store:
        with store.snapshot():
            assert store.trials() == []
            with writer.transaction():
                writer.add_trial(a_trial())
            assert store.counts() == {}
        assert store.counts() == {TrialState.WAITING: 1}


def test_what_is_written_is_read(path: Path) -> None:
    leg = Leg(trial=0, steps=1000, values={"gate": 1.0}, running_s=3.0, time_s=5.0)
    decision = Decision(
        number=1, time_s=6.0, kind="stop", trial=0, steps=1000, reason="poor", seen=1
    )
    with SweepStore.open(path, write=True) as store, store.transaction():
        store.add_trial(a_trial())
        store.put_trial(a_trial(state=TrialState.RUNNING, epoch=1))
        store.add_leg(leg)
        store.add_decision(decision)
        store.add_note(Note(time_s=0.0, kind="began", text="it began"))
    with SweepStore.open(path) as store:
        assert store.trials(TrialState.RUNNING) == [a_trial(state=TrialState.RUNNING, epoch=1)]
        assert (store.trials(TrialState.PAUSED), store.legs(), store.legs(1)) == ([], [leg], [])
        assert (store.decisions(), len(store.notes())) == ([decision], 1)
        assert store.counts() == {TrialState.RUNNING: 1}
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_illegal_transition_writes_nothing(path: Path) -> None:
    with SweepStore.open(path, write=True) as store:
        with store.transaction():
            store.add_trial(a_trial())
        with pytest.raises(ValueError, match="waiting -> completed"), store.transaction():
            store.add_note(Note(time_s=0.0, kind="x", text=""))
            store.put_trial(a_trial(state=TrialState.COMPLETED))
        assert (store.notes(), store.trial(0).state) == ([], TrialState.WAITING)


def test_the_first_end_of_a_leg_counts(path: Path) -> None:
    with SweepStore.open(path, write=True) as store, store.transaction():
        for value in (1.0, 2.0):
            leg = Leg(trial=0, steps=9, values={"gate": value}, running_s=1.0, time_s=1.0)
            store.add_leg(leg)
    with SweepStore.open(path) as store:
        assert [leg.values["gate"] for leg in store.legs()] == [1.0]


def test_a_killed_writer_leaves_whole_transactions(path: Path) -> None:
    for _ in range(3):
        command = [sys.executable, "-c", WRITE_FOR_EVER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            with SweepStore.open(path) as store:
                begun = len(store.trials())
                while len(store.trials()) < begun + 5:
                    pass
            os.kill(process.pid, signal.SIGKILL)
        with SweepStore.open(path, write=True) as store:
            assert [t.number for t in store.trials()] == [leg.trial for leg in store.legs()]


def test_a_damaged_store_is_named(path: Path) -> None:
    path.write_bytes(b"no database" * 500)
    with pytest.raises(SweepStoreError, match=r"sweep\.db"):
        SweepStore.open(path)


def test_a_disk_that_fsync_finds_full_is_full() -> None:
    """SQLite calls it a disk I/O error, as it does a used-up quota."""
    with thin_disk(24) as disk:
        path = disk.folder / "sweep.db"
        SweepStore.create(path)
        with SweepStore.open(path, write=True) as store:
            disk.fill()
            with pytest.raises(FullError, match="disk I/O error"), store.transaction():
                for number in range(500):
                    store.add_trial(a_trial(number, reason="long" * 500))
            disk.free()
            with store.transaction():
                store.add_trial(a_trial())
            assert len(store.trials()) == 1


@pytest.mark.parametrize(
    ("code", "disk", "full"),
    [
        (sqlite3.SQLITE_FULL, None, True),
        (sqlite3.SQLITE_IOERR_WRITE, errno.EDQUOT, True),
        (sqlite3.SQLITE_IOERR_FSYNC, errno.ENOSPC, True),
        (sqlite3.SQLITE_IOERR_WRITE, errno.EIO, False),
        (sqlite3.SQLITE_IOERR_READ, None, False),
        (sqlite3.SQLITE_CORRUPT, errno.EDQUOT, False),
    ],
)
def test_what_counts_as_full(code: int, disk: int | None, *, full: bool) -> None:
    assert is_full(code, lambda: None if disk is None else OSError(disk, "")) is full
