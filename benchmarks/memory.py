"""Memory: per additional lander, over a long flight, of a running supervisor and its trainer."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from threading import Event

import numpy as np
import psutil

from benchmarks.report import report
from daemon.base.paths import StatePaths
from daemon.store.reader import StoreReader
from env.fleet import FleetSettings, LanderFleet
from env.task.start import TOUCHDOWN

LANDERCTL = Path(sys.executable).parent / "landerctl"
TRAINED_STEPS = 300_000
DEADLINE_S = 300.0
TRAINER_LIMIT_MB = 600.0
READINGS = 25

LONG_FLIGHT_STEPS = 1_000_000
WARM_UP_STEPS = 100_000


def main() -> None:
    """Print the figures; the references are the checklist's and our own limits."""
    _further_lander()
    _long_flight()
    _processes()


def _further_lander() -> None:
    process = psutil.Process()
    LanderFleet(FleetSettings(n_envs=1)).close()
    before = process.memory_info().rss
    fleets = [LanderFleet(FleetSettings(n_envs=257)), LanderFleet(FleetSettings(n_envs=1))]
    for fleet in fleets:
        fleet.reset()
    grown = process.memory_info().rss - before
    report(
        "an additional lander, reference the checklist's upper figure", grown / 258e6, "MB", 250.0
    )


def _long_flight() -> None:
    """Memory growth over a million steps of falling landers, ten thousand episodes."""
    process = psutil.Process()
    rough = replace(TOUCHDOWN, relief=1.0, clear_radius_m=0.0)
    fleet = LanderFleet(FleetSettings(n_envs=64, threads=2, start=rough))
    fleet.reset()
    drop = np.full((64, fleet.settings.vehicle.n_actions), -1.0, np.float32)

    def fly(steps: int) -> int:
        ends = 0
        for _ in range(steps // 64):
            fleet.step_async(drop)
            ends += int(fleet.step_wait()[2].sum())
        return ends

    fly(WARM_UP_STEPS)
    gc.collect()
    resident, descriptors = process.memory_info().rss, process.num_fds()
    ends = fly(LONG_FLIGHT_STEPS)
    gc.collect()
    grown = (process.memory_info().rss - resident) / 1e6
    name = f"growth over {LONG_FLIGHT_STEPS:,} steps and {ends:,} episodes, reference its limit"
    report(name, grown, "MB", 5.0)
    report("growth of file descriptors over that flight", process.num_fds() - descriptors, "")
    fleet.close()


def _processes() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | {"LANDERCTL_HOME": folder}
        subprocess.run([LANDERCTL, "start"], env=environ, check=True, capture_output=True)
        paths = StatePaths(Path(folder))
        deadline_s = time.monotonic() + DEADLINE_S
        try:
            pause = Event()
            while True:
                with StoreReader.open(paths.store) as reader:
                    status = reader.status()
                if status.progress and status.progress.timesteps > TRAINED_STEPS:
                    break
                if time.monotonic() > deadline_s:
                    raise TimeoutError(f"no {TRAINED_STEPS} steps within {DEADLINE_S} s")
                pause.wait(1.0)
            assert status.daemon is not None
            resident = psutil.Process(status.daemon.pid).memory_info().rss
            report("supervisor during a training, reference its limit", resident / 1e6, "MB", 60.0)
            assert status.trainer is not None and status.trainer.pid is not None
            trainer, readings = psutil.Process(status.trainer.pid), []
            for _ in range(READINGS):  # rollouts and updates differ
                readings.append(trainer.memory_full_info().pss / 1e6)
                pause.wait(0.4)
            name = f"trainer after {TRAINED_STEPS:,} steps (PSS), median, reference its limit"
            report(name, median(readings), "MB", TRAINER_LIMIT_MB)
            report("the highest of those readings", max(readings), "MB")
        finally:
            subprocess.run([LANDERCTL, "stop"], env=environ, check=True, capture_output=True)


if __name__ == "__main__":
    main()
