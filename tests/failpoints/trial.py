"""One trial: a failpoint, an action and a scenario; fail, check, run again, check again."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from daemon.base.failpoint import ACTIONS, FAILPOINTS
from tests.failpoints.scenarios import SCENARIOS, Scenario
from tests.failpoints.world import Ended, World


@dataclass(frozen=True)
class Trial:
    """A failpoint, its action, and the scenario that reaches it."""

    point: str
    action: str
    scenario: Scenario

    def __str__(self) -> str:
        return f"{self.point}:{self.action} by {self.scenario.name}"


@dataclass(frozen=True)
class Outcome:
    """What happened; `faults` is empty if all is correct."""

    happened: str
    faults: list[str]


def all_trials() -> Iterator[Trial]:
    """Every failpoint with every action in every scenario of its command."""
    for point in FAILPOINTS:
        for scenario in SCENARIOS[point.partition(".")[0]]:
            if point in scenario.never:
                continue
            for action in ACTIONS:
                yield Trial(point, action, scenario)


def carry_out(trial: Trial) -> Outcome:
    """Run a trial in a new state folder."""
    # pytest's folders have paths too long for a socket.
    with tempfile.TemporaryDirectory(prefix="failpoint-") as folder:
        world = World.make(Path(folder))
        try:
            trial.scenario.prepare(world)
            failed = trial.scenario.run(world, f"{trial.point}:{trial.action}")
            faults = [*_wrong_failure(trial, failed), *world.faults()]
            again = trial.scenario.run(world, None)
            if again.code != 0:
                faults.append(f"the second run exited with {again.code}: {again.text}")
            faults += world.faults()
            if not trial.scenario.done(world):
                faults.append("the second run did not complete its work")
            if left := world.leftovers():
                faults.append(left)
        finally:
            world.home.close()
    return Outcome(_summary(trial, failed), faults)


def _wrong_failure(trial: Trial, ended: Ended) -> Iterator[str]:
    number = ACTIONS[trial.action]
    if number is None:
        if ended.code != -signal.SIGKILL:
            yield f"should have been killed, but exited with {ended.code}: {ended.text}"
        return
    if os.strerror(number) not in ended.text:
        yield f"did not report the error: {ended.text}"
    if trial.scenario.name.startswith("landerctl"):
        messages = [line for line in ended.text.splitlines() if line.startswith("landerctl: ")]
        if ended.code == 0 or len(messages) != 1:
            yield f"wrong report: exit code {ended.code} and {ended.text}"
        if "internal error" in ended.text:
            yield ended.text
    elif ended.code != 0:
        yield f"the daemon exited with {ended.code}: {ended.text}"


def _summary(trial: Trial, ended: Ended) -> str:
    if ended.code < 0:
        return signal.Signals(-ended.code).name
    continued = trial.scenario.name == "daemon" and ended.code == 0
    line = "reported, continued" if continued else ended.text.strip().splitlines()[-1]
    return f"exit {ended.code}: {line}"
