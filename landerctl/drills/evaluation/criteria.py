"""The document's criteria of a final model, applied to an evaluation. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from daemon.base.text.counted import counted
from daemon.config.schema import ChecklistSettings
from daemon.protocol.finding import Figures, Finding
from daemon.runs.evaluations import SOFT_TOUCHDOWN_M_S, EvaluationResult
from daemon.runs.statistics.intervals import Interval


@dataclass(frozen=True)
class Criterion:
    """A figure of an evaluation and what it must be. It is shown times `scale`, in `unit`."""

    key: str
    name: str
    value: Callable[[EvaluationResult], Interval | None]  # None: nothing landed
    must_be: Literal["above", "below", "at least"]
    limit: Callable[[ChecklistSettings], float]
    unit: str = ""
    scale: float = 1.0


CRITERIA = (
    Criterion(
        "success", "landed", lambda r: r.success_rate, "above", lambda c: c.success_rate, "%", 100.0
    ),
    Criterion("reward", "mean reward", lambda r: r.reward, "above", lambda c: c.mean_reward),
    Criterion(
        "precision",
        "distance from the pad",
        lambda r: r.distance_m,
        "below",
        lambda c: c.distance_m,
        " m",
    ),
    Criterion(
        "fuel", "propellant left", lambda r: r.fuel_left, "above", lambda c: c.fuel_left, "%", 100.0
    ),
    Criterion(
        "soft",
        f"landings below {SOFT_TOUCHDOWN_M_S:g} m/s",
        lambda r: r.soft_landings,
        "at least",
        lambda c: c.soft_share,
        "%",
        100.0,
    ),
)


def judge_evaluation(result: EvaluationResult, limits: ChecklistSettings) -> list[Finding]:
    """A finding for each of CRITERIA, and how smoothly the model flies, which has no limit.

    The mean decides, as in the document; its 95% interval is shown beside it.
    """
    what: Figures = {
        "checkpoint": result.pilot,
        "stage": result.stage,
        "episodes": result.episodes,
        "first_seed": result.first_seed,
    }
    found = [_judge(criterion, result, limits, what) for criterion in CRITERIA]
    smooth = _shown(result.roughness, "", 1.0)
    text = f"mean squared change of the action from step to step {smooth}"
    return [*found, Finding("smoothness", True, text, what | _figures(result.roughness))]


def _judge(
    criterion: Criterion, result: EvaluationResult, limits: ChecklistSettings, what: Figures
) -> Finding:
    value, limit = criterion.value(result), criterion.limit(limits)
    figures = what | {"limit": limit}
    if value is None:
        text = f"{criterion.name}: none of {result.episodes} landed"
        return Finding(criterion.key, False, text, figures)
    match criterion.must_be:
        case "above":
            holds = value.mean > limit
        case "below":
            holds = value.mean < limit
        case "at least":
            holds = value.mean >= limit
    text = (
        f"{criterion.name} {_shown(value, criterion.unit, criterion.scale)}, must be "
        f"{criterion.must_be} {limit * criterion.scale:g}{criterion.unit}; {result.pilot}, "
        f"{counted(result.episodes, 'episode')} of stage {result.stage}"
    )
    return Finding(criterion.key, holds, text, figures | _figures(value))


def _figures(value: Interval) -> Figures:
    return {"value": value.mean, "low_95": value.low, "high_95": value.high}


def _shown(value: Interval, unit: str, scale: float) -> str:
    text = f"{value.mean * scale:.4g}{unit}"
    if value.low is None or value.high is None:
        return text
    return f"{text} (95%: {value.low * scale:.4g} to {value.high * scale:.4g})"
