"""Each line of the burn-in as a figure and its limit. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import msgspec

from checks.checklist.burn_in.evidence import BurnInEvidence, HourMean, Processes
from checks.checklist.burn_in.growth import DECISIVE, Growth, growth_of
from checks.checklist.burn_in.slope import BLOCKS, Point, Slope, block_medians, slope_of
from checks.wording import duration, number
from daemon.config.schema import ChecklistSettings
from daemon.protocol.finding import Figure

DAY_S = 86_400.0
HOUR_S = 3600.0
BYTES_PER_GB = 1e9
ZOMBIE_S = 60.0
LAG_S = 300.0  # the trainer's writer flushes every two minutes, the server reads every few seconds


class Gauge(msgspec.Struct, frozen=True):
    """`holds` None: nothing is known yet, or, if `undecided`, too little to say.

    `share`: the figure as a share of its limit; None if there is none.
    """

    holds: bool | None
    text: str
    share: float | None = None
    figures: dict[str, Figure] = {}
    undecided: bool = False


def _memory(found: BurnInEvidence, limits: ChecklistSettings) -> Gauge:
    limit = limits.memory_growth_gb_per_day
    per_day = DAY_S / BYTES_PER_GB
    slope = _slope("memory", found, limits, (found.memory_bytes, per_day, limit))
    lander_mb = found.memory_per_lander_mb
    if lander_mb is None:
        return slope
    most_mb = limits.memory_per_lander_mb
    holds = False if lander_mb > most_mb else slope.holds
    text = f"{slope.text}; at most {lander_mb:.0f} MB a lander, limit {most_mb:g}"
    figures = {name.replace("per_day", "growth_gb_per_day"): v for name, v in slope.figures.items()}
    figures |= {"lander_mb": lander_mb, "lander_limit_mb": most_mb}
    share = max(slope.share or 0.0, lander_mb / most_mb)
    return Gauge(holds, text, share, figures, slope.undecided)


def _descriptors(found: BurnInEvidence, limits: ChecklistSettings) -> Gauge:
    limit = limits.descriptor_growth_per_day
    both = {
        name: _slope(name, found, limits, (processes, DAY_S, limit))
        for name, processes in (("descriptors", found.descriptors), ("threads", found.threads))
    }
    states = [one.holds for one in both.values()]
    return Gauge(
        holds=False if False in states else None if None in states else True,
        text="; ".join(one.text for one in both.values()),
        share=max((one.share for one in both.values() if one.share is not None), default=None),
        figures={f"{name}_{key}": v for name, g in both.items() for key, v in g.figures.items()},
        undecided=any(one.undecided for one in both.values()),
    )


def _slope(
    what: str,
    found: BurnInEvidence,
    limits: ChecklistSettings,
    series: tuple[Processes, float, float],
) -> Gauge:
    """`series`: of each process, the factor to the limit's unit a day, the limit."""
    processes, per_day, limit = series
    slope = _slope_of(processes, limits.burn_in_h * HOUR_S)
    if slope is None:
        return Gauge(None, f"growth of {what}: too few samples after the first {_first(found)}")
    slope = Slope(
        slope.estimate * per_day,
        slope.low * per_day,
        slope.high * per_day,
        slope.correlation,
        slope.blocks,
    )
    holds = True if slope.high <= limit else False if slope.low > limit else None
    unit = " GB" if per_day != DAY_S else ""
    text = (
        f"{what} {slope.estimate:+.2g}{unit} a day "
        f"(95%: {slope.low:.2g} to {slope.high:.2g}), limit {limit:g}"
    )
    figures: dict[str, Figure] = {
        "per_day": slope.estimate,
        "per_day_low": _finite(slope.low),
        "per_day_high": _finite(slope.high),
        "per_day_limit": limit,
        "blocks": slope.blocks,
        "correlation": slope.correlation,
    }
    share = slope.high / limit if math.isfinite(slope.high) else None
    return Gauge(holds, text, share, figures, undecided=holds is None)


def _growth(found: BurnInEvidence, limits: ChecklistSettings) -> Gauge:
    known = _growth_of(found.memory_bytes, limits.burn_in_h * HOUR_S)
    if not known:
        return Gauge(None, f"no process has run long enough after its first {_first(found)}")
    worst = max(known, key=lambda one: (one.exponential, one.evidence))
    share = max(worst.evidence, 0.0) / DECISIVE if worst.exponential else 0.0
    figures: dict[str, Figure] = {
        "aic_difference": worst.evidence,
        "aic_limit": DECISIVE,
        "grown_percent": 100.0 * worst.grown,
        "doubling_h": _finite(worst.doubling_s / HOUR_S),
    }
    return Gauge(not worst.exponential, _growth_text(worst), share, figures)


def _growth_text(growth: Growth) -> str:
    if growth.exponential:
        return (
            f"memory grows exponentially: its growth doubles in {duration(growth.doubling_s)} "
            f"(AIC smaller by {growth.evidence:.0f}, limit {DECISIVE:g})"
        )
    return (
        f"an exponential does not explain memory better (AIC smaller by "
        f"{max(growth.evidence, 0.0):.1f}, limit {DECISIVE:g}; grown by {growth.grown:.1%})"
    )


def _checkpoints(found: BurnInEvidence, limits: ChecklistSettings) -> Gauge:
    limit = limits.checkpoint_steps + found.rollout_steps
    known = [steps for steps in found.distance_steps if steps is not None]
    if not known:
        return Gauge(None, "no checkpoint of the burn-in yet")
    largest = max(known)
    figures: dict[str, Figure] = {
        "distance_steps": largest,
        "limit_steps": limit,
        "failed": len(found.failures),
    }
    text = f"at most {number(largest)} steps apart, limit {number(limit)}"
    share = largest / limit
    if found.failures:
        return Gauge(False, f"{found.failures[-1].text}; {text}", share, figures)
    if found.checkpoint_problem:
        return Gauge(False, f"{found.checkpoint_problem}; {text}", share, figures)
    return Gauge(largest <= limit, text, share, figures)


def _tensorboard(found: BurnInEvidence, _: ChecklistSettings) -> Gauge:
    board = found.board
    if board.state == "off":
        return Gauge(False, board.text)
    if found.unwritten:
        return Gauge(False, found.unwritten)
    if board.state == "silent":
        return Gauge(False, board.text)
    if board.state == "no server" or board.lag_s is None:
        return Gauge(None, board.text)
    figures: dict[str, Figure] = {"lag_s": board.lag_s, "lag_limit_s": LAG_S}
    text = f"{board.text}; its newest scalar is {duration(board.lag_s)} old, limit {LAG_S:g} s"
    return Gauge(board.lag_s <= LAG_S, text, max(0.0, board.lag_s) / LAG_S, figures)


def _cpu(found: BurnInEvidence, limits: ChecklistSettings) -> Gauge:
    return _mean(found, found.cpu, limits.cpu_percent, "%")


def _disk_writes(found: BurnInEvidence, limits: ChecklistSettings) -> Gauge:
    return _mean(found, found.disk_write, limits.disk_write_mb_s, " MB/s")


def _mean(found: BurnInEvidence, mean: HourMean | None, limit: float, unit: str) -> Gauge:
    window = _first(found)
    if mean is None:
        return Gauge(None, f"no {window} of training yet")
    figures: dict[str, Figure] = {"largest_mean": mean.mean, "limit": limit}
    figures["window_s"] = found.window_s
    text = f"at most {mean.mean:.3g}{unit} over {window}, limit {limit:g}{unit}"
    return Gauge(mean.mean < limit, text, mean.mean / limit, figures)


def _zombies(found: BurnInEvidence, _: ChecklistSettings) -> Gauge:
    longest_s = found.zombies_s
    if longest_s is None:
        return Gauge(None, "no sample yet")
    text = f"none for longer than {duration(longest_s)}" if longest_s else "none at two samples"
    figures: dict[str, Figure] = {"longest_s": longest_s, "limit_s": ZOMBIE_S}
    if longest_s > ZOMBIE_S:
        text = f"zombie processes for {duration(longest_s)}, limit {ZOMBIE_S:g} s"
    return Gauge(longest_s <= ZOMBIE_S, text, longest_s / ZOMBIE_S, figures)


# Several lines are of the same series: each is judged once.
@lru_cache(maxsize=8)
def _slope_of(processes: Processes, burn_in_s: float) -> Slope | None:
    return slope_of(_blocks(processes, burn_in_s))


@lru_cache(maxsize=8)
def _growth_of(processes: Processes, burn_in_s: float) -> list[Growth]:
    compared = [growth_of(blocks) for blocks in _blocks(processes, burn_in_s)]
    return [one for one in compared if one is not None]


def _blocks(processes: Processes, burn_in_s: float) -> list[list[Point]]:
    block_s = max(burn_in_s, _span_s(processes)) / BLOCKS
    return [block_medians(points, block_s) for points in processes]


def _span_s(processes: Processes) -> float:
    return sum(points[-1][0] - points[0][0] for points in processes if points)


def _first(found: BurnInEvidence) -> str:
    return duration(found.window_s)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


GAUGES: dict[str, Callable[[BurnInEvidence, ChecklistSettings], Gauge]] = {
    "burn-in.memory-stable": _memory,
    "burn-in.descriptors": _descriptors,
    "burn-in.checkpoints": _checkpoints,
    "burn-in.tensorboard": _tensorboard,
    "burn-in.cpu": _cpu,
    "burn-in.growth-linear": _growth,
    "burn-in.disk-io": _disk_writes,
    "burn-in.zombies": _zombies,
}
