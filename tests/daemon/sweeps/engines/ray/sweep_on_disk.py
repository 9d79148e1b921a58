"""The folder of a sweep of one trial, for the Ray engine."""

from __future__ import annotations

from pathlib import Path

import msgspec

from daemon.base.files import write_atomically
from daemon.config import load_config
from daemon.sweeps.engines.engine import TrialOrder
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Trial
from daemon.sweeps.spec.schema import Limits, Objective, RaySettings, SweepSpec
from daemon.sweeps.store.sweep_store import SweepStore

STEPS = 1_000_000
MEMORY_MB = 500
SETTINGS = {
    "alerts": [],
    "tensorboard": {"enabled": False},
    "resources": {"interval_s": 0.2},
    "supervision": {"backoff_initial_s": 0.05, "stop_timeout_s": 5.0},
}


def create(folder: Path, *, backup: str, place: str = "") -> SweepPaths:
    """A sweep that backs up to `backup`; `place`: where its trial was last."""
    sweep = SweepPaths(folder)
    folder.mkdir(mode=0o700)
    write_atomically(sweep.base, msgspec.json.encode(load_config(None, SETTINGS).config))
    write_atomically(sweep.spec, backup.encode())
    SweepStore.create(sweep.store)
    with SweepStore.open(sweep.store, write=True) as store, store.transaction():
        store.add_trial(
            Trial(number=0, group=0, values={}, seed=1, target_steps=STEPS, place=place)
        )
    return sweep


def spec_of(sweep: SweepPaths) -> SweepSpec:
    limits = Limits(steps=STEPS, memory_mb=MEMORY_MB)
    return SweepSpec(limits=limits, ray=RaySettings(backup=sweep.spec.read_text()))


def order_of(sweep: SweepPaths, epoch: int, steps: int = STEPS) -> TrialOrder:
    return TrialOrder(
        sweep=sweep.id,
        trial=0,
        epoch=epoch,
        home=sweep.trial(0).home,
        config=sweep.base.read_bytes(),
        target_steps=steps,
        objectives=(Objective(metric="gate"),),
        threads=1,
        memory_mb=MEMORY_MB,
    )


def backed_up_steps(target: Path, epoch: int) -> list[int]:
    """The steps of the backups that a home has at the target."""
    records = target.glob(f"*/00000/{epoch:05d}/*/*-*-*/backup.json")
    return sorted(int(path.parent.name.split("-")[1]) for path in records)
