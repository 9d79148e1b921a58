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
LABEL_CELLS = 8
_DIM = "$foreground-muted"
COLUMNS = (
    "Time", "Stage", "Ended", "Touch m/s", "Tilt °", "Miss m", "Down m/s", "Side m/s", "Up m",
    "Fuel", "Seed",
)  # fmt: skip


def cause_lines(failed: FailedEpisodes, width: int) -> list[Content]:
    """A bar for each stage, its length the share of failed episodes, its parts the causes."""
    if not failed.counts:
        return [Content.styled("No training episode has ended yet", _DIM)]
    stages, recent = _by_stage(failed.counts), _by_stage(failed.recent)
    texts = {stage: _text(counts, recent.get(stage)) for stage, counts in stages.items()}
    widest = max(len(text) for text in texts.values())
    cells = max(0, min(BAR_CELLS, width - LABEL_CELLS - widest))
    return [
        *_legend(failed.counts, width),
        *(
            Content.assemble(
                (f"stage {stage}".ljust(LABEL_CELLS), _DIM),
                _bar(stages[stage], cells),
                texts[stage].rjust(widest),
            )[:width]
            for stage in sorted(stages)
        ),
    ]


def _text(counts: dict[str, int], recent: dict[str, int] | None) -> str:
    """The number and share of failed episodes; of the last hour too, if the run is older."""
    total, lost = _failed_of(counts)
    text = f"  {number(lost)} of {number(total)} failed, {share(lost / total)}"
    if recent is None or recent == counts:
        return text
    flown, failed = _failed_of(recent)
    return f"{text}; last hour {share(failed / flown)}"


def _failed_of(counts: dict[str, int]) -> tuple[int, int]:
    total = sum(counts.values())
    return total, total - counts.get(LANDED, 0)


def _by_stage(counts: Sequence[OutcomeCount]) -> dict[int, dict[str, int]]:
    stages: dict[int, dict[str, int]] = {}
    for one in counts:
        stages.setdefault(one.stage, {})[one.outcome] = one.count
    return stages


def _bar(counts: dict[str, int], cells: int) -> Content:
    """A bar of `cells`, all episodes of the stage, filled by the causes' marks."""
    parts: list[tuple[str, str]] = []
    total, _ = _failed_of(counts)
    used = summed = 0
    for cause in CAUSES:
        summed += counts.get(cause, 0)
        end = round(summed / total * cells)
        sign, style = mark(cause)
        parts.append((sign * (end - used), style))
        used = end
    return Content.assemble(*parts, ("─" * (cells - used), "$foreground 30%"))


def _legend(counts: Sequence[OutcomeCount], width: int) -> list[Content]:
    """All causes with their marks and the number of episodes, in as few lines as they need."""
    lines = [Content()]
    for cause in CAUSES:
        count = sum(one.count for one in counts if one.outcome == cause)
        sign, style = mark(cause)
        entry = Content.assemble((sign, style), f" {words(cause)} {number(count)}   ")
        if lines[-1].cell_length + entry.cell_length > width + 3 and len(lines[-1]):
            lines.append(Content())
        lines[-1] += entry
    return [line[:width] for line in lines]


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
