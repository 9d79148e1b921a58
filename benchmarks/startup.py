"""Cold starts of `landerctl status` and `landerctl check` against `supervisorctl version`.

The three are run in turn, so that whatever else the machine does falls on each alike; the medians
are compared. The state folder holds a store as a daemon leaves it, so that the work is real.
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
from daemon.store.records import DaemonStatus, RunRecord
from daemon.store.writer import StoreWriter

SCRIPTS = Path(sys.executable).parent
REFERENCE = "supervisorctl version"
COMMANDS: dict[str, list[str]] = {
    REFERENCE: [str(SCRIPTS / "supervisorctl"), "version"],
    "landerctl status": [str(SCRIPTS / "landerctl"), "status"],
    "landerctl check": [str(SCRIPTS / "landerctl"), "check"],
}


def main() -> None:
    """Print one JSON object a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="runs of each command")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder))
        environ = os.environ | {"LANDERCTL_HOME": folder}
        times_s: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for command in COMMANDS.values():
            _run(command, environ)  # fills the disk cache and writes the .pyc files
        for _ in range(rounds):
            for name, command in COMMANDS.items():
                times_s[name].append(_run(command, environ))
    reference_ms = statistics.median(times_s[REFERENCE]) * 1000
    for name in COMMANDS:
        if name == REFERENCE:
            continue
        value_ms = statistics.median(times_s[name]) * 1000
        report(f"cold start of {name}, reference {REFERENCE}", value_ms, "ms", reference_ms)


def _run(command: list[str], environ: dict[str, str]) -> float:
    started_s = time.perf_counter()
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started_s


def _fill(home: Path) -> None:
    now_s = time.time()
    writer = StoreWriter.open(home / "store.db")
    writer.put_daemon(
        DaemonStatus(
            pid=1,
            started_s=now_s - 60,
            config_path=None,
            config_error=None,
            steps_per_s_expected=(5_000.0, 60_000.0),
            tensorboard_url=None,
            stopped_s=now_s,
            stop_reason="benchmark",
        )
    )
    writer.put_run(RunRecord("benchmark", now_s - 60, "curriculum", "ppo", 128))
    writer.close()


if __name__ == "__main__":
    main()
