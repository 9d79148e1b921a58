"""Tells what happened in a state folder: days of a training, written by the store's own writer."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec

from checks.checklist.burn_in.collect import collect_burn_in
from checks.checklist.facts import Facts, Outcome
from checks.checklist.judges.all import JUDGES
from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address
from checks.gather import gather, with_config
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.run_folder import set_current
from daemon.store.records import RunRecord, ServerStatus
from daemon.store.writer import StoreWriter
from tests.status_samples import daemon_status, progress, trainer_status

BEGAN_S = 1_800_000_000.0
SAMPLE_S = 180.0
HOUR_S = 3600.0
STEPS_PER_S = 20_000.0
FINGERPRINT = "0123456789abcdef"
OFFLINE = "http://127.0.0.1:9/"  # nothing listens there

Value = Callable[[float], float]  # of the hours of the session


def _flat(value: float) -> Value:
    return lambda hours: value


class Story:
    """Each method appends to what happened. `now_s`: the wall clock."""

    def __init__(self, folder: Path, mode: str = "curriculum") -> None:
        self.paths = StatePaths(folder)
        config = load_config(None, {"run": {"mode": mode}}).config
        self.run: RunPaths = create_run(self.paths, config)
        set_current(self.paths, self.run.id)
        (folder / "config.toml").write_text("[tensorboard]\nenabled = true\n")
        self.now_s = BEGAN_S
        self.trained_s = 0.0
        self.fingerprint = FINGERPRINT
        self.pid = 100
        self.url = OFFLINE
        self.runs = False
        with closing(StoreWriter.open(self.paths.store)) as store:
            store.put_run(RunRecord(self.run.id, BEGAN_S, mode, "ppo", 128))

    def event(self, name: str, **body: float | str | int | None) -> None:
        with closing(StoreWriter.open(self.paths.store)) as store:
            store.add_event(
                name, f"text of {name}", time_s=self.now_s, run_id=self.run.id, body=dict(body)
            )

    def start(self) -> None:
        """A daemon starts, and its trainer."""
        self.event("daemon.started", pid=1, fingerprint=self.fingerprint)
        self.begin()

    def begin(self) -> None:
        """A trainer starts."""
        self.pid += 1
        self.now_s += 30.0
        self.event("trainer.running", pid=self.pid, startup_s=30.0, trained_s=self.trained_s)
        self.runs = True

    def train(
        self,
        hours: float,
        *,
        memory: Value = lambda hours: 600e6,
        descriptors: Value = lambda hours: 40.0,
        zombies: Value = lambda hours: 0.0,
        distance: float = 65_536.0,
        cpu: Value = lambda hours: 70.0,
        disk: Value = lambda hours: 2.0,
    ) -> None:
        """Train, with a sample every three minutes."""
        named: dict[str, Value] = {
            "cpu/machine_percent": cpu,
            "disk/write_mb_s": disk,
            "memory/trainer_bytes": memory,
            "memory/lander_mb": lambda hour: memory(hour) / 128e6,
            "process/trainer_descriptors": descriptors,
            "process/trainer_threads": _flat(12.0),
            "process/zombies": zombies,
            "checkpoint/distance_steps": _flat(distance),
            "time/fps": _flat(STEPS_PER_S),
        }
        began_s = self.trained_s
        with closing(StoreWriter.open(self.paths.store)) as store, store.transaction():
            for _ in range(round(hours * HOUR_S / SAMPLE_S)):
                self.now_s += SAMPLE_S
                self.trained_s += SAMPLE_S
                hour = (self.trained_s - began_s) / HOUR_S
                values = {name: value(hour) for name, value in named.items()}
                store.add_samples(self.now_s, values | {"time/trained_s": self.trained_s})

    def wait(self, hours: float) -> None:
        """The clock goes on, and nothing trains: a suspended machine, or no daemon."""
        self.now_s += hours * HOUR_S

    def set_clock(self, hours: float) -> None:
        """Somebody sets the wall clock; the daemon notices."""
        self.now_s += hours * HOUR_S
        self.event("clock.jumped", by_s=hours * HOUR_S)

    def stop(self) -> None:
        """The operator stops the daemon."""
        self.end("trainer.exited")
        self.event("daemon.stopped", reason="SIGTERM")

    def end(self, name: str) -> None:
        """The trainer ends; its event file was written until then."""
        self.event(name, exit="exit code 0", trained_s=self.trained_s)
        self.write_scalars()
        self.runs = False

    def write_scalars(self) -> None:
        """The trainer's event file, as it is now."""
        path = self.run.tensorboard / f"events.out.tfevents.1800000000.a.host.{self.pid}.0"
        path.touch()
        os.utime(path, (self.now_s, self.now_s))

    def facts(self) -> Facts:
        """What is known now. The daemon runs if a trainer does."""
        if self.runs:
            self.write_scalars()
        with closing(StoreWriter.open(self.paths.store)) as store:
            servers = {"tensorboard": ServerStatus(self.url, None)}
            stopped_s = None if self.runs else self.now_s
            store.put_daemon(daemon_status(self.now_s, servers=servers, stopped_s=stopped_s))
            state = "RUNNING" if self.runs else "STOPPED"
            store.put_trainer(trainer_status(self.now_s, self.run.id, state=state))
            store.put_progress(progress(self.now_s, trained_s=self.trained_s))
        evidence = gather(self.paths, self.now_s)
        evidence = with_config(evidence, self.paths, (), {})
        evidence = msgspec.structs.replace(evidence, lock_held=self.runs)
        assert evidence.config is not None
        address = Address("1", self.fingerprint, "machine", self.run.id, "settings")
        return Facts(
            now_s=self.now_s,
            address=address,
            limits=evidence.config.checklist,
            evidence=evidence,
            ledger=Ledger(),
            burn_in=collect_burn_in(self.paths, evidence, evidence.config, self.fingerprint),
        )

    def outcomes(self) -> dict[str, Outcome]:
        """What each line of the burn-in is judged, without those of the gates."""
        facts = self.facts()
        names = [name for name in JUDGES if name.startswith("burn-in.") and "stage" not in name]
        names = [*names, "quality.memory", "golive.burn-in"]
        left = ("burn-in.mean-rewards", "burn-in.normaliser-persists")
        return {name: JUDGES[name](facts) for name in names if name not in left}
