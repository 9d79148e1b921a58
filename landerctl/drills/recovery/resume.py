"""The drill `resume`: an interrupted and resumed training against one that was not interrupted."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from daemon.base.paths import RunPaths
from daemon.base.text.counted import counted
from daemon.checkpoint.catalog import find_newest
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, verify
from daemon.config import Config
from daemon.config.schema import Stage
from daemon.protocol.finding import Finding
from daemon.protocol.trainer import Progress
from daemon.rollback.load_test import read_load_test
from daemon.runs.run_folder import current_run
from daemon.runs.statistics.intervals import Interval, difference_interval, mean_interval
from landerctl.drills.model import DrillContext, DrillError, DrillKind
from landerctl.drills.recovery.same_state import differences
from landerctl.drills.recovery.small_training import (
    ANY_REWARD,
    scaled,
    scaled_text,
    small_training,
)
from landerctl.drills.scratch.home import ScratchHome, merged
from landerctl.drills.scratch.leash import run_leashed

INTERVAL_STEPS = 16_384
PROCESS_S = 1800.0  # a process that imports torch, compiles, and flies
COPY_TRIES = 3  # a checkpoint may be pruned while it is copied


class _Record(msgspec.Struct):
    """What the drill needs of a training state's record of the stage."""

    stage: int
    ramp_step: int
    episodes: int
    rewards: list[float]


class _State(msgspec.Struct):
    record: _Record


@dataclass(frozen=True)
class _Interrupted:
    """A training before and after its interruption."""

    before: Manifest  # saved by the interruption
    after: Manifest
    resumed_from: str | None
    first: Progress  # the first one after the resume
    exit_code: int  # of the daemon, which ends as its trainer has saved
    stop_s: float


def _conduct(context: DrillContext) -> Iterator[Finding]:
    episodes = context.config.checklist.resume_episodes
    yield from _loads(context)
    config = small(context.config, episodes)
    home = ScratchHome(context.scratch / "interrupted", config)
    found = _interrupt_and_resume(context, home, episodes)
    yield _interrupted(found, home, scaled_text(context.config, config))
    yield _right_stage(found, home)
    context.report("trains the same without an interruption", 0.5)
    only = {"timesteps": found.after.timesteps}
    twin = ScratchHome(context.scratch / "twin", merged(config, {"run": only}))
    with twin.daemon():
        twin.wait_for_event("run.completed")
    yield _continuous(found, home, twin, episodes)
    yield _same(found, home, twin)
    yield _no_worse(context, found, home, twin)


DRILL = DrillKind(
    name="resume",
    purpose="interrupt a training in the middle of a stage, resume it, compare with a twin that "
    "was not interrupted",
    keys=("interrupted", "resumes", "right-stage", "reward-continuous", "no-worse", "loads"),
    expected_s=120.0,
    conduct=_conduct,
)


def small(real: Config, episodes: int) -> Config:
    """Passes the first stage's gate at once: resuming in the second is not beginning anew."""
    first, *rest = real.curriculum.stages
    replace = msgspec.structs.replace
    unreachable = {"gate_success_rate": 1.0, "gate_mean_reward": -ANY_REWARD}
    stages: list[Stage] = [replace(first, ramp_steps=1, **unreachable)]
    if rest:
        passed = {"gate_success_rate": 0.0, "gate_mean_reward": ANY_REWARD, "mastery_timesteps": 1}
        stages = [replace(first, ramp_steps=1, **passed)]
        stages.append(replace(rest[0], ramp_steps=max(2, rest[0].ramp_steps), **unreachable))
    return small_training(real, stages, window_episodes=episodes, interval_steps=INTERVAL_STEPS)


def _interrupt_and_resume(context: DrillContext, home: ScratchHome, episodes: int) -> _Interrupted:
    stage = len(home.config.curriculum.stages)
    context.report(f"trains until {counted(episodes, 'episode')} of stage {stage} are flown", 0.05)
    with home.daemon():
        home.wait_for_progress(
            lambda one: one.stage == stage and one.episodes >= episodes,
            f"{counted(episodes, 'episode')} of stage {stage}",
        )
        context.report("interrupts it (Ctrl-C)", 0.3)
        began = time.monotonic()
        exit_code = home.interrupt()
        stop_s = time.monotonic() - began
    before = home.newest()
    flown = _record(home, before).episodes
    context.report(f"resumes, and trains for {counted(episodes, 'episode')} more", 0.32)
    resumed_s = time.time()
    with home.daemon():
        first = home.wait_for_progress(lambda _: True, "the resumed training", since_s=resumed_s)
        home.wait_for_progress(
            lambda one: one.episodes >= flown + episodes,
            f"{counted(episodes, 'episode')} after the resume",
            since_s=resumed_s,
        )
        home.interrupt()
    resumed = [event for event in home.events("trainer.resumed") if event.time_s >= resumed_s]
    from_ = str(resumed[0].body["checkpoint"]) if resumed else None
    return _Interrupted(before, home.newest(), from_, first, exit_code, stop_s)


def _interrupted(found: _Interrupted, home: ScratchHome, how: str) -> Finding:
    manifest = found.before
    try:
        verify(home.run.checkpoints / manifest.id)
        fault = ""
    except DamagedCheckpointError as error:
        fault = str(error)
    ended = next((one.text for one in home.events("trainer.exited")), "no exit was recorded")
    holds = not fault and manifest.kind == "stop" and found.exit_code == 0
    text = (
        f"{signal.SIGINT.name} at {manifest.timesteps:,} steps, stage {manifest.stage}: "
        f"{manifest.id} saved, ended after {found.stop_s:.1f} s with code {found.exit_code}; {how}"
    )
    figures = scaled(home.config) | {
        "timesteps": manifest.timesteps,
        "stop_s": round(found.stop_s, 2),
        "exit_code": found.exit_code,
    }
    return Finding("interrupted", holds, f"{text}; {fault or ended}", figures)


def _right_stage(found: _Interrupted, home: ScratchHome) -> Finding:
    before, first = found.before, found.first
    holds = (first.stage, first.ramp_step) == (before.stage, before.ramp_step)
    holds = holds and found.resumed_from == before.id and first.timesteps > before.timesteps
    text = (
        f"saved in stage {before.stage}, ramp {before.ramp_step}; resumed in stage {first.stage}, "
        f"ramp {first.ramp_step}, at {before.timesteps:,} steps"
    )
    figures = {
        "stage_before": before.stage,
        "stage_after": first.stage,
        "ramp_step_before": before.ramp_step,
        "ramp_step_after": first.ramp_step,
        "stages": len(home.config.curriculum.stages),
    }
    return Finding("right-stage", holds, text, dict(figures))


def judge_rewards(
    before: Sequence[float], after: Sequence[float], twin: Sequence[float]
) -> Finding:
    """The mean reward after the resume minus before, with Welch's interval. Pure.

    A policy that has just begun to learn can become worse by learning: then the uninterrupted
    twin's, of the same steps, does too. Each has at least two episodes.
    """
    change, against = difference_interval(after, before), difference_interval(after, twin)
    text = (
        f"mean reward of {counted(len(after), 'episode')} after minus before: "
        f"{_shown(change)}, before {mean_interval(before).mean:.1f}; minus the "
        f"uninterrupted twin's of the same steps: {_shown(against)}"
    )
    figures = _figures("reward_change", change) | _figures("reward_against_twin", against)
    holds = _not_below(change) or _not_below(against)
    return Finding("reward-continuous", holds, text, figures | {"episodes": len(after)})


def _continuous(
    found: _Interrupted, home: ScratchHome, twin: ScratchHome, episodes: int
) -> Finding:
    before, after = _record(home, found.before), _record(home, found.after)
    flown = after.episodes - before.episodes
    if min(len(before.rewards), len(after.rewards), flown) < max(episodes, 2):
        return Finding("reward-continuous", None, f"only {flown} episodes after the resume")
    return judge_rewards(before.rewards, after.rewards, _record(twin, twin.newest()).rewards)


def _not_below(change: Interval) -> bool:
    """Whether the 95% interval of a difference contains 0, or is above it."""
    return change.high is not None and change.high >= 0.0


def _same(found: _Interrupted, home: ScratchHome, twin: ScratchHome) -> Finding:
    last, other = found.after, twin.newest()
    if other.timesteps != last.timesteps:
        raise DrillError(f"the twin ended at {other.timesteps:,} steps, not {last.timesteps:,}")
    different = differences(home.run.checkpoints / last.id, twin.run.checkpoints / other.id)
    resumed = found.resumed_from == found.before.id
    how = "equal to the bit" if not different else f"they differ in {', '.join(different[:3])}"
    text = (
        f"resumed from {found.resumed_from}; at {last.timesteps:,} steps parameters, optimizer, "
        f"statistics, fleet and random numbers against the twin's: {how}"
    )
    figures = {
        "timesteps_at_interruption": found.before.timesteps,
        "timesteps_compared": last.timesteps,
        "differences": len(different),
    }
    return Finding("resumes", resumed and not different, text, dict(figures))


def _no_worse(
    context: DrillContext, found: _Interrupted, home: ScratchHome, twin: ScratchHome
) -> Finding:
    """The resumed policy and the twin's, each on the same evaluation seeds."""
    context.report("flies the evaluation seeds with the resumed policy", 0.8)
    ours = _fly(home, found.after.id)
    context.report("flies the evaluation seeds with the twin's policy", 0.9)
    theirs = _fly(twin, twin.newest().id)
    landed, twin_landed = (sum(one[1] for one in flown.values()) for flown in (ours, theirs))
    change = mean_interval([ours[seed][0] - theirs[seed][0] for seed in ours])
    holds = landed >= twin_landed and _not_below(change)
    text = (
        f"{len(ours)} evaluation seeds: {landed} landings, the twin's policy {twin_landed}; "
        f"reward minus the twin's, by seed: {_shown(change)}"
    )
    figures = {"episodes": len(ours), "landings": landed, "landings_twin": twin_landed}
    return Finding("no-worse", holds, text, {**figures, **_figures("reward_difference", change)})


def _fly(home: ScratchHome, id_: str) -> dict[int, tuple[float, bool]]:
    """Reward and landing of each evaluation seed."""
    # numpy, which no other drill needs.
    from daemon.runs.evaluations import list_evaluations  # noqa: PLC0415
    from daemon.runs.trajectories import TrajectoriesError, read_trajectories  # noqa: PLC0415

    count = home.config.checklist.resume_episodes
    command = [sys.executable, "-P", "-m", "daemon.trainer", "evaluate", "--json"]
    command += ["--run", str(home.run.folder), "--episodes", str(count)]
    command += ["--checkpoint", str(home.run.checkpoints / id_)]
    ended = run_leashed(command, home.log, timeout_s=PROCESS_S)
    flown = [one for one in list_evaluations(home.run.evaluations).whole if one.result.pilot == id_]
    if ended.code != 0 or not flown:
        raise DrillError(f"{id_} could not be evaluated: {ended.reason}")
    try:
        flights = read_trajectories(flown[-1].trajectories)
    except TrajectoriesError as error:
        raise DrillError(str(error)) from None
    return {
        int(seed): (float(reward), str(outcome).lower() == "landed")
        for seed, reward, outcome in zip(
            flights.seeds, flights.reward, flights.outcomes, strict=True
        )
    }


def _loads(context: DrillContext) -> Iterator[Finding]:
    """The newest checkpoint of the real run is loaded, in a copy."""
    run = current_run(context.paths)
    if run is None:
        yield Finding("loads", None, "there is no run; `landerctl start` creates one")
        return
    context.report("loads the newest checkpoint of the run, in a copy", 0.0)
    copy = RunPaths(context.scratch / "real" / run.id)
    copy.folder.mkdir(parents=True, mode=0o700)
    shutil.copyfile(run.config, copy.config)
    manifest = _copied(run, copy)
    if manifest is None:
        yield Finding("loads", None, f"run {run.id} has no checkpoint yet")
        return
    command = [sys.executable, "-P", "-m", "daemon.trainer", "load-test", "--run", str(copy.folder)]
    command += ["--folder", str(copy.checkpoints / manifest.id)]
    ended = run_leashed(command, copy.log, timeout_s=PROCESS_S)
    result = read_load_test(ended.output, ended.code)
    figures = {"timesteps": manifest.timesteps, "bytes": manifest.size_bytes}
    yield Finding(
        "loads", result.ok, f"{manifest.id} of run {run.id}: {result.text}", dict(figures)
    )


def _copied(run: RunPaths, copy: RunPaths) -> Manifest | None:
    """Copy the newest checkpoint whose digests match; None if there is none. Raises OSError."""
    for _ in range(COPY_TRIES):
        manifest = find_newest(run.checkpoints).whole
        if manifest is None:
            return None
        try:
            shutil.copytree(run.checkpoints / manifest.id, copy.checkpoints / manifest.id)
        except (FileNotFoundError, shutil.Error):
            continue  # pruned in the meantime
        return manifest
    raise DrillError(f"{run.checkpoints}: checkpoints are pruned faster than they are copied")


def _record(home: ScratchHome, manifest: Manifest) -> _Record:
    file = home.run.checkpoints / manifest.id / "training_state.json"
    return msgspec.json.decode(file.read_bytes(), type=_State).record


def _shown(interval: Interval) -> str:
    if interval.low is None or interval.high is None:
        return f"{interval.mean:+.1f}"
    return f"{interval.mean:+.1f} (95%: {interval.low:+.1f} to {interval.high:+.1f})"


def _figures(name: str, interval: Interval) -> dict[str, float | int | str | None]:
    return {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}
