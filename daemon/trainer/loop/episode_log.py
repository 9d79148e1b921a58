"""Counts the training episodes by outcome, and reports the newest failed ones of each cause."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Iterable

from daemon.protocol.trainer import EpisodesEnded, FailedEpisode, OutcomeCount
from env.fleet import Episode

INTERVAL_S = 10.0
# Early on nearly all of some hundred episodes a second fail. Counts are exact; of each cause this
# many are reported in full, so that a frequent one does not hide a rare one.
MOST_REPORTED = 5


class EpisodeLog:
    """Collects ended episodes; a report is due at most once per interval."""

    def __init__(self, interval_s: float = INTERVAL_S) -> None:
        self._interval_s = interval_s
        self._reported_s = -math.inf
        self._counts: Counter[tuple[int, str]] = Counter()
        self._failed: dict[str, deque[tuple[int, Episode]]] = {}

    def add(
        self, episodes: Iterable[Episode], timesteps: int, now_s: float
    ) -> EpisodesEnded | None:
        """Count episodes, ended by `timesteps`; returns the report if one is due.

        `now_s`: a monotonic time.
        """
        for episode in episodes:
            outcome = episode.outcome.name.lower()
            self._counts[_stage(episode), outcome] += 1
            if not episode.success:
                newest = self._failed.setdefault(outcome, deque(maxlen=MOST_REPORTED))
                newest.append((timesteps, episode))
        if now_s - self._reported_s < self._interval_s:
            return None
        self._reported_s = now_s
        return self.rest()

    def rest(self) -> EpisodesEnded | None:
        """The report of what was not reported yet; None if nothing is left."""
        counts, failed = self._counts, self._failed
        if not counts:
            return None
        self._counts, self._failed = Counter(), {}
        return EpisodesEnded(
            time.time(),
            [OutcomeCount(stage, outcome, n) for (stage, outcome), n in sorted(counts.items())],
            [_report(at, episode) for newest in failed.values() for at, episode in newest],
        )


def _stage(episode: Episode) -> int:
    """The stage towards whose ranges it flew: on the ramp from stage 2 to 3 it is stage 3."""
    return math.ceil(episode.difficulty)


def _report(timesteps: int, episode: Episode) -> FailedEpisode:
    touched = episode.touchdown_speed_m_s > 0.0
    return FailedEpisode(
        seed=episode.seed,
        stage=_stage(episode),
        difficulty=episode.difficulty,
        cause=episode.outcome.name.lower(),
        timesteps=timesteps,
        steps=episode.steps,
        flown_s=episode.time_s,
        x_m=_finite(episode.x_m),
        y_m=_finite(episode.y_m),
        altitude_m=_finite(episode.altitude_m),
        descent_rate_m_s=_finite(episode.descent_rate_m_s),
        horizontal_speed_m_s=_finite(episode.horizontal_speed_m_s),
        tilt_deg=_finite(math.degrees(episode.tilt_rad)),
        spin_deg_s=_finite(math.degrees(episode.spin_rad_s)),
        touchdown_speed_m_s=_finite(episode.touchdown_speed_m_s) if touched else None,
        fuel_fraction=_finite(episode.fuel_fraction),
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
