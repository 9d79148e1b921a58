"""A supervisor under days of reports in minutes: memory, descriptors, and cost per report.

The supervised process reports fifty rollouts per second, where a training has one or two, and saves
as often; checkpoints are pruned. The clock is the machine's. At first memory grows by SQLite's
page cache of 2 MB.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from threading import Event

import psutil

from benchmarks.report import report
from tests.daemon.harness import Home

ROLLOUTS_PER_S = 50.0
TRAINING_ROLLOUTS_PER_S = 1.7  # of the default configuration on two cores
SETTLING_S = 20.0


def main() -> None:
    """Print the figures; the references are the start values or the limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    seconds = 60.0 * parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        try:
            daemon = home.started("--rollout-s", f"{1.0 / ROLLOUTS_PER_S}", "--interval", "50")
            process = psutil.Process(daemon.pid)
            pause = Event()
            pause.wait(SETTLING_S)
            before_cpu_s, before = sum(process.cpu_times()[:2]), _flown(home)
            found = []
            for _ in range(round(seconds / 5.0)):
                pause.wait(5.0)
                found.append((process.memory_info().rss / 1e6, process.num_fds()))
            cpu_s, flown = sum(process.cpu_times()[:2]) - before_cpu_s, _flown(home) - before
        finally:
            home.close()
    tenth = max(len(found) // 10, 1)
    for index, (name, unit) in enumerate((("memory", "MB"), ("descriptors", "1"))):
        first = statistics.median(figures[index] for figures in found[:tenth])
        last = statistics.median(figures[index] for figures in found[-tenth:])
        report(f"supervisor's {name} after {flown:,} rollouts, reference before", last, unit, first)
    share = 100.0 * cpu_s / flown * TRAINING_ROLLOUTS_PER_S
    report("supervisor's CPU by a training's reports, reference the limit", share, "% of a core", 1)


def _flown(home: Home) -> int:
    progress = home.status().progress
    return 0 if progress is None else progress.timesteps // 1000


if __name__ == "__main__":
    main()
