"""A sweep in a state folder, as a coordinator leaves it: written by the store's own writer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.sweeps.creation import create_sweep
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Decision, Leg, Note, Trial, TrialState
from daemon.sweeps.spec.load import parse_sweep
from daemon.sweeps.store.sweep_store import SweepStore

BEGAN_S = 1_800_000_000.0
STEPS = 300_000
TEXT = """
[[parameters]]
setting = "ppo.learning_rate"
values = [1e-4, 4e-4]

[seeds]
count = 2

[limits]
steps = 300_000

[[objectives]]
metric = "success"
"""


def trial(number: int, state: TrialState, steps: int, **changed: Any) -> Trial:
    """A trial of TEXT, as the grid proposes it."""
    group, place = divmod(number, 2)
    facts: dict[str, Any] = {
        "values": {"ppo.learning_rate": [1e-4, 4e-4][group]},
        "running_s": steps / 1000,
        "latest": {"success": 0.25} if steps else {},
    }
    return Trial(
        number=number,
        group=group,
        seed=1 + place,
        state=state,
        target_steps=STEPS,
        steps=steps,
        **(facts | changed),
    )


TRIALS = (
    trial(0, TrialState.COMPLETED, STEPS, reason="all steps trained"),
    trial(1, TrialState.STOPPED, 100_000, reason="4th of 4 at 100,000 steps"),
    trial(2, TrialState.RUNNING, 150_000),
    trial(3, TrialState.WAITING, 0),
)
LEGS = (
    Leg(trial=1, steps=100_000, values={"success": 0.1}, running_s=100.0, time_s=BEGAN_S + 200),
    Leg(trial=0, steps=STEPS, values={"success": 0.9}, running_s=300.0, time_s=BEGAN_S + 400),
)
BEGAN = Note(time_s=BEGAN_S, kind="began", text="began on the engine local")


def made_sweep(
    paths: StatePaths,
    name: str = "rates",
    *,
    trials: Sequence[Trial] = TRIALS,
    legs: Sequence[Leg] = LEGS,
    notes: Sequence[Note] = (BEGAN,),
) -> SweepPaths:
    """Create it."""
    spec = parse_sweep(Path("rates.toml"), TEXT)
    sweep = create_sweep(paths, name, TEXT, spec, load_config(None).config)
    with SweepStore.open(sweep.store, write=True) as store, store.transaction():
        for one in trials:
            store.add_trial(one)
        for leg in legs:
            store.add_leg(leg)
        for note in notes:
            store.add_note(note)
        if trials:
            store.add_decision(
                Decision(
                    number=1,
                    time_s=BEGAN_S,
                    kind="propose",
                    trial=0,
                    steps=0,
                    reason="by the sampler grid",
                    seen=0,
                )
            )
    return sweep
