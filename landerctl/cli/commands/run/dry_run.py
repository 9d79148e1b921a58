"""Prints what a start would do."""

from __future__ import annotations

import msgspec

from daemon.base.text.counted import counted
from daemon.config.layering.settings import HIDDEN, text_of
from landerctl.cli.shared.columns import aligned
from landerctl.operations.starting.start_plan import PlannedStart


def show(plan: PlannedStart, *, as_json: bool) -> None:
    """The plan, and a line for each setting that differs from the defaults."""
    if as_json:
        print(msgspec.json.encode(plan).decode())
        return
    if plan.run_id is None:
        named = f"{plan.text}A new run" + (f", {plan.name}" if plan.name else "")
        print(
            f"{named}: {plan.mode}, {plan.algorithm}, {counted(plan.n_envs, 'lander')}, "
            f"{counted(plan.timesteps, 'step')}"
        )
    else:
        print(plan.text)
    rows = [
        (f"{one.name} = {_text(one.value)}", f"default {_text(one.default)}", one.origin)
        for one in plan.settings
    ]
    if rows:
        print("\n".join(aligned(rows)))
    else:
        print("Every setting is the default.")
    print("Nothing was changed: omit --dry-run to start.")


def _text(value: object) -> str:
    if value is None:
        return "(none)"
    return HIDDEN if value == HIDDEN else text_of(value)
