"""`landerctl checklist`: judges every line now, from the state folder."""

from __future__ import annotations

import os
import shutil
import sys
import time
from threading import Event

import msgspec

from checks.checklist.gather import gather_facts
from checks.checklist.judge import judge_all
from checks.checklist.judges.all import JUDGES
from checks.checklist.table.all import LINES, PHASES
from daemon.base.paths import StatePaths, state_paths
from landerctl.config_file import require_named_config
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.fast_path.checklist.options import ChecklistOptions
from landerctl.fast_path.checklist.report import ChecklistReport, find_lines, report
from landerctl.fast_path.checklist.text import coloured, plain, tree, whole

_CLEAR = "\x1b[H\x1b[2J"


def run(options: ChecklistOptions) -> int:
    """Print the checklist, or the named lines whole. Raises Failure."""
    known = {phase.id for phase in PHASES} | {line.id for line in LINES}
    for name in options.names:
        if name not in known:
            raise Failure(
                f"no phase or line {name!r}; `landerctl checklist` shows all", Exit.NOT_FOUND
            )
    paths = state_paths(options.home, os.environ)
    require_named_config(paths, options.config, os.environ)
    while True:
        found = _judge(paths, options)
        if options.as_json:
            print(msgspec.json.encode(found).decode(), flush=True)
        else:
            clear = _CLEAR if options.watch and sys.stdout.isatty() else ""
            print(clear + "\n".join(_lines(found, options)), flush=True)
        if not options.watch:
            return Exit.DAMAGED if found.problem else Exit.OK
        Event().wait(options.interval_s)


def _judge(paths: StatePaths, options: ChecklistOptions) -> ChecklistReport:
    facts = gather_facts(paths, time.time(), options.config, os.environ)
    if facts.evidence.home_problem:
        raise Failure(facts.evidence.home_problem, Exit.UNKNOWN)
    judgements = judge_all(LINES, JUDGES, facts)
    lines = find_lines(options.names)
    if options.only_open:
        good = ("holds", "does not apply")
        lines = [line for line in lines if judgements[line.id].outcome.state not in good]
    return report(lines, judgements, facts, str(paths.home))


def _lines(found: ChecklistReport, options: ChecklistOptions) -> list[str]:
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    use_colours = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    paint = coloured if use_colours else plain
    phases = {phase.id for phase in PHASES}
    if options.names and phases.isdisjoint(options.names):
        shown = [whole(line, found.time_s, width=width, paint=paint) for line in found.lines]
        return "\n\n".join("\n".join(rows) for rows in shown).split("\n")
    return tree(found, width=width, paint=paint)
