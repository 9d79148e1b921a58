"""How long a sweep would take: from what this machine has been measured to do.

Of the speed of one trial the first of these is known that is true: the trials of the newest sweep
here whose legs have ended; the newest run of the state folder that has trained, scaled to the
fleet's size and to the threads of a trial; the recorded trainings, scaled likewise. Trials that run
at once do not slow each other down as long as each has its own cores, which is how many run.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from msgspec import Struct

from checks.checklist.performance.completion import speed_of_fleet
from checks.checklist.performance.curves import FLEET, load_curves
from daemon.base.cgroup import read_limits, usable_cpus
from daemon.base.paths import RunPaths, StatePaths
from daemon.base.text.counted import counted
from daemon.config import Config, ConfigError
from daemon.runs.curves import SPEED, read_curves
from daemon.runs.run_folder import all_runs, read_run_config
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.store.sweep_store import SweepStore, SweepStoreError

RECORDED_THREADS = 2  # of the recorded trainings


class SweepEstimate(Struct, frozen=True, kw_only=True):
    """How long a sweep would train, and from what that is known."""

    steps_per_s: float  # of one trial
    at_once: int  # trials
    training_s: float  # of all; starts, evaluations and pauses at rungs come on top
    basis: str


def estimate_sweep(
    paths: StatePaths,
    sweeps: Sequence[SweepPaths],
    spec: SweepSpec,
    config: Config,
    total: int,
    *,
    here: bool = True,
) -> SweepEstimate:
    """The estimate. `sweeps` of the state folder, the newest first; `config`: of a trial.

    `here`: the trials run on this machine, never more at once than it has cores for.
    """
    speed, basis = _speed(paths, sweeps, config)
    parallel = spec.limits.parallel or _slots(spec)
    at_once = min(total, parallel, _slots(spec)) if here else min(total, parallel)
    rounds = -(-total // max(1, at_once))
    return SweepEstimate(
        steps_per_s=speed,
        at_once=at_once,
        training_s=rounds * spec.limits.steps / speed,
        basis=basis,
    )


def _slots(spec: SweepSpec) -> int:
    """As many as the cores have threads for. The engine looks at the memory too, when it begins."""
    return max(1, usable_cpus(read_limits()) // spec.limits.threads)


def _speed(paths: StatePaths, sweeps: Sequence[SweepPaths], config: Config) -> tuple[float, str]:
    for sweep in sweeps:
        if (found := _of_sweep(sweep)) is not None:
            return found, f"the trials of sweep {sweep.id}"
    threads = config.fleet.threads
    for run in reversed(list(all_runs(paths))):
        if (measured := _of_run(run)) is not None:
            speed, frozen = measured
            landers, of_run = frozen.run.n_envs, frozen.fleet.threads
            return _scaled(speed, landers, of_run, config), (
                f"run {run.id}: {speed:,.0f} steps/s with {counted(landers, 'lander')} and "
                f"{counted(of_run, 'thread')}, for {config.run.n_envs} and {threads}"
            )
    curves = load_curves()
    recorded = curves.of(config.run.algorithm) or curves.curves
    speed = sum(one.timesteps[-1] for one in recorded) / sum(one.trained_s[-1] for one in recorded)
    return _scaled(speed, FLEET, RECORDED_THREADS, config), (
        f"trainings recorded on another machine ({curves.machine}): nothing is measured here yet"
    )


def _scaled(speed: float, landers: int, threads: int, config: Config) -> float:
    """A speed for a trial's fleet and threads; never above what is proportional to its threads."""
    curves = load_curves()
    of_trial = speed_of_fleet(curves, config.run.n_envs)
    measured = speed_of_fleet(curves, landers)
    fleet = config.run.n_envs / landers if not of_trial or not measured else of_trial / measured
    return speed * min(1.0, fleet) * min(1.0, config.fleet.threads / threads)


def _of_sweep(sweep: SweepPaths) -> float | None:
    try:
        with SweepStore.open(sweep.store) as store:
            legs = store.legs()
            # Of a fork, its own steps only.
            begun = {trial.number: trial.forked_steps for trial in store.trials()}
    except SweepStoreError:
        return None
    steps, trained_s = 0, 0.0
    for leg in legs:
        steps += leg.steps - begun.get(leg.trial, 0)
        trained_s += leg.running_s
        begun[leg.trial] = leg.steps
    return steps / trained_s if trained_s > 0 else None


def _of_run(run: RunPaths) -> tuple[float, Config] | None:
    """The run's median speed and its configuration."""
    curves = read_curves(run)
    speeds = [point.value for point in curves.points(SPEED)] if curves else []
    try:
        return (median(speeds), read_run_config(run)) if speeds else None
    except (OSError, ConfigError):
        return None
