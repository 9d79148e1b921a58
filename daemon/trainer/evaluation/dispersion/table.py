"""A dispersed evaluation as text for a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from daemon.protocol.flight import REFERENCE
from daemon.runs.dispersion.draw import in_words
from daemon.runs.dispersion.parameters import NOMINAL
from daemon.runs.dispersion.record import Change, DispersedResult, FlownCase
from daemon.runs.statistics.intervals import Interval

POLICY = "policy"
GAP = "  "


def table(result: DispersedResult, stored: str) -> str:
    """Figures by case and pilot, paired differences, and the worst flights. Ends with a newline."""
    last = result.first_seed + result.episodes - 1
    lines = [
        f"pilot     {result.pilot}",
        f"episodes  {result.episodes} of each case, seeds {result.first_seed} to {last}, stage "
        f"{result.stage}, {result.stage_name}; {result.vehicle}",
        f"disperse  {result.file or 'the default set'}",
        "",
        *_columns(
            ("case", "pilot", "landed %", "m/s", "miss m", "fuel left %", "missed landings"),
            (row for case in result.cases for row in _figures(case)),
        ),
        "",
        "Change against nominal on the same seeds (p: McNemar's exact test of landed):",
        *_columns(
            ("case", "pilot", "landed, points", "p", "m/s", "miss m", "fuel left, points"),
            (row for case in result.cases for row in _changes(case)),
        ),
    ]
    if any(case.to_reference for case in result.cases):
        lines += [
            "",
            "Policy minus reference pilot on the same seeds:",
            *_columns(
                ("case", "landed, points", "p", "m/s", "miss m", "fuel left, points"),
                (
                    (one.case, *_change(one.to_reference))
                    for one in result.cases
                    if one.to_reference
                ),
            ),
        ]
    lines += ["", f"The worst {len(result.worst)} dispersed flights of {result.pilot}:"]
    for worst in result.worst:
        words = worst.outcome.replace("_", " ")
        lines += [
            f"{words}, reward {worst.reward:.0f}, {worst.case}: {in_words(worst.drawn)}",
            f"    {shlex.join(worst.again)}",
        ]
    lines += ["", f"flown in  {result.flown_s:.0f} s", f"stored    {stored}"]
    return "".join(f"{line}\n" for line in lines)


def _figures(case: FlownCase) -> Iterator[tuple[str, ...]]:
    for who, one in case.figures.items():
        missed = (
            f"{count} {outcome.replace('_', ' ')}"
            for outcome, count in sorted(one.outcomes.items())
            if outcome != "landed"
        )
        yield (
            case.case,
            _shown(who),
            _text(one.success_rate, 100.0, 1),
            _text(one.touchdown_speed_m_s, 1.0, 2),
            _text(one.distance_m, 1.0, 2),
            _text(one.fuel_left, 100.0, 1),
            ", ".join(missed),
        )


def _changes(case: FlownCase) -> Iterator[tuple[str, ...]]:
    if case.case != NOMINAL:
        for who, change in case.to_nominal.items():
            yield case.case, _shown(who), *_change(change)


def _change(change: Change) -> tuple[str, ...]:
    return (
        _text(change.success.difference, 100.0, 1, sign="+"),
        f"{change.success.p_value:.2g}",
        _text(change.touchdown_speed_m_s, 1.0, 2, sign="+"),
        _text(change.distance_m, 1.0, 2, sign="+"),
        _text(change.fuel_left, 100.0, 1, sign="+"),
    )


def _shown(pilot: str) -> str:
    return pilot if pilot == REFERENCE else POLICY


def _text(interval: Interval | None, scale: float, digits: int, sign: str = "") -> str:
    if interval is None:
        return "-"
    text = f"{interval.mean * scale:{sign}.{digits}f}"
    if interval.low is None or interval.high is None:
        return text
    low, high = interval.low * scale, interval.high * scale
    return f"{text} ({low:{sign}.{digits}f} to {high:{sign}.{digits}f})"


def _columns(head: Sequence[str], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Lines with aligned columns; a case is written once."""
    written = [tuple(head), *rows]
    widths = [max(len(row[k]) for row in written) for k in range(len(head))]
    lines, before = [], ""
    for row in written:
        cells = ["" if row[0] == before else row[0], *row[1:]]
        before = row[0]
        padded = (f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
        lines.append(GAP.join(padded).rstrip())
    return lines
