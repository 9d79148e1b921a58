"""The drill `crash`: kill -9 the trainer of a training, which then trains on by itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

from daemon.base.text.counted import counted
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, verify
from daemon.config import Config
from daemon.protocol.finding import Finding
from daemon.protocol.trainer import Progress
from landerctl.drills.model import DrillContext, DrillKind
from landerctl.drills.recovery.small_training import scaled, scaled_text, small_training
from landerctl.drills.scratch.home import ScratchHome

INTERVAL_STEPS = 8192
SAVED = 2  # checkpoints before the kill
SLOWER = 2.0  # than its first start the second one may be, on a busy machine


def _conduct(context: DrillContext) -> Iterator[Finding]:
    real = context.config
    config = small_training(
        real, real.curriculum.stages[:1], window_episodes=100, interval_steps=INTERVAL_STEPS
    )
    home = ScratchHome(context.scratch / "crash", config)
    context.report(f"trains until {SAVED} checkpoints are saved", 0.1)
    with home.daemon():
        home.wait(lambda: len(home.checkpoints()) >= SAVED, f"{SAVED} checkpoints")
        newest = home.newest()
        last = home.wait_for_progress(
            lambda one: one.timesteps > newest.timesteps, "training beyond the checkpoint"
        )
        saved = home.checkpoints()
        context.report("kills the trainer", 0.5)
        killed_s, began = time.time(), time.monotonic()
        os.kill(home.trainer_pid(), signal.SIGKILL)
        again = home.wait_for_progress(lambda _: True, "training after the kill", since_s=killed_s)
        took_s = time.monotonic() - began
        home.interrupt()
    yield _restarted(real, home, took_s, scaled_text(real, config))
    yield _nothing_lost(home, saved, last, again)


DRILL = DrillKind(
    name="crash",
    purpose="kill -9 the trainer of a training; it trains on from its newest checkpoint",
    keys=("restarted", "nothing-lost"),
    expected_s=60.0,
    conduct=_conduct,
)


def _restarted(real: Config, home: ScratchHome, took_s: float, how: str) -> Finding:
    """Within the first delay of a restart and the time that a start may take.

    At the lowest priority, beside a training, that is more than on a free machine.
    """
    first = home.events("trainer.running")[0].body["startup_s"]
    start_s = max(real.checklist.startup_s, SLOWER * float(first or 0.0))
    limit_s = real.supervision.backoff_initial_s + start_s
    crashes = home.events("trainer.crashed")
    text = (
        f"trains on {took_s:.1f} s after {signal.SIGKILL.name}, allowed {limit_s:.0f} s: "
        "supervision.backoff_initial_s, and checklist.startup_s or twice the drill's first start; "
        f"{len(crashes)} crash recorded; {how}"
    )
    figures = scaled(home.config) | {
        "took_s": round(took_s, 2),
        "limit_s": limit_s,
        "first_start_s": first,
        "crashes_recorded": len(crashes),
    }
    return Finding("restarted", took_s <= limit_s and len(crashes) == 1, text, figures)


def _nothing_lost(
    home: ScratchHome, saved: list[Manifest], last: Progress, again: Progress
) -> Finding:
    """All checkpoints are whole; of the training only what followed the newest is flown again."""
    resumed = home.events("trainer.resumed")
    from_ = str(resumed[-1].body["checkpoint"]) if resumed else "none"
    source = next((one for one in home.checkpoints() if one.id == from_), None)
    faults = [fault for one in saved if (fault := _fault(home, one))]
    lost = None if source is None else last.timesteps - source.timesteps
    rollout = home.config.ppo.n_steps * home.config.run.n_envs
    limit = home.config.checkpoints.interval_steps + rollout
    holds = lost is not None and lost <= limit and not faults and from_ >= saved[-1].id
    whole = counted(len(saved), "checkpoint")
    text = (
        f"resumed from {from_}, {lost} steps before the kill (at most {limit}: "
        f"checkpoints.interval_steps and a rollout), at {again.timesteps:,} steps now; "
        f"{faults[0] if faults else f'all {whole} are whole'}"
    )
    figures = {"steps_flown_again": lost, "limit_steps": limit, "checkpoints": len(saved)}
    return Finding("nothing-lost", holds, text, dict(figures))


def _fault(home: ScratchHome, manifest: Manifest) -> str:
    try:
        verify(home.run.checkpoints / manifest.id)
    except (DamagedCheckpointError, FileNotFoundError) as error:
        return str(error)
    return ""
