"""What a training's curves say about its learning. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from daemon.protocol.finding import Figure
from daemon.runs.statistics.intervals import Interval
from daemon.store.records import Sample

REWARD = "curriculum/reward_100"  # mean of 100 consecutive episodes
SUCCESS = "episode/success_rate_100"  # of the same
EPISODES = "rollout/episodes"
LANDED = "rollout/success_rate"  # share of an iteration's episodes
SERIES = (REWARD, SUCCESS, EPISODES, LANDED)
FIRST_LANDINGS = 10


@dataclass(frozen=True)
class Learning:
    """One algorithm's training. Steps are environment steps; None: not within the training."""

    algorithm: str
    steps: int  # flown
    trained_s: float
    completed: bool  # it ended by itself, and its final checkpoint is whole
    faults: tuple[str, ...]  # crashes, hangs and numbers that are not finite, one line each
    positive_steps: int | None  # until the first mean reward above 0
    landing_steps: int | None  # until the first FIRST_LANDINGS landings
    landings: int
    largest_fall: float | None  # of the success rate below its best so far; None: never landed
    # Of the final model's mean action; None: not evaluated.
    final: Interval | None  # success rate
    final_reward: float | None

    @property
    def name(self) -> str:
        """As people write it."""
        return self.algorithm.upper()

    def row(self) -> str:
        """Its row of the table in which the algorithms are compared."""
        minutes = f"{self.trained_s / 60.0:.1f} min"
        return (
            f"{self.steps:,} steps in {minutes}; positive {_within(self.positive_steps)}, "
            f"{FIRST_LANDINGS} landings {_within(self.landing_steps)}, largest fall "
            f"{_percent(self.largest_fall)}, final success "
            f"{_percent(self.final.mean if self.final else None)}, reward "
            f"{'none' if self.final_reward is None else f'{self.final_reward:.0f}'}"
        )

    def figures(self) -> dict[str, Figure]:
        """The same row as numbers."""
        return {
            "steps": self.steps,
            "trained_s": self.trained_s,
            "positive_reward_steps": self.positive_steps,
            "ten_landings_steps": self.landing_steps,
            "landings": self.landings,
            "largest_fall": self.largest_fall,
            "final_success": self.final.mean if self.final else None,
            "final_success_low": self.final.low if self.final else None,
            "final_success_high": self.final.high if self.final else None,
            "final_reward": self.final_reward,
            "faults": len(self.faults),
        }


def learn(
    algorithm: str,
    curves: Mapping[str, Sequence[Sample]],
    *,
    trained_s: float,
    completed: bool,
    faults: Sequence[str],
    final: Interval | None,
    final_reward: float | None,
) -> Learning:
    """Judge the curves: samples of SERIES, by name.

    An iteration's landings are its episodes times the share of them that landed.
    """
    rewards, successes = (_by_steps(curves[name]) for name in (REWARD, SUCCESS))
    shares = _by_steps(curves[LANDED])
    flown = _by_steps(curves[EPISODES])
    landed = accumulate(round(number * shares.get(steps, 0.0)) for steps, number in flown.items())
    totals = dict(zip(flown, landed, strict=True))
    return Learning(
        algorithm=algorithm,
        steps=max(rewards | flown, default=0),
        trained_s=trained_s,
        completed=completed,
        faults=tuple(faults),
        positive_steps=next((at for at, reward in rewards.items() if reward > 0.0), None),
        landing_steps=next((at for at, n in totals.items() if n >= FIRST_LANDINGS), None),
        landings=max(totals.values(), default=0),
        largest_fall=largest_fall(list(successes.values())),
        final=final,
        final_reward=final_reward,
    )


def largest_fall(rates: Sequence[float]) -> float | None:
    """The largest difference between the best rate so far and a later one: the maximum drawdown.

    None if no rate is above 0.
    """
    if not any(rate > 0.0 for rate in rates):
        return None
    best = accumulate(rates, max)
    return max(before - rate for before, rate in zip(best, rates, strict=True))


def _by_steps(samples: Sequence[Sample]) -> dict[int, float]:
    """Values by environment steps, ascending; after a crash some steps are flown again."""
    newest = {one.timesteps: one.value for one in samples if one.timesteps is not None}
    return dict(sorted(newest.items()))


def _within(steps: int | None) -> str:
    return "never" if steps is None else f"at {steps:,}"


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"
