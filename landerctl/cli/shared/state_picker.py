"""Prompts for a rollback target on a terminal: a short list, most likely first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.wording import duration, number, percent
from daemon.backup.restoring.restorable import Restorable
from daemon.base.text.one_line import one_line
from daemon.checkpoint.best import MIN_EPISODES
from daemon.rollback.selection.choose import choose, lineage
from daemon.rollback.selection.target import Best, LastGood, Target
from landerctl.cli.shared.prompt import ask_number

RECENT = 5


def pick(states: Sequence[Restorable], tolerance: float, now_s: float) -> Restorable:
    """Prompt for one of `states` (ascending sequence, at least one). Raises Failure."""
    options = build_options(states, tolerance, now_s)
    table = Table(box=None, pad_edge=False)
    table.add_column("", justify="right")
    table.add_column("STATE", no_wrap=True)
    for name in ("AGE", "STAGE", "STEPS", "SUCCESS"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for index, (state, labels) in enumerate(options, 1):
        manifest = state.manifest
        cells = [
            str(index),
            state.id,
            duration(now_s - manifest.created_s),
            str(manifest.stage),
            number(manifest.timesteps),
            percent(manifest.success_rate) if manifest.episodes >= MIN_EPISODES else "-",
            labels,
        ]
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    Console(highlight=False).print(table)
    text = "Roll back to which one? Ctrl-C cancels. `landerctl backups` lists all"
    return options[ask_number(text, len(options)) - 1][0]


def build_options(
    states: Sequence[Restorable], tolerance: float, now_s: float
) -> list[tuple[Restorable, str]]:
    """States with labels: last good, best, each stage's last good, the newest few. Pure."""
    targets: list[tuple[str, Target]] = [("last good", LastGood()), ("best", Best())]
    stages = sorted({state.manifest.stage for state in states}, reverse=True)
    targets += [(f"stage {stage}", LastGood(stage)) for stage in stages]
    options: dict[str, tuple[Restorable, list[str]]] = {}
    for labels, target in targets:
        choice = choose(target, states, now_s=now_s, tolerance=tolerance)
        if choice.candidates:
            first = choice.candidates[0]
            options.setdefault(first.id, (first, []))[1].append(labels)
    for state in list(reversed(states))[:RECENT]:
        options.setdefault(state.id, (state, ["recent"]))
    trunk = lineage([state for state in states if state.accepted])
    for state, why in options.values():
        if state.imported:
            why.append("imported")
        if state.accepted and state.id not in trunk:
            why.append("discarded by a rollback")
    return [(state, ", ".join(labels)) for state, labels in options.values()]
