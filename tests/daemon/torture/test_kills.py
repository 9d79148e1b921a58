"""Supervisor and trainer killed at any instant, again and again: what was told stays true."""

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

LONGEST_S = 1.2  # from a start to the kill; a start takes about a third of it


@dataclass
class Witness:
    """What a reader saw in the store, and what clients were promised."""

    seen: dict[int, Event] = field(default_factory=dict)
    silenced: list[str] = field(default_factory=list)
    backups: list[str] = field(default_factory=list)

    def look(self, paths: StatePaths) -> None:
        with contextlib.suppress(StoreError), StoreReader.open(paths.store) as reader:
            after_id = max(self.seen, default=-1)
            self.seen |= {e.id: e for e in reader.events(after_id=after_id, limit=100_000)}

    def ask(self, home: Home, over: threading.Event) -> None:
        """Ask for one thing after the other, and note what is promised."""
        number = 0
        while not over.is_set():
            number += 1
            pattern = f"{len(self.seen)}-{number}"
            request: Request = SilenceRequest(pattern, 60.0, "me")
            if number % 3 == 0:
                request = BackupRequest(pattern)
            try:
                answers = home.ask(request)
            except (OSError, *MALFORMED):  # it died, perhaps within its answer
                over.wait(0.01)
                continue
            if not (answers and isinstance(answers[-1], Done)):
                continue
            if isinstance(request, SilenceRequest):
                self.silenced.append(pattern)
            else:
                self.backups.append(str(answers[-1].data["id"]))

    def judge(self, home: Home) -> None:
        """All of it is still there, and all files are whole."""
        store = sqlite3.connect(f"file:{home.paths.store}?mode=ro", uri=True)
        with contextlib.closing(store):
            assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with StoreReader.open(home.paths.store) as reader:
            events = {event.id: event for event in reader.events(limit=1_000_000)}
        assert self.seen.items() <= events.items()
        told = {str(e.body["pattern"]) for e in events.values() if e.name == "alert.silenced"}
        assert set(self.silenced) <= told
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


def kill(home: Home, whom: str) -> int | None:
    """Kill; the trainer's process, where there was one."""
    pid = trainer_pid(home)
    if whom != "trainer":
        home.daemons[-1].kill()
    if whom != "supervisor" and pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return pid


def runs_anew(home: Home, killed: int | None) -> bool:
    trainer = home.status().trainer
    return trainer is not None and trainer.state == "RUNNING" and trainer.pid != killed


def round_of(home: Home, draw: random.Random, witness: Witness) -> str:
    """Start, and kill at some instant; who was killed, and whether before the start was over."""
    over, moment = threading.Event(), threading.Event()
    daemon, pipe = home.spawn("--interval", "3", "--rollout-s", "0.005")
    client = threading.Thread(target=witness.ask, args=(home, over))
    client.start()
    # The instant is the point: a time, not something to wait for.
    whom, after_s = draw.choice(("supervisor", "trainer", "both")), draw.uniform(0.0, LONGEST_S)
    timer = threading.Timer(after_s, moment.set)
    timer.start()
    while not moment.wait(0.01):
        witness.look(home.paths)
    pid = kill(home, whom)
    with os.fdopen(pipe, "rb") as ready:
        started = b'"ok":true' in ready.readline()
    if whom == "trainer":
        assert started
        eventually(lambda: runs_anew(home, pid), "the trainer is started again")
        witness.look(home.paths)
        children = psutil.Process(daemon.pid).children(recursive=True)
        assert all(child.status() != psutil.STATUS_ZOMBIE for child in children)
        home.daemons[-1].kill()
    over.set()
    daemon.wait()
    client.join()
    eventually(lambda: not home.trainer_lives(), "no orphan goes on")
    assert not lock_is_held(home.paths)
    return f"{whom}{'' if started else ', starting'}"


def test_whatever_is_killed_nothing_that_was_told_is_lost(home: Home) -> None:
    draw, witness, rounds = generator("kills"), Witness(), Counter[str]()
    home.config.write_text(config_text(max_crashes=1000))
    for _ in range(KILLS):
        rounds[round_of(home, draw, witness)] += 1
        if home.paths.store.exists():
            witness.judge(home)
    print(f"{rounds}; {len(witness.seen)} events, {len(witness.silenced)} silences seen, ")
    print(f"{len(witness.backups)} backups promised")
    daemon = home.started("--interval", "3")
    newest = list_checkpoints(home.run.checkpoints).whole
    home.trainer_state("RUNNING")
    if newest:
        assert home.events("trainer.resumed")[-1].body == {"checkpoint": newest[-1].id}
    home.stop(daemon)
    witness.judge(home)
    assert not home.events("store.recovered", "checkpoint.damaged", "trainer.fatal")
    # What a dead process began is cleared away by the next that begins the same.
    assert not list(home.run.checkpoints.glob(".tmp-*"))
    assert not list(home.paths.home.glob("*.damaged-*"))
