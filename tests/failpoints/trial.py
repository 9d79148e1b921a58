"""One failpoint, one way to fail, one scenario: strike, look, try again, look again."""

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
    """What is made to fail, and how."""

    point: str
    action: str
    scenario: Scenario

    def __str__(self) -> str:
        return f"{self.point}:{self.action} by {self.scenario.name}"


@dataclass(frozen=True)
class Outcome:
    """What happened; no faults: as it should be."""

    happened: str
    faults: list[str]


def all_trials() -> Iterator[Trial]:
    """Every failpoint by every action in every scenario of its verb."""
    for point in FAILPOINTS:
        for scenario in SCENARIOS[point.partition(".")[0]]:
            if point in scenario.never:
                continue
            for action in ACTIONS:
                yield Trial(point, action, scenario)


def carry_out(trial: Trial) -> Outcome:
    """Carry out a trial in a state folder of its own."""
    # pytest's own folders have paths too long for a socket.
    with tempfile.TemporaryDirectory(prefix="failpoint-") as folder:
        world = World.make(Path(folder))
        try:
            trial.scenario.prepare(world)
            struck = trial.scenario.run(world, f"{trial.point}:{trial.action}")
            faults = [*_not_as_ordered(trial, struck), *world.faults()]
            again = trial.scenario.run(world, None)
            if again.code != 0:
                faults.append(f"the second time it ended with {again.code}: {again.text}")
            faults += world.faults()
            if not trial.scenario.done(world):
                faults.append("the second time it did not do all its work")
            if left := world.leftovers():
                faults.append(left)
        finally:
            world.home.close()
    return Outcome(_told(trial, struck), faults)


def _not_as_ordered(trial: Trial, ended: Ended) -> Iterator[str]:
    number = ACTIONS[trial.action]
    if number is None:
        if ended.code != -signal.SIGKILL:
            yield f"was to be killed, and ended with {ended.code}: {ended.text}"
        return
    if os.strerror(number) not in ended.text:
        yield f"did not tell of the fault: {ended.text}"
    if trial.scenario.name.startswith("landerctl"):
        said = [line for line in ended.text.splitlines() if line.startswith("landerctl: ")]
        if ended.code == 0 or len(said) != 1:
            yield f"told it by exit code {ended.code} and these lines: {ended.text}"
        if "internal error" in ended.text:
            yield ended.text
    elif ended.code != 0:
        yield f"the daemon ended with {ended.code}: {ended.text}"


def _told(trial: Trial, ended: Ended) -> str:
    if ended.code < 0:
        return signal.Signals(-ended.code).name
    went_on = trial.scenario.name == "daemon" and ended.code == 0
    line = "told, went on" if went_on else ended.text.strip().splitlines()[-1]
    return f"exit {ended.code}: {line}"
