"""The store of a run of several days: its size, and the time a screen takes to read it.

Only the records' time advances: the supervisor's writer records what a training on two cores
reports, at its rate, and applies the retention every hour, as the supervisor does.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.report import report
from daemon.base.paths import StatePaths
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from landerctl.tui.data.reader import SERIES, SnapshotReader

HOUR_S = 3600.0
ROUND_S = 2.0  # resources.interval_s
ROLLOUT_S = 0.6  # 128 landers, 128 steps, at 27,000 steps/s
MACHINE = [f"machine/{number}" for number in range(20)]
TRAINING = [*SERIES, *(f"training/{number}" for number in range(30))]
READS = 30


def main() -> None:
    """Print the figures; the references are this project's limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=72)
    hours = parser.parse_args().hours
    with tempfile.TemporaryDirectory() as folder:
        paths = StatePaths(Path(folder))
        end_s = time.time()
        began_s = end_s - hours * HOUR_S
        writer = StoreWriter.open(paths.store)
        writer.put_run(RunRecord("benchmark", began_s, "curriculum", "ppo", 128))
        for hour in range(hours):
            write_hour(writer, began_s + hour * HOUR_S)
            writer.thin_samples(began_s + (hour + 1) * HOUR_S)
        size = sum(path.stat().st_size for path in Path(folder).glob("store.db*"))
        report(f"store after {hours} h, reference the limit", size / 1e6, "MB", 200.0)
        times_s = [_read(paths, end_s) for _ in range(READS)]
        writer.close()
    median_ms = 1e3 * statistics.median(times_s)
    report(f"a screen's read after {hours} h, reference the limit", median_ms, "ms", 20.0)


def write_hour(writer: StoreWriter, from_s: float) -> None:
    """Write an hour of samples from a Unix time on, one transaction per minute."""
    for minute in range(60):
        with writer.transaction():
            for names, interval_s in ((MACHINE, ROUND_S), (TRAINING, ROLLOUT_S)):
                for number in range(round(60.0 / interval_s)):
                    time_s = from_s + minute * 60.0 + number * interval_s
                    writer.add_samples(time_s, dict.fromkeys(names, time_s % 997.0), int(time_s))


def _read(paths: StatePaths, now_s: float) -> float:
    """Seconds from opening the store to a screen's first snapshot."""
    reader = SnapshotReader(paths, (), now=lambda: now_s, monotonic=time.monotonic)
    started_s = time.perf_counter()
    snapshot = reader.read()
    took_s = time.perf_counter() - started_s
    assert all(len(series) > 1 for series in snapshot.series.values())
    return took_s


if __name__ == "__main__":
    main()
