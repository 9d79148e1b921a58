"""Cold starts and memory of `landerctl status` and `check` against `supervisorctl version`.

And of `import landerctl.api` against a bare Python. They are run alternately, so that other load on
the machine affects all of them; medians are compared. The state folder contains a realistic store.
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
COMMANDS: dict[str, list[str]] = {
    "supervisorctl version": [str(SCRIPTS / "supervisorctl"), "version"],
    "landerctl status": [str(SCRIPTS / "landerctl"), "status"],
    "landerctl check": [str(SCRIPTS / "landerctl"), "check"],
    "python": [sys.executable, "-c", ""],
    "import landerctl.api": [sys.executable, "-c", "import landerctl.api"],
}
REFERENCES = {
    "landerctl status": "supervisorctl version",
    "landerctl check": "supervisorctl version",
    "import landerctl.api": "python",
}


def main() -> None:
    """Print one JSON object per command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="runs of each command")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder))
        environ = os.environ | {"LANDERCTL_HOME": folder}
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
        for command in COMMANDS.values():
            _run(command, environ)  # fills the disk cache and writes the .pyc files
        for _ in range(rounds):
            for name, command in COMMANDS.items():
                found[name].append(_run(command, environ))
    for name, of in REFERENCES.items():
        for index, (what, unit) in enumerate((("cold start", "ms"), ("memory", "MB"))):
            value, reference = (
                statistics.median(figures[index] for figures in found[one]) for one in (name, of)
            )
            report(f"{what} of {name}, reference {of}", value, unit, reference)


def _run(command: list[str], environ: dict[str, str]) -> tuple[float, float]:
    """Duration in ms, and peak memory in MB."""
    started_s = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    took_ms = 1e3 * (time.perf_counter() - started_s)
    process.returncode = 0  # already waited for
    return took_ms, usage.ru_maxrss * 1024 / 1e6


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
