"""The rule after a trainer's crash: restart after a delay, or give up. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from daemon.base.exitcodes import MEANING, NEVER_RESTART
from daemon.config.schema import SupervisionSettings


@dataclass(frozen=True)
class CrashHistory:
    """Monotonic times of the crashes in the window, and the number of consecutive ones."""

    times_s: tuple[float, ...] = ()
    consecutive: int = 0


@dataclass(frozen=True)
class Restart:
    """Restart after `delay_s`."""

    delay_s: float


@dataclass(frozen=True)
class GiveUp:
    """No further restart, for this reason."""

    reason: str


def backoff_s(consecutive: int, settings: SupervisionSettings) -> float:
    """Delay before the next start: doubles with each consecutive crash (from 1), bounded."""
    # 2.0 ** 1024 overflows; the bound is reached far below that.
    doublings = min(consecutive - 1, 64)
    return min(settings.backoff_initial_s * 2.0**doublings, settings.backoff_max_s)


def note_crash(
    history: CrashHistory, *, now_s: float, healthy_s: float, settings: SupervisionSettings
) -> CrashHistory:
    """Add a crash at `now_s`. After backoff_max_s or more of training it counts as the first."""
    window_s = settings.crash_window_h * 3600.0
    recent = tuple(time_s for time_s in history.times_s if now_s - time_s < window_s)
    consecutive = 0 if healthy_s >= settings.backoff_max_s else history.consecutive
    return replace(history, times_s=(*recent, now_s), consecutive=consecutive + 1)


def judge(history: CrashHistory, exit_code: int, settings: SupervisionSettings) -> Restart | GiveUp:
    """Decide after the last crash of `history`. Negative exit codes are signals."""
    if exit_code in NEVER_RESTART:
        return GiveUp(f"{MEANING[exit_code]} (exit code {exit_code}), which a restart would repeat")
    crashes = len(history.times_s)
    if crashes >= settings.max_crashes:
        return GiveUp(f"{crashes} crashes within {settings.crash_window_h:g} h")
    return Restart(backoff_s(history.consecutive, settings))
