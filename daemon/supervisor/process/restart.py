"""What follows a trainer's end: restart after a wait, or give up. One rule, no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from daemon.base.exitcodes import MEANING, NEVER_RESTART
from daemon.config.schema import SupervisionSettings


@dataclass(frozen=True)
class CrashHistory:
    """Monotonic times of crashes inside the window, and how many came in a row."""

    times_s: tuple[float, ...] = ()
    in_a_row: int = 0


@dataclass(frozen=True)
class Restart:
    """Try again after `delay_s`."""

    delay_s: float


@dataclass(frozen=True)
class GiveUp:
    """No further restart, for this reason."""

    reason: str


def backoff_s(in_a_row: int, settings: SupervisionSettings) -> float:
    """Wait before the next start: doubles with each crash in a row (1 is the first), bounded."""
    # 2.0 ** 1024 overflows; far below that the bound has long been reached.
    doublings = min(in_a_row - 1, 64)
    return min(settings.backoff_initial_s * 2.0**doublings, settings.backoff_max_s)


def note_crash(
    history: CrashHistory, *, now_s: float, healthy_s: float, settings: SupervisionSettings
) -> CrashHistory:
    """Add a crash at `now_s`. A trainer that trained for backoff_max_s or more ended the row."""
    window_s = settings.crash_window_h * 3600.0
    recent = tuple(time_s for time_s in history.times_s if now_s - time_s < window_s)
    row = 0 if healthy_s >= settings.backoff_max_s else history.in_a_row
    return replace(history, times_s=(*recent, now_s), in_a_row=row + 1)


def judge(history: CrashHistory, exit_code: int, settings: SupervisionSettings) -> Restart | GiveUp:
    """Decide after the crash that `history` ends with. Negative exit codes are signals."""
    if exit_code in NEVER_RESTART:
        return GiveUp(f"{MEANING[exit_code]} (exit code {exit_code}), which a restart would repeat")
    crashes = len(history.times_s)
    if crashes >= settings.max_crashes:
        return GiveUp(f"{crashes} crashes within {settings.crash_window_h:g} h")
    return Restart(backoff_s(history.in_a_row, settings))
