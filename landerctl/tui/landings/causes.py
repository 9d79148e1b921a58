"""How training episodes failed: bars of the causes, rows of the newest, all of one. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.content import Content

from checks.wording import clock, number
from daemon.protocol.trainer import OutcomeCount
from daemon.store.episodes import StoredEpisode
from landerctl.operations.episode_summary import CAUSES
from landerctl.tui.landings.failed import FailedEpisodes
from landerctl.tui.landings.figures import share
from landerctl.tui.landings.records import LANDED, mark, words

BAR_CELLS = 40
_DIM = "$foreground-muted"
COLUMNS = (
    "Time", "Stage", "Ended", "Touch m/s", "Tilt °", "Miss m", "Down m/s", "Side m/s", "Up m",
    "Fuel", "Seed",
)  # fmt: skip


def cause_lines(failed: FailedEpisodes, width: int) -> list[Content]:
    """A bar for each stage, its length the share of failed episodes, its parts the causes."""
    if not failed.counts:
        return [Content.styled("No training episode has ended yet", _DIM)]
    lines = [_legend(failed.counts)[:width]]
    recent = _by_stage(failed.recent)
    for stage, counts in sorted(_by_stage(failed.counts).items()):
        total = sum(counts.values())
        lost = total - counts.get(LANDED, 0)
        last_hour = recent.get(stage)
        note = ""
        if last_hour:
            flown = sum(last_hour.values())
            note = f", last hour {share((flown - last_hour.get(LANDED, 0)) / flown)}"
        text = f" {number(lost)} of {number(total)} failed, {share(lost / total)}{note}"
        label = f"stage {stage} "
        cells = min(BAR_CELLS, width - len(label) - len(text))
        bar = _bar(counts, total, max(cells, 0))
        lines.append(Content.assemble((label, _DIM), bar, text)[:width])
    return lines


def _by_stage(counts: Sequence[OutcomeCount]) -> dict[int, dict[str, int]]:
    stages: dict[int, dict[str, int]] = {}
    for one in counts:
        stages.setdefault(one.stage, {})[one.outcome] = one.count
    return stages


def _bar(counts: dict[str, int], total: int, cells: int) -> Content:
    """A bar of `cells`; a cause with at least one episode in 2 * cells is visible."""
    parts: list[tuple[str, str]] = []
    used = 0
    summed = 0
    for cause in CAUSES:
        summed += counts.get(cause, 0)
        end = round(summed / total * cells)
        sign, style = mark(cause)
        parts.append((sign * (end - used), style))
        used = end
    parts.append(("─" * (cells - used), "$foreground 30%"))
    return Content.assemble(*parts)


def _legend(counts: Sequence[OutcomeCount]) -> Content:
    """All causes with their marks and the number of episodes, over all stages."""
    parts: list[str | tuple[str, str]] = []
    for cause in CAUSES:
        count = sum(one.count for one in counts if one.outcome == cause)
        sign, style = mark(cause)
        parts += [(sign, style), f" {words(cause)} {number(count)}   "]
    return Content.assemble(*parts)


def failed_row(one: StoredEpisode) -> tuple[str, ...]:
    """The cells in the order of COLUMNS."""
    miss_m = None if one.x_m is None or one.y_m is None else math.hypot(one.x_m, one.y_m)
    return (
        clock(one.time_s),
        f"{one.difficulty:.4g}",
        f"{mark(one.cause)[0]} {words(one.cause)}",
        _figure(one.touchdown_speed_m_s, 1),
        _figure(one.tilt_deg, 1),
        _figure(miss_m, 1),
        _figure(one.descent_rate_m_s, 1),
        _figure(one.horizontal_speed_m_s, 1),
        _figure(one.altitude_m, 1),
        "–" if one.fuel_fraction is None else share(one.fuel_fraction),
        str(one.seed),
    )


def _figure(value: float | None, digits: int) -> str:
    return "–" if value is None else number(value, digits)
