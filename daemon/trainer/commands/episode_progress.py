"""Progress of flying a number of episodes, on a terminal and in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from statistics import fmean, pstdev

from daemon.base.text.counted import counted
from env.fleet import Episode

REFRESH_S = 0.5
LOGGED_S = 60.0  # between two lines where standard error is no terminal


class EpisodeProgress:
    """One changing line on standard error if it is a terminal; else a line a minute."""

    def __init__(self, episodes: int, n_envs: int, pilot: str = "") -> None:
        """`pilot`: who flies, where several do in turn."""
        self._episodes, self._n_envs = episodes, n_envs
        self._lead = f"{pilot}: " if pilot else ""
        self._terminal = sys.stderr.isatty()
        self._began_s = self._shown_s = time.monotonic()

    def show(self, ended: Sequence[Episode], fleet_steps: float) -> None:
        """Update the line, if it is due. Each lander has flown `fleet_steps`."""
        now_s = time.monotonic()
        if now_s - self._shown_s > (REFRESH_S if self._terminal else LOGGED_S):
            self._shown_s = now_s
            steps = [episode.steps for episode in ended]
            elapsed_s = now_s - self._began_s
            left_s = remaining_s(elapsed_s, fleet_steps, steps, self._episodes, self._n_envs)
            # 0: the longest episode takes longer than was expected.
            left = "" if not left_s else f", about {time_left(left_s)} left"
            text = f"{self._lead}{len(ended):,} of {counted(self._episodes, 'episode')}{left}"
            begin, end = ("\r\033[K", "") if self._terminal else ("", "\n")
            print(f"{begin}{text}", end=end, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Erase the line."""
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def time_left(left_s: float) -> str:
    """A rough time: ``80 s``, ``12 min``."""
    return f"{left_s:.0f} s" if left_s < 120.0 else f"{left_s / 60.0:.0f} min"


def remaining_s(
    elapsed_s: float, fleet_steps: float, ended_steps: Sequence[int], episodes: int, n_envs: int
) -> float | None:
    """Estimated seconds until `episodes` have ended; None before the first has ended.

    `n_envs` craft in parallel have flown `fleet_steps` in `elapsed_s`; the episodes that ended took
    `ended_steps`. Assumes that each craft flies its share of the episodes one after another, and
    that the last one to end is two standard deviations longer than the mean.
    """
    if not ended_steps or fleet_steps == 0:
        return None
    expected_steps = -(-episodes // n_envs) * fmean(ended_steps) + 2.0 * pstdev(ended_steps)
    return max(expected_steps / fleet_steps - 1.0, 0.0) * elapsed_s
