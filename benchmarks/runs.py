"""`landerctl runs` in a state folder of 500 runs, against the same with one run.

The runs are made by the program's own writers, each with four checkpoints. Both are run
alternately as processes of their own, so that other load affects both; medians are compared.
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
from daemon.checkpoint.commit import commit_checkpoint
from daemon.config import load_config
from daemon.config.fingerprint import versions
from daemon.runs.creation import create_run
from daemon.runs.run_folder import set_current

SCRIPT = Path(sys.executable).parent / "landerctl"
CHECKPOINTS = 4
DAY_S = 86_400.0


def main() -> None:
    """Print one JSON object per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of each command")
    parser.add_argument("--runs", type=int, default=500, help="runs in the state folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as many, tempfile.TemporaryDirectory() as one:
        fill(StatePaths(Path(many)), arguments.runs)
        fill(StatePaths(Path(one)), 1)
        for options in ((), ("--disk",)):
            took_ms: dict[str, list[float]] = {many: [], one: []}
            for home in (many, one):
                _run(home, options)  # fills the disk cache and writes the .pyc files
            for _ in range(arguments.rounds):
                for home, figures in took_ms.items():
                    figures.append(_run(home, options))
            value, reference = (statistics.median(took_ms[home]) for home in (many, one))
            verb = " ".join(("landerctl runs", *options))
            name = f"{verb} of {arguments.runs} runs, reference one run"
            report(name, value, "ms", reference)


def fill(paths: StatePaths, count: int) -> None:
    """Create `count` runs, one an hour up to now; the last is the current one."""
    config, now_s, known = load_config(None).config, time.time(), versions()
    for number in range(count):
        created_s = now_s - (count - number) * 3600.0
        run = create_run(paths, config, created_s, tags=(f"tag-{number % 7}",))
        for sequence in range(1, CHECKPOINTS + 1):
            commit_checkpoint(
                run.checkpoints,
                build=_weights,
                run_id=run.id,
                kind="gate" if sequence == CHECKPOINTS else "interval",
                created_s=created_s + 600.0 * sequence,
                algorithm=config.run.algorithm,
                timesteps=1_000_000 * sequence,
                stage=1 + number % 5,
                episodes=100,
                versions=known,
                success_rate=number % 100 / 100,
                reward_mean=float(number % 300),
            )
    set_current(paths, run.id)


def _weights(folder: Path) -> None:
    (folder / "model.zip").write_bytes(b"weights")


def _run(home: str, options: tuple[str, ...]) -> float:
    """Duration in ms."""
    started_s = time.perf_counter()
    subprocess.run(
        [str(SCRIPT), "runs", *options],
        env=os.environ | {"LANDERCTL_HOME": home},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return 1e3 * (time.perf_counter() - started_s)


if __name__ == "__main__":
    main()
