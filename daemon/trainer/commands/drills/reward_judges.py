"""Whether the rewards of flown episodes are as the checklist says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daemon.base.text.counted import counted
from daemon.config.schema import ChecklistSettings
from daemon.protocol.finding import Figures, Finding
from env.fleet import Episode
from env.task.reward import MAX_DISTANCE_M, POTENTIAL_MAX, Outcome

ENOUGH = 20  # landings, and failures; with fewer nothing is judged
_BONUSES = ("precision", "softness", "attitude", "fuel", "smoothness")
ROUNDING = 1e-2  # rewards are of single precision


@dataclass(frozen=True)
class Flown:
    """Ended episodes, and the shaping of every step that was flown."""

    episodes: list[Episode]
    shaping: npt.NDArray[np.float64]

    @classmethod
    def of_all(cls, parts: Sequence[Flown]) -> Flown:
        """Several flights as one."""
        episodes = [episode for part in parts for episode in part.episodes]
        return cls(episodes, np.concatenate([part.shaping for part in parts]))

    @property
    def landings(self) -> list[Episode]:
        """Those that landed."""
        return [episode for episode in self.episodes if episode.success]

    @property
    def failures(self) -> list[Episode]:
        """Those that did not."""
        return [episode for episode in self.episodes if not episode.success]

    @property
    def too_few(self) -> str:
        """Why nothing can be judged; empty if it can."""
        landings, failures = len(self.landings), len(self.failures)
        if min(landings, failures) >= ENOUGH:
            return ""
        return f"{landings} landings and {failures} failures were flown, {ENOUGH} of each are due"


def judge_terminal_scale(flown: Flown, limits: ChecklistSettings) -> Finding:
    """A landing earns `terminal_reward` and bonuses; no failure costs more than that."""
    key = "terminal-scale"
    if few := flown.too_few:
        return Finding(key, None, few)
    landed = [episode.components["landing"] for episode in flown.landings]
    bonuses = [sum(one.components[name] for name in _BONUSES) for one in flown.landings]
    failed = [episode.components["failure"] for episode in flown.failures]
    scale = limits.terminal_reward
    holds = (
        all(abs(value - scale) < ROUNDING for value in landed)
        and all(0.0 <= value <= scale for value in bonuses)
        and all(-scale <= value < 0.0 for value in failed)
        and not any(episode.components["failure"] for episode in flown.landings)
        and not any(episode.components["landing"] for episode in flown.failures)
    )
    text = (
        f"{len(landed)} landings earned {min(landed):.0f} to {max(landed):.0f} and bonuses of "
        f"{min(bonuses):.0f} to {max(bonuses):.0f}; {len(failed)} failures cost "
        f"{-max(failed):.0f} to {-min(failed):.0f}"
    )
    figures: Figures = {
        "landings": len(landed),
        "failures": len(failed),
        "landing_least": round(min(landed), 2),
        "landing_most": round(max(landed), 2),
        "bonuses_most": round(max(bonuses), 2),
        "failure_worst": round(min(failed), 2),
        "failure_mildest": round(max(failed), 2),
    }
    return Finding(key, holds, text, figures)


def judge_shaping(flown: Flown, limits: ChecklistSettings) -> Finding:
    """Sums within the potential's bound; a step's mean size within the document's range."""
    steps = np.abs(flown.shaping)
    sums = [episode.components["shaping"] for episode in flown.episodes]
    mean, largest = float(steps.mean()), float(steps.max())
    within = float((steps <= limits.shaping_reward).mean())
    holds = (
        mean <= limits.shaping_reward
        and largest <= POTENTIAL_MAX + ROUNDING
        and max(map(abs, sums)) <= POTENTIAL_MAX + ROUNDING
    )
    text = (
        f"{len(steps):,} steps: mean size {mean:.2f}, {within:.2%} within "
        f"{limits.shaping_reward:g}, largest {largest:.1f}; sums of "
        f"{counted(len(sums), 'episode')} {min(sums):.0f} to {max(sums):.0f}, "
        f"bound {POTENTIAL_MAX:g}"
    )
    figures: Figures = {
        "steps": len(steps),
        "mean_size": round(mean, 4),
        "share_within": round(within, 5),
        "largest": round(largest, 2),
        "sum_least": round(min(sums), 2),
        "sum_most": round(max(sums), 2),
        "bound": POTENTIAL_MAX,
    }
    return Finding("shaping-range", holds, text, figures)


def judge_fuel_bonus(flown: Flown, limits: ChecklistSettings) -> Finding:
    """No failure has a fuel bonus, every landing with propellant left has one."""
    key = "fuel-on-success"
    if few := flown.too_few:
        return Finding(key, None, few)
    failed = max(episode.components["fuel"] for episode in flown.failures)
    landed = [one.components["fuel"] for one in flown.landings if one.fuel_fraction > 0.0]
    holds = failed == 0.0 and bool(landed) and min(landed) > 0.0
    text = (
        f"{len(flown.failures)} failures: at most {failed:g}; {len(landed)} landings: "
        f"{min(landed, default=0.0):.1f} to {max(landed, default=0.0):.1f}"
    )
    figures: Figures = {
        "failures": len(flown.failures),
        "landings": len(landed),
        "failure_most": failed,
        "landing_least": round(min(landed, default=0.0), 2),
    }
    return Finding(key, holds, text, figures)


def judge_success(flown: Flown, limits: ChecklistSettings) -> Finding:
    """Each landing meets the criteria; what stands but misses one of them is none."""
    key = "success-criteria"
    if few := flown.too_few:
        return Finding(key, None, few)
    landed = flown.landings
    highest_m = max(abs(episode.altitude_m) for episode in landed)
    fastest_m_s = max(episode.touchdown_speed_m_s for episode in landed)
    farthest_m = max(episode.distance_m for episode in landed)
    hard = [one for one in flown.failures if one.outcome is Outcome.HARD_LANDING]
    off = [one for one in flown.failures if one.outcome is Outcome.OFF_TARGET]
    holds = (
        highest_m < limits.landing_altitude_m
        and fastest_m_s < limits.landing_speed_m_s
        and farthest_m <= MAX_DISTANCE_M
        and all(one.touchdown_speed_m_s >= limits.landing_speed_m_s for one in hard)
        and all(one.distance_m > MAX_DISTANCE_M for one in off)
    )
    text = (
        f"{len(landed)} landings stand at most {highest_m:.2f} m off the ground, touched down at "
        f"{fastest_m_s:.2f} m/s or slower, {farthest_m:.1f} m or less from the pad; "
        f"{len(hard)} hard landings and {len(off)} off target did not count"
    )
    figures: Figures = {
        "landings": len(landed),
        "highest_m": round(highest_m, 3),
        "fastest_m_s": round(fastest_m_s, 3),
        "farthest_m": round(farthest_m, 2),
        "hard_landings": len(hard),
        "off_target": len(off),
    }
    return Finding(key, holds, text, figures)


JUDGES: tuple[Callable[[Flown, ChecklistSettings], Finding], ...] = (
    judge_terminal_scale,
    judge_shaping,
    judge_fuel_bonus,
    judge_success,
)
