"""The drill `alerts`: causes each alert in scratch trainings and follows it to its targets."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from daemon.config import Config
from daemon.protocol.finding import Finding
from daemon.runs.run_folder import write_run_config
from landerctl.drills.alerts import causes
from landerctl.drills.alerts.delivery import EVENTS, Delivery, delivery_of, finding_of
from landerctl.drills.alerts.rules import PREFIX, Watched, watched
from landerctl.drills.model import DrillContext, DrillError, DrillKind
from landerctl.drills.scratch.home import START_S, ScratchHome

KEYS = (
    "memory-high",
    "disk-low",
    "checkpoint-failing",
    "training-crashed",
    "reward-dropping",
    "success-below-gate",
    "reward-not-finite",
    "stage-regressing",
)
FIRES_S = START_S  # after its cause, which may need a start


@dataclass(frozen=True)
class _Cause:
    """What was done, when (Unix), and the newest event before it."""

    text: str
    since_s: float
    after_id: int


class _Watch:
    """Follows the drilled alerts of a scratch state folder to their targets."""

    def __init__(self, home: ScratchHome, rules: dict[str, Watched]) -> None:
        self._home, self._rules = home, rules

    def cause(self, text: str) -> _Cause:
        """What is about to be done."""
        return _Cause(text, time.time(), self._home.last_event_id())

    def see(self, name: str, cause: _Cause) -> Iterator[Finding]:
        """Wait for an alert and its deliveries; nothing if it is not drilled."""
        if name not in self._rules:
            return
        home, one = self._home, self._rules[name]

        def delivery() -> Delivery:
            return delivery_of(name, home.events(*EVENTS), cause.after_id)

        answer_s = 2.0 * home.config.notify.timeout_s
        with suppress(DrillError):  # the finding says what is missing
            home.wait(lambda: delivery().fired, f"alert {name}", FIRES_S)
            home.wait(lambda: delivery().is_settled(one.targets), "its delivery", answer_s)
        yield finding_of(one, delivery(), cause=cause.text, caused_s=cause.since_s)


def conduct(context: DrillContext) -> Iterator[Finding]:
    """A finding for each of KEYS. Raises DrillError and OSError."""
    config, rules = context.config, {}
    for name in KEYS:
        one = watched(config, name)
        if isinstance(one, Watched):
            rules[name] = one
        else:
            yield Finding(name, False, one)
    if not rules:
        return
    context.report("trains in a scratch folder", 0.0)
    yield from _while_it_trains(context, rules)
    context.report("trains where no gate opens", 0.8)
    yield from _in_the_curriculum(context, rules)


def settings(config: Config, rules: dict[str, Watched]) -> dict[str, Any]:
    """What the daemon of the drill has: the drilled rules, the real targets, marked messages."""
    notify = {"group_wait_s": 0.0, "title_prefix": PREFIX + config.notify.title_prefix}
    return {
        "alerts": [msgspec.to_builtins(one.rule) for one in rules.values()],
        "notify": {**msgspec.to_builtins(config.notify), **notify},
        "rollback": {"triggers": dict.fromkeys(config.rollback.triggers, "alert")},
        "backup": {"automatic": []},
    }


def _while_it_trains(context: DrillContext, rules: dict[str, Watched]) -> Iterator[Finding]:
    real = context.config
    home = ScratchHome(context.scratch / "training", causes.landing(real), **settings(real, rules))
    watch = _Watch(home, rules)
    cause = watch.cause("by the machine's own value")
    with home.daemon():
        home.wait_for_event("trainer.running")
        yield from watch.see("memory-high", cause)
        yield from watch.see("disk-low", cause)
        context.report("blocks the checkpoints' folder", 0.2)
        cause = watch.cause("a file was in the place of the checkpoints' folder")
        yield from _with_blocked_checkpoints(home, watch, cause)
        home.wait_for_event("checkpoint.saved", after_id=home.last_event_id())
        context.report("kills the trainer", 0.3)
        cause = watch.cause("the trainer was ended by SIGKILL")
        os.kill(home.trainer_pid(), signal.SIGKILL)
        yield from watch.see("training-crashed", cause)
        context.report("trains until its reward has a level", 0.4)
        home.wait_for_progress(
            lambda one: one.episodes >= causes.LEVEL_EPISODES and one.gate_passed,
            f"{causes.LEVEL_EPISODES} episodes",
            since_s=cause.since_s,
        )
        home.interrupt()
    write_run_config(home.run, causes.forgetting(real))
    cause = watch.cause(
        "the training went on with an entropy bonus that outweighs all rewards; "
        f"divergence.reward_drop_steps moved from {real.divergence.reward_drop_steps} to "
        f"{causes.DROP_STEPS}"
    )
    with home.daemon():
        context.report("trains until it has forgotten how to land", 0.6)
        yield from watch.see("success-below-gate", cause)
        yield from watch.see("reward-dropping", cause)
        home.interrupt()
    write_run_config(home.run, causes.overflowing(real))
    cause = watch.cause("the training went on with a loss that overflows")
    with home.daemon():
        context.report("trains with a loss that overflows", 0.7)
        yield from watch.see("reward-not-finite", cause)


def _with_blocked_checkpoints(home: ScratchHome, watch: _Watch, cause: _Cause) -> Iterator[Finding]:
    folder = home.run.checkpoints
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("in the way")
    yield from watch.see("checkpoint-failing", cause)
    folder.unlink()
    aside.rename(folder)


def _in_the_curriculum(context: DrillContext, rules: dict[str, Watched]) -> Iterator[Finding]:
    real, times = context.config, context.config.checklist.rollback_regressions
    if "stage-regressing" not in rules:
        return
    folder = context.scratch / "curriculum"
    home = ScratchHome(folder, causes.regressing(real), **settings(real, rules))
    watch = _Watch(home, rules)
    cause = watch.cause(f"training returned to the previous stage {times} times")
    with home.daemon():
        home.wait(lambda: len(home.events("stage.regressed")) >= times, f"{times} returns")
        yield from watch.see("stage-regressing", cause)


DRILL = DrillKind(
    name="alerts",
    purpose="causes each alert in scratch trainings; each notification target must receive it",
    keys=KEYS,
    expected_s=180.0,
    conduct=conduct,
)
