"""Whether the wall clock can be trusted by what removes for good, and how old a record is. Pure.

The kernel's boot clock cannot be set: within one boot the two must advance alike. Across a reboot
the wall clock must not go back, nor further forward than a machine is usually off. A wall clock
that fails this has jumped; it is trusted again when it returns, when it has agreed with the boot
clock for a day, or when a person confirms it.
"""

from __future__ import annotations

import time

import msgspec

from daemon.base.identity import boot_id

DAY_S = 86_400.0
TOLERANCE_S = 300.0  # steps of time synchronisation
LONGEST_OFF_S = 7 * DAY_S  # a machine that was off for longer must have its clock confirmed
CONFIRM = "landerctl backup prune --trust-clock"


class Look(msgspec.Struct, frozen=True):
    """Both clocks, read together."""

    unix_s: float
    boot_s: float  # since the boot, suspension included
    boot_id: str  # "": only `unix_s` is known, from a record


class Jump(msgspec.Struct, frozen=True):
    """A jump of the wall clock that nobody has confirmed."""

    before: Look  # the last look at which the clock was trusted
    found: Look
    by_s: float  # positive: forward


class ClockRecord(msgspec.Struct, frozen=True):
    """What is known of the wall clock, as of the last look."""

    last: Look
    agreed_s: float = 0.0  # for how long both clocks have been seen to agree since the last jump
    jump: Jump | None = None

    @property
    def doubt(self) -> str | None:
        """Why nothing may be removed by age, as text; None if the clock is trusted."""
        if self.jump is None:
            return None
        return (
            f"the clock jumped {describe_jump(self.jump.by_s)}: nothing is removed by age until it "
            f"has been steady for a day ({self.agreed_s / 3600.0:.1f} h so far) or `{CONFIRM}` "
            "confirms it"
        )

    def age_s(self, time_s: float, now_s: float | None = None) -> float:
        """The age at `now_s` (Unix; else the last look) of what is dated `time_s`; 0 or more.

        What was dated before a jump forward is aged by the clock of that time. After a jump back
        the two cannot be distinguished: what seems to be of the future counts as new.
        """
        jump, now_s = self.jump, self.last.unix_s if now_s is None else now_s
        if jump is not None and jump.by_s > 0.0 and time_s < jump.found.unix_s - jump.by_s / 2.0:
            now_s -= jump.by_s
        return max(0.0, now_s - time_s)

    def since_s(self, age_s: float) -> float:
        """The earliest date (Unix) of anything that is at most `age_s` old."""
        return self.last.unix_s - age_s - max(0.0, self.jump.by_s if self.jump else 0.0)


def look() -> Look:
    """Both clocks now."""
    return Look(time.time(), time.clock_gettime(time.CLOCK_BOOTTIME), boot_id())


def first_record(newest_s: float | None, now: Look) -> ClockRecord:
    """The record of a state folder that has none; `newest_s`: its newest known date (Unix)."""
    if newest_s is None:
        return ClockRecord(now)
    return observe(ClockRecord(Look(newest_s, 0.0, "")), now)


def observe(record: ClockRecord, now: Look) -> ClockRecord:
    """The record after another look."""
    by_s = deviation_s(record.last, now)
    same_boot = record.last.boot_id == now.boot_id
    passed_s = max(0.0, now.boot_s - record.last.boot_s) if same_boot else 0.0
    agreed_s = 0.0 if by_s else record.agreed_s + passed_s
    jump = record.jump
    if by_s:
        before = record.last if jump is None else jump.before
        total_s = deviation_s(before, now)
        jump = Jump(before, now, total_s) if total_s else None  # None: it has returned
    elif agreed_s >= DAY_S:
        jump = None
    return ClockRecord(now, agreed_s, jump)


def confirmed(now: Look) -> ClockRecord:
    """The record after a person has confirmed the clock."""
    return ClockRecord(now, agreed_s=DAY_S)


def deviation_s(earlier: Look, now: Look) -> float:
    """How far the wall clock is from what an earlier look allows; 0 if it agrees."""
    gone_s = now.unix_s - earlier.unix_s
    if earlier.boot_id != now.boot_id:
        return 0.0 if -TOLERANCE_S <= gone_s <= LONGEST_OFF_S else gone_s
    off_s = gone_s - (now.boot_s - earlier.boot_s)
    return off_s if abs(off_s) > TOLERANCE_S else 0.0


def describe_jump(by_s: float) -> str:
    """The size and direction of a jump as text."""
    size_s = abs(by_s)
    size = f"{size_s / DAY_S:.1f} days" if size_s >= DAY_S else f"{size_s / 3600.0:.1f} h"
    return f"{size} {'forward' if by_s > 0.0 else 'back'}"
