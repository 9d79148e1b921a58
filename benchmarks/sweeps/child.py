"""`python -m benchmarks.sweeps.child FOLDER`: all simulated trials, in one process.

Standard input: a line for each order, or the number of a trial that is to save and end. Standard
output: a TrialReport a line. It ends when its input does, each trial saved, as trial processes do.
`trained.log` has a line for each piece that a trial trained: its number, from, to, epoch.
"""

from __future__ import annotations

import fcntl
import math
import os
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import msgspec

from daemon.sweeps.engines.engine import EndKind, TrialOrder, TrialReport, decode_order
from daemon.sweeps.paths import SweepPaths

TICK_S = 0.05
REPORT_S = 2.0  # as often as a trial process


@dataclass
class Training:
    """A trial that trains."""

    order: TrialOrder
    began_s: float
    from_steps: int
    reported_s: float


class Child:
    """Simulates trials that train `steps_per_s` each."""

    def __init__(self, sweep: SweepPaths, steps_per_s: float, template: Path | None) -> None:
        self._sweep, self._steps_per_s, self._template = sweep, steps_per_s, template
        self._training: dict[int, Training] = {}
        self._log = os.open(
            sweep.folder / "trained.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )

    def serve(self) -> None:
        """Until standard input ends."""
        lines: Queue[bytes | None] = Queue()
        Thread(target=_read, args=(lines,), daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=TICK_S)
            except Empty:
                self._send(list(self._advance()))
                continue
            if line is None:
                break
            self._obey(line)
        self._send([self._end(number, "stopped") for number in list(self._training)])

    def _obey(self, line: bytes) -> None:
        if not line.isdigit():
            self._begin(decode_order(line))
        elif int(line) in self._training:
            self._send([self._end(int(line), "stopped")])

    def _begin(self, order: TrialOrder) -> None:
        home = order.home
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._template is not None and not (home / "store.db").exists():
            (home / "store.db").hardlink_to(self._template)
        epoch = int((home / "epoch").read_text()) if (home / "epoch").exists() else 0
        assert epoch < order.epoch, f"trial {order.trial}: epoch {order.epoch} after {epoch}"
        assert order.trial not in self._training, f"trial {order.trial} runs already"
        (home / "epoch").write_text(f"{order.epoch}")
        now_s = time.monotonic()
        self._training[order.trial] = Training(order, now_s, saved_steps(home), now_s)

    def _advance(self) -> Iterator[TrialReport]:
        now_s = time.monotonic()
        for number, one in list(self._training.items()):
            if self._steps(one, now_s) >= one.order.target_steps:
                yield self._end(number, "reached")
            elif now_s - one.reported_s >= REPORT_S:
                one.reported_s = now_s
                yield self._report(one, self._steps(one, now_s))

    def _steps(self, one: Training, now_s: float) -> int:
        trained = int((now_s - one.began_s) * self._steps_per_s)
        return max(one.from_steps, min(one.from_steps + trained, one.order.target_steps))

    def _end(self, number: int, kind: EndKind) -> TrialReport:
        one = self._training.pop(number)
        steps = self._steps(one, time.monotonic())
        home = one.order.home
        if steps > one.from_steps:
            (home / "steps.new").write_text(f"{steps}")
            (home / "steps.new").replace(home / "steps")
            line = f"{number} {one.from_steps} {steps} {one.order.epoch}\n"
            os.write(self._log, line.encode())
        return self._report(one, steps, kind)

    def _report(self, one: Training, steps: int, ended: EndKind | None = None) -> TrialReport:
        values = {o.metric: value_of(one.order.config, steps) for o in one.order.objectives}
        return TrialReport(
            trial=one.order.trial,
            epoch=one.order.epoch,
            steps=steps,
            metrics=values,
            run_id="20261130-000000-curriculum-ppo-0000",
            place=str(one.order.home),
            ended=ended,
            values=values if ended == "reached" else {},
            running_s=time.monotonic() - one.began_s,
            machine="simulated",
        )

    def _send(self, reports: list[TrialReport]) -> None:
        if reports:
            lines = b"".join(msgspec.json.encode(report) + b"\n" for report in reports)
            sent = 0
            while sent < len(lines):
                try:
                    sent += os.write(1, lines[sent:])
                except BrokenPipeError:  # its coordinator was killed: everything is saved
                    return


def _read(lines: Queue[bytes | None]) -> None:
    """Take in what comes at once: the coordinator may write while reports wait to be read."""
    for line in sys.stdin.buffer:
        lines.put(line.rstrip(b"\n"))
    lines.put(None)


def saved_steps(home: Path) -> int:
    """What a simulated trial has trained."""
    file = home / "steps"
    return int(file.read_text()) if file.exists() else 0


def value_of(config: bytes, steps: int) -> float:
    """An objective in 0 to 1 that depends on the configuration and grows with the steps."""
    quality = zlib.crc32(config) / 2**32
    noise = zlib.crc32(config + f"{steps}".encode()) / 2**32 - 0.5
    return quality * (1.0 - math.exp(-steps / 100_000)) + 0.05 * noise


def main() -> None:
    """Simulate the trials of a sweep, once an earlier process has ended."""
    sweep = SweepPaths(Path(sys.argv[1]))
    template = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    lock = os.open(sweep.folder / "simulated.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    Child(sweep, float(sys.argv[2]), template).serve()


if __name__ == "__main__":
    main()
