"""`docs/checklist.md`: `python -m checks.checklist.page > docs/checklist.md`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from checks.checklist.judge import NAMES
from checks.checklist.model import Bound, Drill, Fixed, Line, Lines, Live, Person, Phase
from checks.checklist.table.all import LINES, PHASES
from daemon.config import load_config
from daemon.config.schema import ChecklistSettings

HEAD = """\
# How is each line of the checklist judged?

`landerctl checklist` judges every line of the [production checklist](production-checklist.md);
`landerctl checklist ID` shows one whole, with its evidence. This page is generated from
`checks/checklist/table/` by `python -m checks.checklist.page`; a test keeps the two in step. The
figures are those of the defaults: the thresholds are `[checklist]` of the configuration. One that
is looser than its default is shown as `loosened` in every report. `[checklist]` is no part of the
configuration's fingerprint, so that a changed threshold makes no evidence stale.

## Who judges

- **live**: a pure function of the store, the files and the clock, whenever you ask. Samples and
  events vanish after 30 days, so the daemon keeps what it found in the ledger: when a line turns,
  and once a day. Where the samples are gone, the newest record of the same version, configuration
  and run decides.
- **drill NAME**: a procedure that `landerctl drill NAME` carries out in a scratch copy, with a
  figure for each line.
- **fixed**: true by construction. The drill `environment` runs the named tests on this machine; the
  record holds a digest of the sources, and is stale once they change.
- **person**: only a person can say; `landerctl signoff SUBJECT --by NAME` records it.
- **its lines**: holds if all of them hold; those that are only recommended do not count.

## States

| State | Meaning |
| --- | --- |
| holds | measured, fresh, and within its threshold |
| fails | measured and outside its threshold, or known to be missing |
| open | no evidence yet; the text says what would bring it |
| stale | the evidence is too old, or of another version, configuration, machine or run |
| does not apply | with the reason |

## Evidence

Evidence is in `ledger.jsonl` of the state folder: a record is one JSON line with its figures, its
time, version, configuration's fingerprint, machine and run, and a digest that covers it and the
digest of the record before it. The newest digest is in a file beside it, which ends in `.head`.
An edited, removed, moved or cut record is named by its number; then no line that rests on the
ledger holds, and nothing is appended until both files are moved away. **The chain proves no more
than that nobody changed a part of it: whoever owns the files could write a whole new ledger.**
Keep a copy elsewhere, or write down the newest digest, if that matters to you.

The daemon judges every `checklist.interval_s` in a process of its own, at the lowest priority and
not in the first minute of a training. A line that turns is the event `checklist.turned`, an edited
ledger `checklist.refused`. The counts are in `landerctl status` and in the metrics
`checklist/...`; `landerctl check checklist` is CRITICAL for an edited ledger, and WARNING for a
line that fails or is stale. The ledger grows by less than 1 MB a month.
"""
COLUMNS = """\
| Line | Document | Judge | Statistic, window and threshold | Evidence counts | Translated |
| --- | --- | --- | --- | --- | --- |"""


def render_page() -> str:
    """The page as Markdown, a table for each phase."""
    limits = load_config(None).config.checklist
    rows = [_phase(phase, limits) for phase in PHASES]
    title = f"## The {len(LINES)} lines\n"
    return "\n".join([HEAD, title, *rows])


def _phase(phase: Phase, limits: ChecklistSettings) -> str:
    rows = "\n".join(_row(line, limits) for line in phase.lines)
    return f"### {phase.heading.removesuffix(':')}\n\n{COLUMNS}\n{rows}\n"


def _row(line: Line, limits: ChecklistSettings) -> str:
    measure = line.measure.format_map(msgspec.structs.asdict(limits))
    recommended = "" if line.required else " (recommended)"
    cells = [
        f"`{line.id}`{recommended}",
        line.text,
        _judge(line),
        measure,
        _counts(line, limits),
        line.translated,
    ]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _judge(line: Line) -> str:
    match line.judge:
        case Live():
            return "live"
        case Drill(name=name):
            return f"drill `{name}`"
        case Fixed(tests=tests):
            return f"fixed: {', '.join(f'`{test}`' for test in tests)}"
        case Person(subject=subject):
            return f"person: `{subject}`"
        case Lines(ids=ids):
            named = (f"`{one}*`" if one.endswith(".") else f"`{one}`" for one in ids)
            return f"its lines: {', '.join(named)}"


def _counts(line: Line, limits: ChecklistSettings) -> str:
    days = f"{limits.evidence_days:g} days"
    match line.judge:
        case Live():
            return "measured now"
        case Drill(bound=bound):
            return f"{days}, of this {_listed(bound)}"
        case Fixed():
            return f"{days}, of this {_listed(('version', 'machine'))} and these sources"
        case Person(bound=bound):
            return f"of this {_listed(bound)}"
        case Lines():
            return "as they do"


def _listed(bound: Sequence[Bound]) -> str:
    return ", ".join(NAMES[one] for one in bound)


if __name__ == "__main__":
    sys.stdout.write(render_page())
