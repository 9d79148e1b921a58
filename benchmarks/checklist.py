"""The checklist on a state folder of a month: how long it takes, and what the daemon's own judging
costs.

The store's writer records a minute's samples at a time, as they are once they are thinned.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import report
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.run_folder import set_current
from daemon.store.catalogs.metric_catalog import CATALOGUE
from daemon.store.records import DaemonStatus, RunRecord
from daemon.store.writer import StoreWriter

DAY_S = 86_400.0
MINUTE_S = 60.0
JUDGE = [sys.executable, "-m", "checks.checklist.judging.judge_home", "--home"]
VERB = [str(Path(sys.executable).with_name("landerctl")), "checklist", "--json", "--home"]


def main() -> None:
    """Print the figures; the references are this project's limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command")
    parser.add_argument("--home", type=Path, help="a folder to fill and keep")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.home or Path(folder)
        if not (home / "store.db").exists():
            fill_month(StatePaths(home), arguments.days)
        judged = [_run([*JUDGE, str(home)]) for _ in range(arguments.rounds)]
        shown = [_run([*VERB, str(home)]) for _ in range(arguments.rounds)]
    span = f"after {arguments.days} days, reference the limit"
    wall_s, cpu_s, peak_mb = (statistics.median(one) for one in zip(*shown, strict=True))
    report(f"landerctl checklist {span}", wall_s, "s", 1.0)
    report(f"CPU time of landerctl checklist {span}", cpu_s, "s", 1.0)
    wall_s, cpu_s, peak_mb = (statistics.median(one) for one in zip(*judged, strict=True))
    interval_s = load_config(None).config.checklist.interval_s
    report(f"a core for the daemon's judging {span}", 100.0 * cpu_s / interval_s, "%", 0.5)
    report(f"memory of its process {span}", peak_mb, "MB", 40.0)


def _run(command: list[str]) -> tuple[float, float, float]:
    """Wall time and CPU time in s, and peak memory in MB."""
    began_s = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    took_s = time.perf_counter() - began_s
    process.returncode = status
    assert status == 0, command
    return took_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def fill_month(paths: StatePaths, days: int) -> None:
    """Write the store of a run of `days` days at a sample a minute; its daemon is stopped."""
    now_s = time.time()
    began_s = now_s - days * DAY_S
    run = create_run(paths, load_config(None).config)
    set_current(paths, run.id)
    writer = StoreWriter.open(paths.store)
    writer.put_daemon(
        DaemonStatus(
            pid=1,
            started_s=began_s,
            config_path=None,
            config_error=None,
            steps_per_s_expected=(5_000.0, 60_000.0),
            tensorboard_url=None,
            stopped_s=now_s,
            stop_reason="benchmark",
        )
    )
    writer.put_run(RunRecord(run.id, began_s, "curriculum", "ppo", 128))
    writer.add_session(began_s, run.id)
    writer.add_event("trainer.running", "training", time_s=began_s, run_id=run.id)
    names = [name for name in CATALOGUE if "N/" not in name]
    for day in range(days):
        with writer.transaction():
            for minute in range(int(DAY_S / MINUTE_S)):
                trained_s = day * DAY_S + minute * MINUTE_S
                values = dict.fromkeys(names, 40.0 + trained_s % 7.0)
                values |= {"time/trained_s": trained_s, "process/zombies": 0.0}
                writer.add_samples(began_s + trained_s, values, int(20_000 * trained_s))
    writer.close()


if __name__ == "__main__":
    main()
