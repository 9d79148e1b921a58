"""Resident memory: of a further lander, and of a supervisor with a trainer that trains."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Event

import psutil

from benchmarks.report import report
from daemon.paths import StatePaths
from daemon.store.reader import StoreReader
from env.fleet import FleetSettings, LanderFleet

LANDERCTL = Path(sys.executable).parent / "landerctl"
TRAINED_STEPS = 300_000
DEADLINE_S = 300.0


def main() -> None:
    """Print both figures; the references are the checklist's 250 MB a lander and our 60 MB."""
    _further_lander()
    _supervisor()


def _further_lander() -> None:
    process = psutil.Process()
    LanderFleet(FleetSettings(n_envs=1)).close()
    before = process.memory_info().rss
    fleets = [LanderFleet(FleetSettings(n_envs=257)), LanderFleet(FleetSettings(n_envs=1))]
    for fleet in fleets:
        fleet.reset()
    grown = process.memory_info().rss - before
    report("a further lander, reference the checklist's upper figure", grown / 258e6, "MB", 250.0)


def _supervisor() -> None:
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
            report("supervisor beside a training, reference its limit", resident / 1e6, "MB", 60.0)
        finally:
            subprocess.run([LANDERCTL, "stop"], env=environ, check=True, capture_output=True)


if __name__ == "__main__":
    main()
