"""Records what the alert rules see in the first minutes of a healthy training, for a test.

    python -m tests.daemon.supervisor.alerting.record_fresh_runs [ALGORITHM ...]

Trains for real, each algorithm in a state folder of its own, for `TRAINED_S` seconds.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from daemon.base.paths import StatePaths
from daemon.store.catalogs.metric_names import is_of_the_machine
from daemon.store.reader import StoreMissingError, StoreReader
from daemon.store.records import Status
from tests.daemon.supervisor.alerting.rules import DEFAULT_RULES

ALGORITHMS = ("ppo", "sac", "td3")
RECORDS = Path(__file__).with_name("fresh_runs.json")
TRAINED_S = 300.0
INTERVAL_S = 6.0
# The rules' metrics but those that depend on the machine and on what else runs there.
METRICS = {rule.metric for rule in DEFAULT_RULES if not is_of_the_machine(rule.metric)} - {
    "cpu/others_percent"
}


class Seen(msgspec.Struct):
    """What the rules see at one time."""

    time_s: float  # since training began
    stage: int | None  # None: on its ramp
    stage_steps: int
    values: dict[str, float]  # those that have changed


def record(algorithm: str) -> list[Seen]:
    """Train, and look every `INTERVAL_S`."""
    with tempfile.TemporaryDirectory(prefix="fresh-run-") as folder:
        paths = StatePaths(Path(folder) / "home")

        def landerctl(*words: str) -> None:
            command = [sys.executable, "-m", "landerctl", "--home", str(paths.home), *words]
            subprocess.run(command, check=True)

        landerctl("start", "--algorithm", algorithm)
        try:
            return observe(paths)
        finally:
            landerctl("stop")


def observe(paths: StatePaths) -> list[Seen]:
    """What the rules see from the first progress on."""
    found: list[Seen] = []
    known: dict[str, float] = {}
    began_s = None
    while began_s is None or time.monotonic() - began_s < TRAINED_S:
        time.sleep(INTERVAL_S)
        try:
            with StoreReader.open(paths.store) as store:
                status = store.status()
                newest = {metric: store.newest(metric) for metric in METRICS}
        except StoreMissingError:
            continue
        if status.progress is None:
            continue
        began_s = began_s or time.monotonic()
        values = {m: float(f"{s.value:.4g}") for m, s in newest.items() if s is not None}
        found.append(seen(status, time.monotonic() - began_s, values, known))
        known |= values
    return found


def seen(status: Status, time_s: float, values: dict[str, float], known: dict[str, float]) -> Seen:
    progress = status.progress
    assert progress is not None
    stage = None if progress.on_ramp else progress.stage
    changed = {metric: value for metric, value in values.items() if known.get(metric) != value}
    return Seen(round(time_s, 1), stage, progress.stage_timesteps, changed)


def load() -> dict[str, list[Seen]]:
    """The recorded runs by their algorithm."""
    return msgspec.json.decode(RECORDS.read_bytes(), type=dict[str, list[Seen]])


def main() -> None:
    records = load() if RECORDS.exists() else {}
    for algorithm in sys.argv[1:] or ALGORITHMS:
        records[algorithm] = record(algorithm)
        lines = [
            f'"{name}": [\n' + ",\n".join(msgspec.json.encode(s).decode() for s in run) + "\n]"
            for name, run in records.items()
        ]
        RECORDS.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
