"""When a training passes its gates and ends: from its own pace and the recorded trainings. Pure.

Steps: lognormal over the recorded trainings, with the 95% prediction interval of one more training
(Hahn & Meeker, Statistical Intervals, 1991: mean ± t sd sqrt(1 + 1/n), on logarithms). Of the stage
in progress the part beyond the steps already spent there. Time: recorded seconds for those steps,
divided by the run's pace, which is how much faster it flies than the recorded trainings did in the
same stages; how far their pace strayed from stage to stage widens the range. The rest of a stage
and those after it are added as if they were long or short together: rather too wide than too
narrow.

Another fleet needs as many steps as the recorded one (batches smaller than critical), or as many
updates (larger): the range contains both (McCandlish et al., An Empirical Model of Large-Batch
Training, 2018, section 2.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist, fmean, median, stdev

import msgspec

from checks.checklist.performance.curves import FLEET, Curve, LearningCurves
from daemon.runs.statistics.intervals import Z_95, student_t

NORMAL = NormalDist()
# With a single recorded training: half to double, as nothing is known of the spread.
SPREAD_OF_ONE = math.log(2.0) / Z_95
# A run that has needed more steps than nearly every recorded one: it may need as many again.
EXHAUSTED = 1e-4
LEAST_SPREAD = 1e-6  # of trainings that were all alike


class Span(msgspec.Struct, frozen=True):
    """A time or number of steps with its 95% range."""

    low: float
    expected: float
    high: float

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def times(self, factor: float) -> Span:
        """All three multiplied by a positive factor."""
        return Span(self.low * factor, self.expected * factor, self.high * factor)


class GateEstimate(msgspec.Struct, frozen=True):
    """When a gate is passed, in training time since the run began (s)."""

    gate: int
    trained_s: Span


class Estimate(msgspec.Struct, frozen=True):
    """A training's estimated times (s), all in training time since it began.

    `gates`: those still to pass that a recorded training has passed. `end_s`: when run.timesteps
    are flown. `caveats`: what makes the estimate weaker, one line each.
    """

    gates: tuple[GateEstimate, ...]
    end_s: Span
    trained_s: float
    n_envs: int
    pace: float  # 1: as fast as the recorded trainings
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Position:
    """How far a training is; all zero before its first step."""

    gates: int = 0  # passed
    timesteps: int = 0
    gate_timesteps: int = 0  # when the last gate was passed
    trained_s: float = 0.0


def estimate(
    curves: LearningCurves,
    algorithm: str,
    n_envs: int,
    *,
    timesteps: int,
    pace: float,
    position: Position,
) -> Estimate | None:
    """The times still to come; None if no training by this algorithm was recorded.

    `pace` is of a fleet of `n_envs`; `timesteps`: the run's limit.
    """
    recorded = curves.of(algorithm)
    if not recorded:
        return None
    rates = recorded_rates(recorded)
    spread = Z_95 * rate_spread(recorded)
    fleet = fleet_factor(n_envs)
    spent = position.timesteps - position.gate_timesteps
    # The stage in progress, of which a part is flown, and all after it as one stretch.
    first = position.gates + 1 if spent > 0 else position.gates
    gates = []
    for gate in range(position.gates + 1, _gates(recorded) + 1):
        left_s = Span(0.0, 0.0, 0.0)
        if spent > 0:
            lengths = [float(_length(curve, first)) for curve in recorded]
            left_s += predict(lengths, spent).times(1.0 / rates[first - 1])
        if gate > first:
            later_s = [
                sum(_length(curve, one) / rates[one - 1] for one in range(first + 1, gate + 1))
                for curve in recorded
            ]
            left_s += predict(later_s, 0.0)
        left_s = _flown(_widened(left_s, fleet), pace, spread)
        gates.append(GateEstimate(gate, _since(position, left_s)))
    rest_s = _rest_s(recorded, rates, position, max(0, timesteps - position.timesteps))
    caveats = []
    if n_envs != FLEET:
        caveats.append(f"trainings were recorded with {FLEET} landers, not {n_envs}")
    if len(recorded) == 1:
        caveats.append(f"only one training by {algorithm.upper()} was recorded")
    if all(_stretches(curve)[-1][0] == 0 for curve in recorded):
        caveats.append(f"recorded until gate {_gates(recorded)} only: the end is a rough guess")
    end_s = _since(position, _flown(Span(rest_s, rest_s, rest_s), pace, spread))
    if gates and gates[-1].trained_s.expected > end_s.expected:
        caveats.append(f"it will probably end, after {timesteps:,} steps, before its last gate")
    return Estimate(
        gates=tuple(gates),
        end_s=end_s,
        trained_s=position.trained_s,
        n_envs=n_envs,
        pace=pace,
        caveats=tuple(caveats),
    )


def predict(lengths: Sequence[float], spent: float) -> Span:
    """What is still to come of a stretch of which `spent` is over, by the recorded lengths."""
    logs = [math.log(length) for length in lengths]
    count = len(logs)
    wider = 1.0
    if count > 1:
        deviation = stdev(logs) * math.sqrt(1.0 + 1.0 / count)
        wider = student_t(count - 1) / Z_95  # as the deviation is estimated from few
    else:
        deviation = SPREAD_OF_ONE
    likely = NormalDist(fmean(logs), max(deviation, LEAST_SPREAD))
    possible = NormalDist(likely.mean, likely.stdev * wider)
    low, high = (_left(possible, spent, NORMAL.cdf(sign * Z_95)) for sign in (-1, 1))
    if low is None or high is None:
        return Span(0.0, 0.5 * spent, spent)
    expected = _left(likely, spent, 0.5)
    if expected is None:
        expected = _left(possible, spent, 0.5) or low
    return Span(min(low, expected), expected, max(high, expected))


def _left(length: NormalDist, spent: float, share: float) -> float | None:
    """A quantile of what is left, among those longer than `spent`; None if hardly any is.

    `length`: of the logarithm of the whole.
    """
    longer = 1.0 - length.cdf(math.log(spent)) if spent > 0 else 1.0
    if longer < EXHAUSTED:
        return None
    return max(0.0, math.exp(length.inv_cdf(1.0 - longer * (1.0 - share))) - max(0.0, spent))


def recorded_rates(recorded: Sequence[Curve]) -> list[float]:
    """Median steps/s of training time to each gate from the one before, and after the last."""
    found: list[float] = []
    for stretches in zip(*map(_stretches, recorded), strict=True):
        rates = [steps / took_s for steps, took_s in stretches if steps > 0 and took_s > 0]
        # A training that ended at its last gate: it would have gone on as fast as before.
        found.append(median(rates) if rates else found[-1])
    return found


def rate_spread(recorded: Sequence[Curve]) -> float:
    """How far a training's pace strays from its own mean: the standard deviation of its logarithm
    over the recorded stretches, each weighted by its time.
    """
    if len(recorded) < 2:
        return SPREAD_OF_ONE
    rates = recorded_rates(recorded)
    squares = weights_s = 0.0
    for curve in recorded:
        stretches = _stretches(curve)
        total_s = math.fsum(took_s for _, took_s in stretches)
        paces = [
            math.log(steps / took_s / rate)
            for (steps, took_s), rate in zip(stretches, rates, strict=True)
        ]
        mean = math.fsum(pace * took_s for pace, (_, took_s) in zip(paces, stretches, strict=True))
        squares += math.fsum(
            took_s * (pace - mean / total_s) ** 2
            for pace, (_, took_s) in zip(paces, stretches, strict=True)
        )
        weights_s += total_s
    return math.sqrt(squares / weights_s)


def fleet_factor(n_envs: int) -> tuple[float, float]:
    """Bounds of the steps that another fleet needs, relative to the recorded fleet."""
    ratio = n_envs / FLEET
    return min(1.0, ratio), max(1.0, ratio)


def speed_of_fleet(curves: LearningCurves, n_envs: int) -> float | None:
    """A fleet's speed relative to FLEET landers: recorded, or interpolated in 1/speed.

    The time of a control step is a constant and a share for each lander: t = a + b n, linear
    between two sizes that were measured; beyond them by the nearest two. None if no other size
    was measured.
    """
    if n_envs == FLEET:
        return 1.0
    sizes = sorted(curves.speeds)
    if len(sizes) < 2:
        return None
    above = next((i for i, size in enumerate(sizes) if size >= n_envs), len(sizes) - 1)
    low, high = sizes[max(0, above - 1)], sizes[max(1, above)]
    low_s, high_s = (size / curves.speeds[size] for size in (low, high))
    step_s = low_s + (high_s - low_s) * (n_envs - low) / (high - low)
    return n_envs / max(step_s, 1e-9)


def _gates(recorded: Sequence[Curve]) -> int:
    """The gates that every one of these trainings has passed."""
    return min(len(curve.timesteps) for curve in recorded) - 1


def _length(curve: Curve, gate: int) -> int:
    before = curve.timesteps[gate - 2] if gate > 1 else 0
    return curve.timesteps[gate - 1] - before


def _stretches(curve: Curve) -> list[tuple[int, float]]:
    """Steps and time to each gate from the one before, and after the last to the end."""
    steps, times_s = [0, *curve.timesteps], [0.0, *curve.trained_s]
    return [
        (after - before, until_s - since_s)
        for (before, after), (since_s, until_s) in zip(
            pairwise(steps), pairwise(times_s), strict=True
        )
    ]


def _widened(span: Span, fleet: tuple[float, float]) -> Span:
    low, high = fleet
    return Span(span.low * low, span.expected * math.sqrt(low * high), span.high * high)


def _flown(recorded_s: Span, pace: float, spread: float) -> Span:
    """The time at this pace. Its spread is independent of that of the steps, so the logarithms of
    both add as squares.
    """
    expected_s = recorded_s.expected / pace
    if recorded_s.low <= 0 or expected_s <= 0:
        return Span(0.0, expected_s, recorded_s.high / pace * math.exp(spread))
    low, high = (
        math.hypot(math.log(bound / recorded_s.expected), spread)
        for bound in (recorded_s.low, recorded_s.high)
    )
    return Span(expected_s * math.exp(-low), expected_s, expected_s * math.exp(high))


def _rest_s(
    recorded: Sequence[Curve], rates: Sequence[float], position: Position, left: float
) -> float:
    """The recorded time of `left` steps from a position on, by the mean length of each stage."""
    total_s, spent = 0.0, position.timesteps - position.gate_timesteps
    for gate in range(position.gates + 1, len(rates)):
        length = max(0.0, fmean(_length(curve, gate) for curve in recorded) - spent)
        steps, spent = min(left, length), 0
        left -= steps
        total_s += steps / rates[gate - 1]
    return total_s + left / rates[-1]


def _since(position: Position, left_s: Span) -> Span:
    began_s = position.trained_s
    return Span(began_s + left_s.low, began_s + left_s.expected, began_s + left_s.high)
