"""The real trainer and its supervisor, killed at random instants: `make torture`."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import threading

import pytest

from daemon.backup.catalog import scan
from daemon.base.identity import flock_is_held, lock_is_held
from daemon.checkpoint.catalog import list_checkpoints, newest_whole
from tests.daemon.torture.mutation import KILLS, generator
from tests.e2e.mission import Mission

pytestmark = pytest.mark.skipif(KILLS < 100, reason="minutes of starts and kills: make torture")


def test_a_run_resumes_from_its_newest_checkpoint_after_any_kill(mission: Mission) -> None:
    draw = generator("mission")
    seen: set[tuple[int, str]] = set()
    for number in range(KILLS // 10):
        mission.done("start", "--no-wait")
        whom = draw.choice(("supervisor", "trainer", "both"))
        # A random instant: within the imports, the compilation, or the training.
        threading.Event().wait(draw.uniform(0.0, 12.0))
        if number % 3 == 0:
            mission.run("backup")
        trainer = mission.status.trainer
        seen |= {(event.id, event.text) for event in mission.events()}
        if whom != "trainer":
            os.kill(mission.supervisor_pid(), signal.SIGKILL)
        if (
            whom != "supervisor"
            and trainer
            and trainer.pid
            and flock_is_held(mission.current.lease)
        ):
            os.kill(trainer.pid, signal.SIGKILL)
        if whom == "trainer":
            mission.event("trainer.running", len(mission.events("trainer.running")) + 1)
            mission.done("stop")
        mission.daemon_gone()
        mission.trainer_gone()
        assert not lock_is_held(mission.paths)
        store = sqlite3.connect(f"file:{mission.paths.store}?mode=ro", uri=True)
        with contextlib.closing(store):
            assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert seen <= {(event.id, event.text) for event in mission.events()}
        listing = list_checkpoints(mission.current.checkpoints)
        assert not listing.damaged and not scan(mission.paths.backups).damaged
        if listing.whole:
            newest = newest_whole(mission.current.checkpoints)
            assert newest is not None and newest.id == listing.whole[-1].id
    mission.done("start")
    newest = newest_whole(mission.current.checkpoints)
    assert newest is not None
    mission.trained_past(newest.timesteps)
    assert not mission.events("store.recovered", "checkpoint.damaged", "trainer.fatal")
