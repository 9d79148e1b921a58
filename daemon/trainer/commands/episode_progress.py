"""How far the flying of a number of episodes has come, for whoever waits at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Sequence
from statistics import fmean, pstdev

from env.fleet import Episode

TOLD_EVERY_S = 0.5


class EpisodeProgress:
    """One line on the standard error stream, where that is a terminal; nothing elsewhere."""

    def __init__(self, episodes: int, n_envs: int) -> None:
        self._episodes, self._n_envs = episodes, n_envs
        self._terminal = sys.stderr.isatty()
        self._began_s = self._told_s = time.monotonic()
        self._steps = 0

    def show(self, ended: Collection[Episode]) -> bool:
        """Called before each of the fleet's steps; True: fly on."""
        now_s = time.monotonic()
        if self._terminal and now_s - self._told_s > TOLD_EVERY_S:
            self._told_s = now_s
            steps = [episode.steps for episode in ended]
            elapsed_s = now_s - self._began_s
            left_s = remaining_s(elapsed_s, self._steps, steps, self._episodes, self._n_envs)
            left = "" if left_s is None else f", {left_s:.0f} s left"
            text = f"\r\033[K{len(ended)} of {self._episodes} episodes{left}"
            print(text, end="", file=sys.stderr, flush=True)
        self._steps += 1
        return True

    def clear(self) -> None:
        """Take the line away."""
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def remaining_s(
    elapsed_s: float, fleet_steps: int, ended_steps: Sequence[int], episodes: int, n_envs: int
) -> float | None:
    """Seconds until `episodes` have ended, from those that have; None before the first.

    `fleet_steps` were flown in `elapsed_s` by `n_envs` craft side by side, and the episodes that
    ended took `ended_steps`. Each craft flies its share of the episodes one after the other, and
    the last to end is longer than most, by two standard deviations.
    """
    if not ended_steps or fleet_steps == 0:
        return None
    expected_steps = -(-episodes // n_envs) * fmean(ended_steps) + 2.0 * pstdev(ended_steps)
    return max(expected_steps / fleet_steps - 1.0, 0.0) * elapsed_s
