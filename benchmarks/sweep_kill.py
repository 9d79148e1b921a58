"""A sweep that is killed again and again, against the same sweep undisturbed: equal to the bit.

Random search with synchronous halving, two trials at a time. Coordinator, supervisors and trainers
are killed with SIGKILL at random moments of the training; a killed coordinator is started again at
once, as `landerctl sweep resume` does. Then trials, legs, decisions and each trial's last
checkpoint must be equal. Figures go to standard output, what happens to standard error; exit code 1
if anything differs.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import msgspec
import psutil

from benchmarks.report import report
from daemon.base.identity import read_identity
from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import newest_whole
from daemon.config import load_config
from daemon.runs.curves import CLOCK
from daemon.store.reader import StoreReader
from daemon.sweeps.creation import create_sweep
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Trial, TrialState
from daemon.sweeps.spec.load import parse_sweep
from daemon.sweeps.store.sweep_store import SweepStore
from landerctl.drills.recovery.same_state import differences

POLL_S = 1.0
DEADLINE_S = 4 * 3600.0
VICTIMS = ("coordinator", "supervisor", "trainer")
LAST_MOMENT = 0.95  # of all steps
TEXT = """\
set = {{ "run.mode" = "standard", "run.stage" = 1, "run.n_envs" = {landers} }}
[[parameters]]
setting = "ppo.desired_kl"
kind = "log-uniform"
low = 0.002
high = 0.05
[[parameters]]
setting = "ppo.gae_lambda"
kind = "uniform"
low = 0.9
high = 0.98
[search]
sampler = "random"
[scheduler]
name = "halving"
first_rung_steps = {rung}
[[objectives]]
metric = "rollout/ep_rew_mean"
[[objectives]]
metric = "success"
episodes = 50
[limits]
steps = {steps}
trials = {trials}
parallel = 2
memory_mb = 700
attempts = {attempts}
"""


@dataclass
class Sweep:
    """A sweep that is carried out, and what was done to it."""

    paths: SweepPaths
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def trials(self) -> list[Trial]:
        """All trials."""
        with SweepStore.open(self.paths.store) as store:
            return store.trials()

    def coordinator(self) -> subprocess.Popen[bytes]:
        """A coordinator, begun or resumed."""
        command = [sys.executable, "-m", "daemon.sweeps.coordinator", str(self.paths.folder)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def main() -> int:
    """Carry both sweeps out and compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300_000, help="of a whole trial")
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--kills", type=int, default=5, help="of each kind of process")
    parser.add_argument("--n-envs", type=int, help="landers of a trial; few for a quick look")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--folder", type=Path, help="keep both sweeps here")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the coordinator is stopped too
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        quiet, killed = (_created(folder / name, options) for name in ("undisturbed", "killed"))
        _carry_out(quiet, [])
        draw = random.Random(options.seed)
        moments = [(draw.random() * LAST_MOMENT, kind) for kind in VICTIMS * options.kills]
        total = sum(trial.steps for trial in quiet.trials())
        _carry_out(killed, [(share * total, kind) for share, kind in sorted(moments)], draw)
        found = list(_differences(quiet, killed))
        _report(quiet, killed, total, len(found))
    for line in found:
        print(f"DIFFERS: {line}", file=sys.stderr)
    return 1 if found else 0


def _created(home: Path, options: argparse.Namespace) -> Sweep:
    base = load_config(None).config
    attempts = 3 + len(VICTIMS) * options.kills  # intended ends must not make anything give up
    text = TEXT.format(
        landers=options.n_envs or base.run.n_envs,
        rung=options.steps // 3,
        steps=options.steps,
        trials=options.trials,
        attempts=attempts,
    )
    patient = msgspec.structs.replace(base.supervision, max_crashes=attempts)
    base = msgspec.structs.replace(base, supervision=patient)
    spec = parse_sweep(home / "sweep.toml", text)
    return Sweep(create_sweep(StatePaths(home), "drill", text, spec, base))


def _carry_out(
    sweep: Sweep, moments: list[tuple[float, str]], draw: random.Random | None = None
) -> None:
    """Wait for the sweep's end; kill a process of the named kind after so many steps of all."""
    pause, began_s = Event(), time.monotonic()
    coordinator = sweep.coordinator()
    try:
        while coordinator.poll() is None:
            pause.wait(POLL_S)
            trials = sweep.trials()
            if moments and draw and sum(trial.steps for trial in trials) >= moments[0][0]:
                kind = moments[0][1]
                process = (
                    psutil.Process(coordinator.pid)
                    if kind == "coordinator"
                    else _victim(sweep, kind, trials, draw)
                )
                if process is None:  # between two legs
                    continue
                with suppress(psutil.NoSuchProcess):  # it has just ended
                    process.kill()
                moments.pop(0)
                sweep.kills[kind] += 1
                _say(sweep, f"killed the {kind}, process {process.pid}", began_s)
                if kind == "coordinator":
                    coordinator.wait()
                    coordinator = sweep.coordinator()
            if time.monotonic() - began_s > DEADLINE_S:
                raise TimeoutError(f"{sweep.paths.folder} has not ended in {DEADLINE_S:.0f} s")
    finally:
        coordinator.terminate()
        code = coordinator.wait()
    sweep.seconds = time.monotonic() - began_s
    _say(sweep, f"ended with exit code {code}", began_s)
    if code:
        raise RuntimeError(f"the coordinator ended with exit code {code}; see {sweep.paths.log}")


def _victim(
    sweep: Sweep, kind: str, trials: Sequence[Trial], draw: random.Random
) -> psutil.Process | None:
    """The supervisor or trainer of a random trial that trains; None if there is none."""
    running = [trial for trial in trials if trial.state is TrialState.RUNNING]
    draw.shuffle(running)
    for trial in running:
        home = sweep.paths.trial(trial.number)
        if kind == "supervisor":
            identity = read_identity(home)
            pid = None if identity is None else identity.pid
        else:
            pid = next((one for one, line in _trainers() if _names(line, home)), None)
        if pid is not None and _is_of(pid, home):
            return psutil.Process(pid)
    return None


def _trainers() -> list[tuple[int, list[str]]]:
    """The process id and command line of each training process of this machine."""
    lines = [(one.pid, one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    return [(pid, line) for pid, line in lines if {"daemon.trainer", "train"} <= {*line}]


def _is_of(pid: int, home: StatePaths) -> bool:
    try:
        return _names(psutil.Process(pid).cmdline(), home)
    except psutil.NoSuchProcess:
        return False


def _names(line: Sequence[str], home: StatePaths) -> bool:
    return any(part == str(home.home) or part.startswith(f"{home.home}/") for part in line)


def _differences(first: Sweep, second: Sweep) -> Iterator[str]:
    """What is not equal in two sweeps, in lines."""
    for what, read in (
        ("trials", _trials),
        ("legs", _legs),
        ("decisions", _decisions),
    ):
        one, other = read(first), read(second)
        yield from (f"{what}: only undisturbed: {row}" for row in one if row not in other)
        yield from (f"{what}: only killed: {row}" for row in other if row not in one)
    for trial in first.trials():
        checkpoints = []
        for sweep in (first, second):
            (run,) = sweep.paths.trial(trial.number).runs.iterdir()  # one run, whatever happened
            newest = newest_whole(run / "checkpoints")
            assert newest is not None
            checkpoints.append(run / "checkpoints" / newest.id)
        yield from (
            f"trial {trial.number}: its last checkpoint: {name}"
            for name in differences(*checkpoints)
        )


def _trials(sweep: Sweep) -> list[str]:
    return [
        f"{one.number}: set {one.group}, seed {one.seed}, {one.values}, {one.state}, {one.steps}"
        for one in sweep.trials()
    ]


def _legs(sweep: Sweep) -> list[str]:
    with SweepStore.open(sweep.paths.store) as store:
        return sorted(f"{one.trial} at {one.steps}: {one.values}" for one in store.legs())


def _decisions(sweep: Sweep) -> list[str]:
    with SweepStore.open(sweep.paths.store) as store:
        found = store.decisions()
    return sorted(f"{one.trial} at {one.steps}: {one.kind}, {one.reason}" for one in found)


def _report(quiet: Sweep, killed: Sweep, total: int, different: int) -> None:
    kills = ", ".join(f"{killed.kills[kind]} of {kind}" for kind in VICTIMS)
    what = f"a sweep of {len(quiet.trials())} trials"
    report(f"{what}, killed {kills}, reference undisturbed", killed.seconds, "s", quiet.seconds)
    report("steps that it trained twice, reference all steps", _repeated(killed), "steps", total)
    report(f"differences of {_compared(quiet)} from the undisturbed one", different, "")


def _compared(sweep: Sweep) -> str:
    counts: tuple[tuple[Callable[[Sweep], list[str]], str], ...] = (
        (_trials, "trials with their checkpoints"),
        (_legs, "legs"),
        (_decisions, "decisions"),
    )
    return ", ".join(f"{len(read(sweep))} {name}" for read, name in counts)


def _repeated(sweep: Sweep) -> int:
    """Steps that a trial trained again, from its last checkpoint to where it was killed."""
    repeated = 0
    for trial in sweep.trials():
        with StoreReader.open(sweep.paths.trial(trial.number).store) as store:
            samples = store.samples_of_run(CLOCK, trial.run_id)
        steps = [sample.timesteps for sample in samples if sample.timesteps is not None]
        rollout, newest = min(steps, default=0), 0  # a training begins with a whole rollout
        for at in steps:
            if at <= newest:
                repeated += newest - at + rollout
            newest = at
    return repeated


def _say(sweep: Sweep, text: str, began_s: float) -> None:
    home = sweep.paths.folder.parents[1].name
    print(f"{time.monotonic() - began_s:7.1f} s  {home}: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
