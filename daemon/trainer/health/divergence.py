"""Signs that a training diverges, from each iteration's metrics. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from daemon.base.text.counted import counted
from daemon.config.schema import DivergenceSettings
from daemon.protocol.trainer import EventReport

Sign = Literal["kl", "value_loss", "reward"]
Difficulty = tuple[int, int]  # stage, counted from 1, and the step of its ramp

LOSSES = 50  # a value loss is compared with the median of this many iterations
# Rewards are averaged over blocks of at least divergence.reward_drop_steps environment steps and
# this many episodes, since landings make rewards vary by more than their mean.
BLOCK_EPISODES = 200
LEVEL_BLOCKS = 5  # a level is the median of this many consecutive blocks
# A drop counts beyond this many standard errors of a block's mean: of hundreds of levels the best
# is high by chance, and of hundreds of blocks the worst is 3 errors too low. In 90 simulated runs
# of 60 M steps without any drop, 4.5 errors gave 14 findings, 5 errors one.
DROP_ERRORS = 5.0


@dataclass(frozen=True)
class Sample:
    """The metrics of an iteration; None for those the algorithm does not have."""

    timesteps: int
    approx_kl: float | None
    value_loss: float | None  # SAC's and TD3's critic loss
    explained_variance: float | None
    rewards: Sequence[float]  # of the episodes that ended in the iteration
    difficulty: Difficulty


@dataclass(frozen=True)
class Finding:
    """A sign that began (reported once) or ended. `value` was compared with `limit`."""

    sign: Sign
    over: bool
    text: str
    timesteps: int
    value: float
    limit: float


class DivergenceState(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The watch's state, part of a checkpoint. Raises ValueError for an impossible one."""

    difficulty: Difficulty = (0, 0)
    kl_above: int = 0  # updates in a row
    value_losses: list[float] = []  # newest last
    block_began: int = 0  # timesteps
    block_episodes: int = 0
    block_sum: float = 0.0  # of rewards
    block_squares: float = 0.0
    block_means: list[float] = []  # of previous blocks, newest last
    best: float | None = None  # level at this difficulty
    best_error: float = 0.0  # standard error of the block's mean then
    best_timesteps: int = 0
    signs: list[Sign] = []  # active ones

    def __post_init__(self) -> None:
        counts = (self.kl_above, self.block_began, self.block_episodes, self.best_timesteps)
        if min(*counts, *self.difficulty, self.block_squares, self.best_error) < 0:
            raise ValueError("a count, a square or an error is negative")
        if len(self.value_losses) > LOSSES:
            raise ValueError(f"value_losses has {len(self.value_losses)} values of {LOSSES}")
        if len(self.block_means) > LEVEL_BLOCKS:
            raise ValueError(f"block_means has {len(self.block_means)} values of {LEVEL_BLOCKS}")
        if len(set(self.signs)) < len(self.signs):
            raise ValueError("signs contains a sign twice")
        numbers = [*self.value_losses, *self.block_means, self.block_sum, self.block_squares]
        if not all(map(math.isfinite, [*numbers, self.best or 0.0, self.best_error])):
            raise ValueError("a number is not finite")


class DivergenceWatch:
    """Judges a sample after each iteration. The next findings depend only on `state`."""

    def __init__(self, limits: DivergenceSettings, state: DivergenceState | None = None) -> None:
        self._limits = limits
        self.state = state or DivergenceState()

    def add(self, sample: Sample) -> tuple[Finding, ...]:
        """The signs that begin or end with this sample."""
        findings = (self._judge_kl(sample), self._judge_loss(sample), self._judge_reward(sample))
        return tuple(finding for finding in findings if finding)

    def _judge_kl(self, sample: Sample) -> Finding | None:
        kl, limit, state = sample.approx_kl, self._limits.kl, self.state
        if kl is None:
            return None
        state.kl_above = 0 if kl <= limit else state.kl_above + 1  # NaN is above
        text = f"approx_kl {kl:.3g} is within {limit:g} again"
        if state.kl_above:
            text = f"approx_kl {kl:.3g} is above {limit:g}, {state.kl_above} updates in a row"
        judged = Finding("kl", not state.kl_above, text, sample.timesteps, kl, limit)
        shows = state.kl_above >= self._limits.kl_updates
        return self._change(judged, shows=shows, over=judged.over)

    def _judge_loss(self, sample: Sample) -> Finding | None:
        loss, state = sample.value_loss, self.state
        if loss is None:
            return None
        if len(state.value_losses) < LOSSES:
            if math.isfinite(loss):
                state.value_losses = [*state.value_losses, loss]
            return None
        median = statistics.median(state.value_losses)
        limit = self._limits.value_loss_ratio * median
        text = (
            f"value loss {loss:.3g}, median of {LOSSES} iterations {median:.3g}, "
            f"limit {limit:.3g}{_explained(sample)}"
        )
        shows = not loss <= limit
        judged = Finding("value_loss", not shows, text, sample.timesteps, loss, limit)
        finding = self._change(judged, shows=shows, over=loss <= limit / 2)
        if "value_loss" not in state.signs:
            # A diverging loss must not count as normal.
            state.value_losses = [*state.value_losses[1:], loss]
        return finding

    def _judge_reward(self, sample: Sample) -> Finding | None:
        state = self.state
        if sample.difficulty != state.difficulty:
            return self._begin_rewards(sample)
        rewards = [reward for reward in sample.rewards if math.isfinite(reward)]
        state.block_episodes += len(rewards)
        state.block_sum += math.fsum(rewards)
        state.block_squares += math.fsum(reward * reward for reward in rewards)
        steps = sample.timesteps - state.block_began
        if steps < self._limits.reward_drop_steps or state.block_episodes < BLOCK_EPISODES:
            return None
        return self._close_block(sample, steps)

    def _begin_rewards(self, sample: Sample) -> Finding | None:
        """Start over: rewards of different difficulties are not comparable. Skips this sample,
        which may contain both."""
        state, best = self.state, self.state.best or 0.0
        state.difficulty = sample.difficulty
        state.block_means, state.best, state.best_timesteps = [], None, 0
        self._begin_block(sample)
        text = "reward comparison restarted: the difficulty has changed"
        judged = Finding("reward", True, text, sample.timesteps, best, best)
        return self._change(judged, shows=False, over=True)

    def _begin_block(self, sample: Sample) -> None:
        state = self.state
        state.block_began, state.block_episodes = sample.timesteps, 0
        state.block_sum = state.block_squares = 0.0

    def _close_block(self, sample: Sample, steps: int) -> Finding | None:
        state, episodes = self.state, self.state.block_episodes
        mean = state.block_sum / episodes
        variance = max(state.block_squares / episodes - mean * mean, 0.0)
        error = math.sqrt(variance / (episodes - 1))
        self._begin_block(sample)
        finding = None
        if state.best is not None:
            scale = max(abs(state.best), self._limits.reward_floor)
            # A block with few landings by chance has too small an error as well.
            noise = DROP_ERRORS * max(error, state.best_error)
            drop = max(self._limits.reward_drop * scale, noise)
            limit = state.best - drop
            text = (
                f"mean reward {mean:.0f} over {steps:,} steps ({counted(episodes, 'episode')}), "
                f"best level {state.best:.0f} at {state.best_timesteps:,} steps, limit {limit:.0f}"
            )
            shows = mean < limit
            judged = Finding("reward", not shows, text, sample.timesteps, mean, limit)
            finding = self._change(judged, shows=shows, over=mean >= state.best - drop / 2)
        state.block_means = [*state.block_means, mean][-LEVEL_BLOCKS:]
        level = statistics.median(state.block_means)
        if len(state.block_means) == LEVEL_BLOCKS and (state.best is None or level > state.best):
            state.best, state.best_error = level, error
            state.best_timesteps = sample.timesteps
        return finding

    def _change(self, judged: Finding, *, shows: bool, over: bool) -> Finding | None:
        """The finding, if its sign begins or ends with it."""
        signs = self.state.signs
        if shows and judged.sign not in signs:
            self.state.signs = [*signs, judged.sign]
            return judged
        if over and judged.sign in signs:
            self.state.signs = [sign for sign in signs if sign != judged.sign]
            return judged
        return None


def measure(
    values: Mapping[str, Any], *, timesteps: int, rewards: Sequence[float], difficulty: Difficulty
) -> Sample:
    """The sample of an iteration, from the `name_to_value` of SB3's logger before the dump."""
    return Sample(
        timesteps=timesteps,
        approx_kl=_number(values, "train/approx_kl"),
        value_loss=_number(values, "train/value_loss", "train/critic_loss"),
        explained_variance=_number(values, "train/explained_variance"),
        rewards=rewards,
        difficulty=difficulty,
    )


def to_event(finding: Finding) -> EventReport:
    """The event for a finding."""
    body: dict[str, Any] = {
        "sign": finding.sign,
        "timesteps": finding.timesteps,
        "value": finding.value,
        "limit": finding.limit,
    }
    if finding.over:
        return EventReport("training.steady", "info", finding.text, body)
    return EventReport("training.diverging", "warning", finding.text, body)


def _number(values: Mapping[str, Any], *names: str) -> float | None:
    """The first value present, as a float that JSON can hold."""
    return next((float(values[name]) for name in names if name in values), None)


def _explained(sample: Sample) -> str:
    variance = sample.explained_variance
    return "" if variance is None else f"; explained variance {variance:.2f}"
