"""The checklist for people: the tree with a line each, and one line whole. Pure."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterator, Mapping

from checks.checklist.counts import counts_text
from checks.checklist.facts import State
from checks.checklist.model import Phase
from checks.checklist.table.all import PHASES
from checks.wording import duration
from daemon.base.text.one_line import one_line
from landerctl.fast_path.checklist.report import ChecklistReport, LineReport

WORDS: dict[State, str] = {
    "holds": "holds",
    "fails": "FAILS",
    "open": "open",
    "stale": "stale",
    "does not apply": "n/a",
}
_COLOURS: dict[State, str] = {"holds": "32", "fails": "1;31", "open": "33", "stale": "35"}
GOOD: tuple[State, ...] = ("holds", "does not apply")
_LABEL = 12
_NAME = 23
WIDTH = 80

Paint = Callable[[State, str], str]


def plain(state: State, text: str) -> str:
    """Without colours."""
    return text


def coloured(state: State, text: str) -> str:
    """In the state's colour; the word says the same."""
    colour = _COLOURS.get(state)
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text


def tree(report: ChecklistReport, *, width: int | None, paint: Paint) -> list[str]:
    """A line each, below their phases and groups. `width`: cut longer lines; None: do not."""
    found = {line.id: line for line in report.lines}
    lines = list(_head(report))
    for phase in PHASES:
        shown = {line.id: found[line.id] for line in phase.lines if line.id in found}
        if shown:
            lines += ["", _cut(f"{phase.id}: {phase.heading.removesuffix(':')}", width)]
            lines += [f"  {counts_text(report.phases[phase.id])}"]
            lines += _groups(phase, shown, width, paint)
    return lines


def _head(report: ChecklistReport) -> Iterator[str]:
    run = f"run {report.run}" if report.run else "no run yet"
    yield f"{run}, version {report.version}, configuration {report.configuration}"
    yield counts_text(report.counts)
    for text in report.loosened.values():
        yield f"loosened: {text}"
    if report.problem:
        yield f"evidence refused: {one_line(report.problem)}"
    if report.config_problem:
        yield f"configuration: {one_line(report.config_problem)}"


def _groups(
    phase: Phase, shown: Mapping[str, LineReport], width: int | None, paint: Paint
) -> Iterator[str]:
    for group in phase.groups:
        of_group = [shown[line.id] for line in group.lines if line.id in shown]
        if of_group and group.text:
            yield _cut(f"  {group.text.removesuffix(':')}", width)
        for line in of_group:
            yield _row(line, width, paint)


def _row(line: LineReport, width: int | None, paint: Paint) -> str:
    text = line.text.removesuffix(":")
    if line.state == "open":
        text = f"{text}: {one_line(line.found)}"
    elif line.state not in GOOD:
        text = one_line(line.found)
    notes = [*([] if line.required else ["recommended"]), *(["loosened"] if line.loosened else [])]
    if notes:
        text = f"({', '.join(notes)}) {text}"
    name = line.id.partition(".")[2]
    before, word = "    ", WORDS[line.state]
    rest = _cut(f"{before}{word:<6}{name:<{_NAME}} {text}", width)[len(before) + len(word) :]
    return f"{before}{paint(line.state, word)}{rest}"


def _cut(text: str, width: int | None) -> str:
    return text if width is None or len(text) <= width else f"{text[: width - 1]}…"


def whole(line: LineReport, now_s: float, *, width: int | None, paint: Paint) -> list[str]:
    """Everything about one line."""
    state = paint(line.state, WORDS[line.state])
    rows = [f"{line.id}  {state}" + ("" if line.required else "  (recommended)")]
    for label, value in _fields(line, now_s):
        indent = " " * _LABEL
        wrapped = textwrap.wrap(
            one_line(value),
            width=(width or WIDTH) - _LABEL,
            break_on_hyphens=False,
        )
        rows.append(f"{label:<{_LABEL}}{wrapped[0] if wrapped else ''}")
        rows += [f"{indent}{part}" for part in wrapped[1:]]
    return rows


def _fields(line: LineReport, now_s: float) -> Iterator[tuple[str, str]]:
    yield "text", line.text
    yield "judged", line.judge
    yield "found", line.found
    label = "figures"
    for name, figure in line.figures.items():
        shown = f"{figure:.6g}" if isinstance(figure, float) else str(figure)
        yield label, f"{name} = {shown}"
        label = ""
    label = "lines"
    bad = {id_: state for id_, state in line.parts.items() if state not in GOOD}
    for id_, state in bad.items():
        yield label, f"{WORDS[state]:<6}{id_}"
        label = ""
    if holding := len(line.parts) - len(bad):
        yield label, f"{holding} hold or do not apply"
    if line.tests:
        yield "tests", ", ".join(line.tests)
    if line.since_s is not None:
        dated = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(line.since_s))
        yield "of", f"{dated}, {duration(now_s - line.since_s)} ago"
    if line.evidence is not None:
        one = line.evidence
        yield (
            "evidence",
            f"record {one.record} ({one.kind} {one.subject}), digest {one.digest[:16]}, version "
            f"{one.version}, configuration {one.configuration}, machine {one.machine}, run "
            f"{one.run or '-'}",
        )
    yield "measure", line.measure
    for text in line.loosened:
        yield "loosened", text
    if line.translated:
        yield "translated", line.translated
    if line.state not in GOOD:
        yield "to do", line.remedy
    if line.more:
        yield "more", line.more
