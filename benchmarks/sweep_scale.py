"""What a sweep costs its coordinator, with simulated trials (benchmarks/sweeps), 200 at once.

Each size and scheduler is one sweep, carried out faster than real trials train: CPU time and the
store's size do not depend on that. The share of a core is measured with 10,000 trials of which 200
run, each reporting as often as a real one. Every home has a store with the samples of an hour,
written once by the store's writer and linked into each home.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.report import report
from benchmarks.store import write_hour
from benchmarks.sweeps.simulated import STEPS_PER_S, STORE
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from daemon.sweeps.creation import create_sweep, read_spec
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Decision, Leg, Trial, TrialState
from daemon.sweeps.search.propose import propose
from daemon.sweeps.spec.load import parse_sweep
from daemon.sweeps.store.sweep_store import SweepStore

LANDERCTL = Path(sys.executable).parent / "landerctl"
SIZES = (100, 1_000, 10_000)
SCHEDULERS = ("none", "halving", "asha")
AT_ONCE = 200
STEPS = 900_000  # of a trial: three rungs
FAST_STEPS_PER_S = 2_000_000.0
REAL_STEPS_PER_S = 1_500.0  # of one thread beside others: no leg ends while it is measured
FAST_POLL_S = 0.1
STEADY_S = 60.0
SWEEP = """
[limits]
steps = {steps}
trials = {trials}
parallel = {at_once}
min_free_disk_gb = 0.001

[search]
sampler = "{sampler}"

[scheduler]
name = "{scheduler}"
first_rung_steps = 100_000

[[parameters]]
setting = "ppo.desired_kl"
kind = "log-uniform"
low = 0.001
high = 0.1

[[parameters]]
setting = "ppo.gamma"
kind = "uniform"
low = 0.98
high = 0.999
"""
FORMAT = {"steps": STEPS, "at_once": AT_ONCE, "scheduler": "none", "sampler": "random"}


class Cost(NamedTuple):
    """Of one coordinator."""

    cpu_s: float
    took_s: float
    memory_mb: float  # the highest resident


def main() -> None:
    """Print the figures; references are this project's limits, or the tenth of the size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--schedulers", nargs="+", default=list(SCHEDULERS))
    parser.add_argument("--steady-s", type=float, default=STEADY_S)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = hour_store(Path(folder))
        report("a trial's store after an hour", store.stat().st_size / 1e6, "MB")
        for scheduler in arguments.schedulers:
            _growth(Path(folder), arguments.sizes, scheduler, store)
        _steady(Path(folder), max(arguments.sizes), arguments.steady_s, store)
        _proposals(Path(folder), arguments.sizes)


def hour_store(folder: Path) -> Path:
    """A store with the samples of an hour, as a training writes them."""
    paths = StatePaths(folder)
    writer = StoreWriter.open(paths.store)
    began_s = time.time() - 3600.0
    writer.put_run(RunRecord("benchmark", began_s, "curriculum", "ppo", 128))
    write_hour(writer, began_s)
    writer.close()
    return paths.store


def new_sweep(home: Path, trials: int, scheduler: str, sampler: str = "random") -> SweepPaths:
    """A sweep of so many trials."""
    home.mkdir()
    text = SWEEP.format(**{**FORMAT, "trials": trials, "scheduler": scheduler, "sampler": sampler})
    spec = parse_sweep(home / "sweep.toml", text)
    return create_sweep(StatePaths(home), "scale", text, spec, load_config(None).config)


def _growth(folder: Path, sizes: Sequence[int], scheduler: str, store: Path) -> None:
    before: float | None = None
    for size in sizes:
        home = folder / f"{scheduler}-{size}"
        sweep = new_sweep(home, size, scheduler)
        cost = coordinate(sweep, FAST_STEPS_PER_S, FAST_POLL_S, store)
        with SweepStore.open(sweep.store) as finished:
            legs = len(finished.legs())
        what, a_leg_ms = f"{size:,} trials by {scheduler}", 1e3 * cost.cpu_s / legs
        compared = "" if before is None else ", reference fewer trials"
        report(f"{what}: coordinator's CPU a leg{compared}", a_leg_ms, "ms", before)
        before = a_leg_ms
        report(f"{what}: legs", legs, "")
        report(f"{what}: memory, reference the limit", cost.memory_mb, "MB", 200.0)
        report(f"{what}: sweep.db", sweep.store.stat().st_size / 1e6, "MB")
        report(f"{what}: legs a second at this pace", legs / cost.took_s, "/s")
        _status(home, what)


def coordinate(sweep: SweepPaths, steps_per_s: float, poll_s: float, store: Path) -> Cost:
    """Carry a sweep out."""
    began_s = time.monotonic()
    with _coordinator(sweep, steps_per_s, poll_s, store) as process:
        observed, cpu_s, memory = psutil.Process(process.pid), 0.0, 0
        while process.poll() is None:
            try:
                times = observed.cpu_times()
                cpu_s = times.user + times.system
                memory = max(memory, observed.memory_info().rss)
            except psutil.Error:
                break
            time.sleep(0.1)
    if process.returncode != 0:
        raise SystemExit(f"the coordinator ended with exit code {process.returncode}")
    return Cost(cpu_s, time.monotonic() - began_s, memory / 1e6)


def _coordinator(
    sweep: SweepPaths, steps_per_s: float, poll_s: float, store: Path
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks.sweeps.simulated", str(sweep.folder)]
    environment = {**os.environ, STEPS_PER_S: f"{steps_per_s}", STORE: str(store)}
    return subprocess.Popen([*command, "--poll-s", f"{poll_s}"], env=environment)


def _status(home: Path, what: str) -> None:
    began_s = time.perf_counter()
    command = [str(LANDERCTL), "--home", str(home), "sweep", "status", "scale"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    took_s = time.perf_counter() - began_s
    report(f"{what}: landerctl sweep status, reference the limit", took_s, "s", 1.0)


def _steady(folder: Path, trials: int, seconds: float, store: Path) -> None:
    """All but those that run have ended, by successive halving: the most that is in memory."""
    sweep = new_sweep(folder / "steady", trials, "asha")
    _fill(sweep, trials - AT_ONCE, 100_000, TrialState.STOPPED)
    with _coordinator(sweep, REAL_STEPS_PER_S, 2.0, store) as process:
        observed = psutil.Process(process.pid)
        with SweepStore.open(sweep.store) as reader:
            while sum(t.steps > 0 for t in reader.trials(TrialState.RUNNING)) < AT_ONCE:
                time.sleep(0.5)
        before, began_s = observed.cpu_times(), time.monotonic()
        time.sleep(seconds)
        after, took_s = observed.cpu_times(), time.monotonic() - began_s
        memory_mb = observed.memory_info().rss / 1e6
        files = [Path(file.path) for file in observed.open_files()]
        process.terminate()
        process.wait()
    used_s = after.user + after.system - before.user - before.system
    what = f"{AT_ONCE} running of {trials:,} trials"
    report(f"{what}: coordinator's share of a core, reference the limit", used_s / took_s, "", 0.05)
    report(f"{what}: memory, reference the limit", memory_mb, "MB", 200.0)
    report(f"{what}: reports a second", AT_ONCE / 2.0, "/s")
    homes = sum(sweep.trials in file.parents for file in files)
    report(f"{what}: stores of trials that the coordinator has open", homes, "")


def _fill(sweep: SweepPaths, count: int, steps: int, state: TrialState) -> None:
    """A store with so many ended trials that reached `steps`, as a coordinator writes it."""
    spec = parse_sweep(sweep.spec, SWEEP.format(**{**FORMAT, "trials": count}))
    reason = "31st of 90 at 100,000 steps: gate 1.0, the best thirty continue"
    trials: list[Trial] = []
    with SweepStore.open(sweep.store, write=True) as store, store.transaction():
        for number in range(count):
            proposal = propose(spec, trials, ())
            assert proposal is not None
            values = {"gate": number % 5 + 1.0}
            trial = Trial(
                number=number,
                group=proposal.group,
                values=proposal.values,
                seed=proposal.seed,
                state=state,
                target_steps=steps,
                steps=steps,
                epoch=1,
                place=str(sweep.trial(number).home),
                reason=reason,
                latest=values,
                running_s=20.0,
            )
            trials.append(trial)
            store.add_trial(trial)
            now_s = time.time()
            store.add_leg(
                Leg(trial=number, steps=steps, values=values, running_s=20.0, time_s=now_s)
            )
            for place, (kind, rung) in enumerate((("propose", 0), ("stop", steps))):
                decision = Decision(
                    number=2 * number + place + 1,
                    time_s=now_s,
                    kind=kind,
                    trial=number,
                    steps=rung,
                    reason=reason,
                    seen=number,
                )
                store.add_decision(decision)


def _proposals(folder: Path, sizes: Sequence[int]) -> None:
    """What one proposal costs after so many trials."""
    for sampler in ("random", "tpe"):
        for size in sizes:
            sweep = new_sweep(folder / f"{sampler}-{size}", size + 1, "none", sampler)
            _fill(sweep, size, STEPS, TrialState.COMPLETED)
            spec = read_spec(sweep)
            with SweepStore.open(sweep.store) as store:
                trials, legs = store.trials(), store.legs()
            propose(spec, trials[:10], legs[:10])  # imports Optuna
            began_s = time.process_time()
            propose(spec, trials, legs)
            took_ms = 1e3 * (time.process_time() - began_s)
            report(f"a proposal by {sampler} after {size:,} trials: CPU", took_ms, "ms")


if __name__ == "__main__":
    main()
