"""Training metrics: SB3's logger with TensorBoard and the supervisor as outputs."""

from __future__ import annotations

import contextlib
import math
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from stable_baselines3.common.logger import KVWriter, Logger, TensorBoardOutputFormat
from torch.utils.tensorboard import SummaryWriter

from daemon.checkpoint.measured import Measurement, depends_on_clock
from daemon.protocol.trainer import EventReport, Metrics
from daemon.trainer.channel import Channel
from env.fleet import Episode
from env.task.reward import Outcome

RETRY_S = 60.0


class ChannelOutput(KVWriter):
    """Sends each dump to the supervisor as one Metrics line."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def write(
        self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0
    ) -> None:
        """SB3's hook: all scalars recorded since the last dump."""
        numbers = {name: float(v) for name, v in key_values.items() if isinstance(v, int | float)}
        finite = {name: value for name, value in numbers.items() if math.isfinite(value)}
        broken = sorted(numbers.keys() - finite.keys())
        self._channel.send(Metrics(time.time(), step, finite, broken))

    def close(self) -> None:
        """The channel outlives the logger."""


class MeasuredOutput(KVWriter):
    """Keeps the newest value of each metric in `measured`, which checkpoints save."""

    def __init__(self, measured: dict[str, Measurement]) -> None:
        self._measured = measured

    def write(
        self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0
    ) -> None:
        """SB3's hook: all scalars recorded since the last dump."""
        for name, value in key_values.items():
            if isinstance(value, int | float) and not depends_on_clock(name):
                number = float(value) if math.isfinite(value) else None
                self._measured[name] = Measurement(step, number)

    def close(self) -> None:
        """The training outlives the logger."""


class _EventFile(TensorBoardOutputFormat):
    """SB3's output format, but TensorBoard drops older files' data from `purge_step` on."""

    def __init__(self, folder: Path, purge_step: int) -> None:
        # Bypasses SB3's constructor, whose writer cannot purge.
        self.writer = SummaryWriter(str(folder), purge_step=purge_step)
        self._is_closed = False


class TensorBoardOutput(KVWriter):
    """Event files for TensorBoard. On a full disk scalars are lost, and the training continues.

    A writer that failed once never recovers, so a new one with a new file is tried every RETRY_S.
    A training that resumes from an older state replaces the curves beyond it. Those of evaluations
    begin again at their newest point in `measured`: TensorBoard's server drops what a curve has
    beyond a point only once an older point follows, which for them may be hours later.
    """

    def __init__(
        self,
        folder: Path,
        measured: Mapping[str, Measurement],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._measured, self._clock = folder, measured, clock
        self._file: _EventFile | None = None
        self._retry_s = -math.inf

    def write(
        self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0
    ) -> None:
        """SB3's hook: all scalars recorded since the last dump."""
        if self._file is None and self._clock() < self._retry_s:
            return
        try:
            if self._file is None:
                self._folder.mkdir(exist_ok=True, mode=0o700)
                self._file = _EventFile(self._folder, purge_step=step)
                for name, newest in self._measured.items():
                    if name.startswith("eval/") and newest.value is not None:
                        self._file.write({name: newest.value}, {name: ()}, newest.timesteps)
            self._file.write(key_values, key_excluded, step)
        except OSError as error:
            print(f"{self._folder}: {error.strerror}; its scalars are lost", file=sys.stderr)
            self.close()
            self._retry_s = self._clock() + RETRY_S

    def close(self) -> None:
        """Close the file; unwritten scalars are lost."""
        file, self._file = self._file, None
        with contextlib.suppress(OSError):
            if file is not None:
                file.close()


def build_logger(folder: Path, channel: Channel, measured: dict[str, Measurement]) -> Logger:
    """SB3's logger: TensorBoard event files in `folder`, the supervisor, and `measured`."""
    outputs = [
        TensorBoardOutput(folder, measured),
        ChannelOutput(channel),
        MeasuredOutput(measured),
    ]
    return Logger(str(folder), outputs)


def record_episodes(logger: Logger, episodes: list[Episode]) -> None:
    """Record means over the episodes that ended in a rollout, under SB3's names and ours."""
    if episodes:
        logger.record("rollout/episodes", len(episodes))
        logger.record("rollout/ep_rew_mean", _mean(e.reward for e in episodes))
        logger.record("rollout/ep_len_mean", _mean(e.steps for e in episodes))
        logger.record("rollout/success_rate", _mean(e.success for e in episodes))
        for name in episodes[0].components:
            logger.record(f"reward/{name}", _mean(e.components[name] for e in episodes))
        for outcome in Outcome:
            if outcome is not Outcome.FLYING:
                share = _mean(e.outcome is outcome for e in episodes)
                logger.record(f"outcome/{outcome.name.lower()}", share)
    landed = [episode for episode in episodes if episode.success]
    if landed:
        logger.record("landing/distance_m", _mean(e.distance_m for e in landed))
        speeds = (e.touchdown_speed_m_s for e in landed)
        logger.record("landing/touchdown_speed_m_s", _mean(speeds))
        logger.record("landing/fuel_left", _mean(e.fuel_fraction for e in landed))


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)


class TimeoutLog:
    """Collects episodes that ran out of time, and reports them at most once per interval."""

    def __init__(self, interval_s: float = 60.0) -> None:
        self._interval_s = interval_s
        self._reported_s = -math.inf
        self._flown = 0
        self._late: list[Episode] = []

    def add(self, episodes: list[Episode], now_s: float) -> EventReport | None:
        """Count episodes at a monotonic time; returns the event if one is due."""
        self._flown += len(episodes)
        self._late += [episode for episode in episodes if episode.outcome is Outcome.TIMEOUT]
        if not self._late or now_s - self._reported_s < self._interval_s:
            return None
        flown, late = self._flown, self._late
        self._reported_s, self._flown, self._late = now_s, 0, []
        altitude, last = _mean(episode.altitude_m for episode in late), late[-1]
        text = (
            f"{len(late)} of {flown} episodes ran out of time, on average at {altitude:.0f} m; "
            f"seed {last.seed} was at {last.altitude_m:.0f} m, {last.distance_m:.0f} m from the "
            f"pad, at {last.speed_m_s:.1f} m/s, leaning {math.degrees(last.tilt_rad):.0f} degrees, "
            f"{last.fuel_fraction:.0%} of its fuel left"
        )
        body: dict[str, Any] = {"count": len(late), "altitude_m": altitude}
        return EventReport("episode.timeout", "info", text, body)


class Speed:
    """Environment steps per second over the last iterations, learning and saving included."""

    def __init__(self, window: int = 10) -> None:
        self._marks: deque[tuple[float, int]] = deque(maxlen=window + 1)

    def mark(self, now_s: float, timesteps: int) -> None:
        """Record the timesteps at a monotonic time."""
        self._marks.append((now_s, timesteps))

    @property
    def steps_per_s(self) -> float:
        """0.0 before the second mark."""
        if len(self._marks) < 2:
            return 0.0
        (t0, n0), (t1, n1) = self._marks[0], self._marks[-1]
        return (n1 - n0) / (t1 - t0) if t1 > t0 else 0.0
