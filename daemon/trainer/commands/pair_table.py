"""The comparison of two pilots as text, 80 columns wide."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.base.text.counted import counted
from daemon.runs.paired_evaluation import PairedEvaluation
from daemon.runs.statistics.intervals import Interval

SEEDS_SHOWN = 6  # of each side; --json has all
ALPHA = 0.05


def pair_table(
    paired: PairedEvaluation, names: tuple[str, str], stored: Sequence[str], again: str
) -> str:
    """The text. `names`: of the pilots, for `again`, the command to which one is added."""
    first = paired.first
    rows = [
        f"{'A':<12} {names[0]}",
        f"{'B':<12} {names[1]}",
        f"{'environment':<12} run {paired.environment_run_id}: {first.vehicle}, "
        f"stage {first.stage}, {first.stage_name}",
        *(f"{'':<12} that of B's run has {one}" for one in _differing(paired)),
        f"{'episodes':<12} {first.episodes} of each, seeds {first.first_seed} to "
        f"{first.first_seed + first.episodes - 1}, mean action",
        "",
        _row("", "A", "B", "A - B (95%)"),
        *_figures(paired),
        "",
        *_conclusion(paired),
        *_seeds(paired, names, again),
        *(f"{f'{side} stored':<12} {where}" for side, where in zip("AB", stored, strict=True)),
    ]
    return "".join(f"{row}\n" for row in rows)


def _differing(paired: PairedEvaluation) -> list[str]:
    return [f"{name} = {text}" for name, text in paired.differing.items()]


def _figures(paired: PairedEvaluation) -> list[str]:
    first, second = paired.first, paired.second

    def row(name: str, field: str, scale: float, digits: int, change: Interval | None) -> str:
        ours, theirs = (_plain(getattr(one, field), scale, digits) for one in (first, second))
        return _row(name, ours, theirs, _signed(change, scale, digits))

    both = f"both landed: {counted(paired.success.both, 'seed')}"
    return [
        row("success %", "success_rate", 100.0, 1, paired.success.difference),
        row("reward", "reward", 1.0, 0, paired.reward),
        _row("", "its landings", "its landings", both),
        row("distance m", "distance_m", 1.0, 2, paired.distance_m),
        row("speed m/s", "touchdown_speed_m_s", 1.0, 2, paired.touchdown_speed_m_s),
        row("tilt deg", "touchdown_tilt_deg", 1.0, 2, paired.touchdown_tilt_deg),
        row("fuel left %", "fuel_left", 100.0, 1, paired.fuel_left),
    ]


def _row(name: str, first: str, second: str, change: str) -> str:
    return f"{name:<12} {first:<21} {second:<21} {change}".rstrip()


def _plain(interval: Interval | None, scale: float, digits: int) -> str:
    return _text(interval, scale, digits, "") or "no landing"


def _signed(interval: Interval | None, scale: float, digits: int) -> str:
    return _text(interval, scale, digits, "+") or "-"


def _text(interval: Interval | None, scale: float, digits: int, sign: str) -> str:
    if interval is None:
        return ""
    text = f"{interval.mean * scale:{sign}.{digits}f}"
    if interval.low is None or interval.high is None:
        return text
    low, high = interval.low * scale, interval.high * scale
    return f"{text} ({low:{sign}.{digits}f} to {high:{sign}.{digits}f})"


def _conclusion(paired: PairedEvaluation) -> list[str]:
    rates = paired.success
    better = "A" if rates.first_only > rates.second_only else "B"
    said = f"{better} lands more often" if rates.p_value < ALPHA else "No difference is shown"
    return [
        f"Only A lands on {counted(rates.first_only, 'seed')}, only B on {rates.second_only}, "
        f"neither on {rates.neither}.",
        f"{said} (McNemar's exact test, p = {rates.p_value:.2g}).",
    ]


def _seeds(paired: PairedEvaluation, names: tuple[str, str], again: str) -> list[str]:
    """The seeds on which one side alone landed, and the commands that fly the first of them."""
    rows = []
    for side, seeds in (("A", paired.only_first_landed), ("B", paired.only_second_landed)):
        if not seeds:
            continue
        more = f" and {len(seeds) - SEEDS_SHOWN} more" if len(seeds) > SEEDS_SHOWN else ""
        shown = " ".join(map(str, seeds[:SEEDS_SHOWN]))
        rows.append(f"{f'only {side}':<12} {shown}{more}")
        rows += [
            f"{'':<12} {again} --pilot {name} --stage {paired.first.stage} --seed {seeds[0]}"
            for name in names
        ]
    if rows and paired.differing:
        rows.append("B's commands fly in the environment of B's own run, which differs.")
    return rows
