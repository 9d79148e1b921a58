"""Backups of a PPO training: time of one, disk space of a thousand, cost to the training.

The training has the default configuration. Its daemon is restarted repeatedly, alternately with and
without automatic backups, so that both are measured in the same run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Event

from benchmarks.report import report
from daemon.backup.make import make_backup
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints, newest_whole
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.store.reader import StoreMissingError, StoreReader
from tests.waiting import eventually

WARM_UP_S = 5.0
START_TIMEOUT_S = 180.0


def main() -> None:
    """Print the figures; the references are the plain copy, and training without backups."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="checkpoints to copy")
    parser.add_argument("--pairs", type=int, default=5, help="periods with backups and without")
    parser.add_argument("--period-s", type=float, default=20.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="landerctl-") as folder:
        training = Training(Path(folder) / "home")
        speeds: dict[bool, list[float]] = {True: [], False: []}
        copied: list[float] = []
        for period in range(2 * options.pairs):
            with_backups = period % 2 == 0
            try:
                training.start(with_backups)
                began_s = time.time() + WARM_UP_S
                Event().wait(WARM_UP_S + options.period_s)
                speeds[with_backups].append(training.steps_per_s(began_s))
                if period == 0:
                    copied = training.copy_during_training(options.count)
            finally:
                training.stop()
        slow, fast = (statistics.median(speeds[one]) for one in (True, False))
        report("training with automatic backups, reference without", slow, "steps/s", fast)
        training.report_copies(copied)


class Training:
    """A supervisor with the real trainer, in a separate state folder."""

    def __init__(self, home: Path) -> None:
        self._paths = StatePaths(home)
        settings = {"run": {"timesteps": 2_000_000_000}}
        self._run = create_run(self._paths, load_config(None, settings).config)
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self, with_backups: bool) -> None:
        """Start, with backups of all checkpoints or of none; returns when it trains."""
        config = self._paths.home / "config.toml"
        config.write_text("" if with_backups else "[backup]\nautomatic = []\n")
        command = [sys.executable, "-m", "daemon.supervisor", "--home", str(self._paths.home)]
        command += ["--run", self._run.id, "--config", str(config)]
        began_s = time.time()
        self._daemon = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        eventually(lambda: self._samples(began_s), "it trains", START_TIMEOUT_S)

    def stop(self) -> None:
        """Save and end."""
        assert self._daemon is not None
        self._daemon.send_signal(signal.SIGTERM)
        self._daemon.wait(START_TIMEOUT_S)

    def steps_per_s(self, since_s: float) -> float:
        """The training's speed since `since_s` (Unix), steps/s."""
        samples = self._samples(since_s)
        (first_s, first), (last_s, last) = samples[0], samples[-1]
        return (last - first) / (last_s - first_s)

    def copy_during_training(self, count: int) -> list[float]:
        """Back up the newest checkpoint `count` times during training; the duration of each, ms."""
        newest = newest_whole(self._run.checkpoints)
        assert newest is not None
        aside = RunPaths(self._paths.home / "aside" / self._run.id)
        shutil.copytree(self._run.checkpoints / newest.id, aside.checkpoints / newest.id)
        shutil.copy(self._run.config, aside.config)
        took_ms = []
        began_cpu_s = time.process_time()
        for number in range(count):
            directory = self._paths.home / "copies" / str(number)
            began_s = time.perf_counter()
            make_backup(self._paths, aside, newest.id, directory, created_s=time.time())
            took_ms.append(1e3 * (time.perf_counter() - began_s))
        self._cpu_ms = 1e3 * (time.process_time() - began_cpu_s) / count
        return took_ms

    def report_copies(self, took_ms: list[float]) -> None:
        """Report time and space of the copies made by `copy_during_training`."""
        plain = self._paths.home / "aside" / self._run.id / "checkpoints"
        [manifest] = list_checkpoints(plain).whole
        plain_mb = len(took_ms) * _on_disk_bytes(plain) / 1e6
        copies_mb = _on_disk_bytes(self._paths.home / "copies") / 1e6
        what = f"PPO checkpoint of {manifest.size_bytes / 1e6:.2f} MB"
        report(f"backup of a {what} during a training, median", statistics.median(took_ms), "ms")
        p95_ms = sorted(took_ms)[int(0.95 * len(took_ms))]
        report(f"backup of a {what} during a training, 95th percentile", p95_ms, "ms")
        report(f"backup of a {what}, CPU", self._cpu_ms, "ms")
        report(
            f"{len(took_ms)} backups on the disk, reference plain copies", copies_mb, "MB", plain_mb
        )

    def _samples(self, since_s: float) -> list[tuple[float, int]]:
        """Unix time and timesteps of each rollout since `since_s`."""
        try:
            with StoreReader.open(self._paths.store) as store:
                found = store.series("time/fps", since_s=since_s)
        except StoreMissingError:
            return []
        return [(one.time_s, one.timesteps) for one in found if one.timesteps is not None]


def _on_disk_bytes(folder: Path) -> int:
    """Disk usage, as du counts it."""
    total = 0
    for path, _, files in os.walk(folder):
        total += sum(512 * os.lstat(Path(path, name)).st_blocks for name in (*files, ""))
    return total


if __name__ == "__main__":
    main()
