"""Two trials at once, a thread each, against one after the other with two threads each.

Both ways train the same seeds to the same steps by the local engine, as a sweep's coordinator has
them trained; the time is that of whole trials, with their start and end. Memory is each trial's
share of its processes' (PSS), the most that was seen.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import msgspec
import psutil

from benchmarks.report import report
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.sweeps.creation import create_sweep
from daemon.sweeps.engines.engine import TrialOrder
from daemon.sweeps.engines.local.engine import LocalEngine
from daemon.sweeps.spec.load import parse_sweep
from daemon.sweeps.trial_config import trial_config

POLL_S = 2.0
DEADLINE_S = 3600.0
TRIALS = 2
# The default fleet and threads of a run that is alone on two cores.
ALONE_THREADS = 2
TEXT = """\
set = {{ "run.mode" = "standard", "run.stage" = 1 }}
[seeds]
count = {trials}
[limits]
steps = {steps}
threads = {threads}
parallel = {parallel}
"""


@dataclass
class Trained:
    """What one way of training took."""

    seconds: float = 0.0
    steps: int = 0
    pss_mb: dict[int, float] = field(default_factory=dict)  # by trial process

    @property
    def rate(self) -> float:
        """Steps per second, of all trials together."""
        return self.steps / self.seconds


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300_000, help="of each trial")
    steps = parser.parse_args().steps
    with tempfile.TemporaryDirectory() as folder:
        in_turn = _train(Path(folder) / "in-turn", steps, threads=ALONE_THREADS, parallel=1)
        at_once = _train(Path(folder) / "at-once", steps, threads=1, parallel=TRIALS)
    name = f"{TRIALS} trials of {steps:,} steps at once, a thread each"
    turn = f"reference in turn with {ALONE_THREADS} threads"
    report(f"{name}, {turn}", at_once.rate, "steps/s", in_turn.rate)
    most = [max(one.pss_mb.values()) for one in (at_once, in_turn)]
    report(f"memory (PSS) of such a trial, {turn}", *(most[0], "MB", most[1]))


def _train(home: Path, steps: int, *, threads: int, parallel: int) -> Trained:
    text = TEXT.format(trials=TRIALS, steps=steps, threads=threads, parallel=parallel)
    spec = parse_sweep(home / "sweep.toml", text)
    base = load_config(None).config
    sweep = create_sweep(StatePaths(home), "throughput", text, spec, base)
    orders = [
        TrialOrder(
            sweep=sweep.id,
            trial=number,
            epoch=1,
            home=sweep.trial(number).home,
            config=msgspec.json.encode(trial_config(base, spec, {}, seed=1 + number)),
            target_steps=steps,
            objectives=tuple(spec.objectives),
            threads=threads,
            memory_mb=spec.limits.memory_mb,
        )
        for number in range(TRIALS)
    ]
    engine = LocalEngine(sweep, spec)
    try:
        return _follow(engine, orders, parallel)
    finally:
        engine.close()


def _follow(engine: LocalEngine, orders: list[TrialOrder], parallel: int) -> Trained:
    found, running, pause = Trained(), set[int](), Event()
    began_s = time.monotonic()
    while orders or running:
        while orders and len(running) < parallel:
            order = orders.pop(0)
            engine.start(order)
            running.add(order.trial)
        pause.wait(POLL_S)
        for process, megabytes in _memory():
            found.pss_mb[process] = max(found.pss_mb.get(process, 0.0), megabytes)
        for one in engine.observe():
            if one.ended is None:
                continue
            if one.ended != "reached":
                raise RuntimeError(f"trial {one.trial}: {one.ended}: {one.reason}")
            running.remove(one.trial)
            found.steps += one.steps
        if time.monotonic() - began_s > DEADLINE_S:
            raise TimeoutError(f"{len(running)} trials run after {DEADLINE_S:.0f} s")
    found.seconds = time.monotonic() - began_s
    return found


def _memory() -> Iterator[tuple[int, float]]:
    """Each trial's process, and the MB of it and of all below it."""
    for trial in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            yield trial.pid, sum(map(_pss_mb, [trial, *trial.children(recursive=True)]))


def _pss_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 1e6
    except psutil.NoSuchProcess:  # it has just ended
        return 0.0


if __name__ == "__main__":
    main()
