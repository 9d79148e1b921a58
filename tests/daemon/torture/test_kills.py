"""Supervisor and trainer killed repeatedly at random: nothing acknowledged is lost."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass, field

import psutil

from daemon.backup.catalog import scan
from daemon.backup.verification.verify import verify_backup
from daemon.base.identity import lock_is_held
from daemon.base.malformed import MALFORMED
from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import list_checkpoints, newest_whole
from daemon.protocol.control import BackupRequest, Done, Request, SilenceRequest
from daemon.runs.run_folder import current_run
from daemon.store.reader import StoreReader
from daemon.store.records import Event
from daemon.store.schema import StoreError
from tests.daemon.harness import Home, config_text
from tests.daemon.torture.mutation import KILLS, generator
from tests.waiting import eventually

LONGEST_S = 1.2  # from start to kill; a start takes about a third of it


@dataclass
class Witness:
    """What a reader found in the store, and what was acknowledged to clients."""

    events: dict[int, Event] = field(default_factory=dict)
    silenced: list[str] = field(default_factory=list)
    backups: list[str] = field(default_factory=list)

    def read(self, paths: StatePaths) -> None:
        with contextlib.suppress(StoreError), StoreReader.open(paths.store) as reader:
            after_id = max(self.events, default=-1)
            self.events |= {e.id: e for e in reader.events(after_id=after_id, limit=100_000)}

    def ask(self, home: Home, over: threading.Event) -> None:
        """Send requests one after the other, and record what is acknowledged."""
        number = 0
        while not over.is_set():
            number += 1
            pattern = f"{len(self.events)}-{number}"
            request: Request = SilenceRequest(pattern, 60.0, "me")
            if number % 3 == 0:
                request = BackupRequest(pattern)
            try:
                answers = home.ask(request)
            except (OSError, *MALFORMED):  # killed, perhaps while answering
                over.wait(0.01)
                continue
            if not (answers and isinstance(answers[-1], Done)):
                continue
            if isinstance(request, SilenceRequest):
                self.silenced.append(pattern)
            else:
                self.backups.append(str(answers[-1].data["id"]))

    def check(self, home: Home) -> None:
        """Assert that all of it is still there, and all files are intact."""
        store = sqlite3.connect(f"file:{home.paths.store}?mode=ro", uri=True)
        with contextlib.closing(store):
            assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with StoreReader.open(home.paths.store) as reader:
            events = {event.id: event for event in reader.events(limit=1_000_000)}
        assert self.events.items() <= events.items()
        recorded = {str(e.body["pattern"]) for e in events.values() if e.name == "alert.silenced"}
        assert set(self.silenced) <= recorded
        made = {str(e.body["id"]) for e in events.values() if e.name == "backup.made"}
        kept = scan(home.paths.backups)
        assert not kept.damaged
        assert set(self.backups) <= made & {backup.id for backup in kept.whole}
        for id_ in self.backups[-3:]:
            verify_backup(home.paths.backups / home.run.id / id_)
        listing = list_checkpoints(home.run.checkpoints)
        assert not listing.damaged
        if listing.whole:
            newest = newest_whole(home.run.checkpoints)
            assert newest is not None and newest.id == listing.whole[-1].id
        assert current_run(home.paths) in (home.run, None)


def trainer_pid(home: Home) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        return int(home.run.lease.read_text()) if home.trainer_lives() else None
    return None


def kill(home: Home, victim: str) -> int | None:
    """Kill `victim`; returns the trainer's process id, if there was one."""
    pid = trainer_pid(home)
    if victim != "trainer":
        home.daemons[-1].kill()
    if victim != "supervisor" and pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return pid


def runs_again(home: Home, killed: int | None) -> bool:
    trainer = home.status().trainer
    return trainer is not None and trainer.state == "RUNNING" and trainer.pid != killed


def round_of(home: Home, draw: random.Random, witness: Witness) -> str:
    """Start, and kill at a random time; returns who was killed, and whether during the start."""
    over, moment = threading.Event(), threading.Event()
    daemon, pipe = home.spawn("--interval", "3", "--rollout-s", "0.005")
    client = threading.Thread(target=witness.ask, args=(home, over))
    client.start()
    # A random time, not a condition to wait for.
    victim, after_s = draw.choice(("supervisor", "trainer", "both")), draw.uniform(0.0, LONGEST_S)
    timer = threading.Timer(after_s, moment.set)
    timer.start()
    while not moment.wait(0.01):
        witness.read(home.paths)
    pid = kill(home, victim)
    with os.fdopen(pipe, "rb") as ready:
        started = b'"ok":true' in ready.readline()
    if victim == "trainer":
        assert started
        eventually(lambda: runs_again(home, pid), "the trainer is restarted")
        witness.read(home.paths)
        children = psutil.Process(daemon.pid).children(recursive=True)
        assert all(child.status() != psutil.STATUS_ZOMBIE for child in children)
        home.daemons[-1].kill()
    over.set()
    daemon.wait()
    client.join()
    eventually(lambda: not home.trainer_lives(), "no orphan keeps running")
    assert not lock_is_held(home.paths)
    return f"{victim}{'' if started else ', starting'}"


def test_kills_lose_nothing_that_was_acknowledged(home: Home) -> None:
    draw, witness, rounds = generator("kills"), Witness(), Counter[str]()
    home.config.write_text(config_text(max_crashes=1000))
    for _ in range(KILLS):
        rounds[round_of(home, draw, witness)] += 1
        if home.paths.store.exists():
            witness.check(home)
    print(f"{rounds}; {len(witness.events)} events, {len(witness.silenced)} silences recorded, ")
    print(f"{len(witness.backups)} backups acknowledged")
    daemon = home.started("--interval", "3")
    newest = list_checkpoints(home.run.checkpoints).whole
    home.trainer_state("RUNNING")
    if newest:
        assert home.events("trainer.resumed")[-1].body == {"checkpoint": newest[-1].id}
    home.stop(daemon)
    witness.check(home)
    assert not home.events("store.recovered", "checkpoint.damaged", "trainer.fatal")
    # Leftovers of dead processes are removed by the next process.
    assert not list(home.run.checkpoints.glob(".tmp-*"))
    assert not list(home.paths.home.glob("*.damaged-*"))
