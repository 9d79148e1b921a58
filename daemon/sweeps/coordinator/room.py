"""Whether the disk has room for trials. Pure: the free space is passed in."""

from __future__ import annotations

from typing import Literal, NamedTuple

Pressure = Literal["none", "no new legs", "stop running legs"]
MARGIN = 1.05  # of the limit: what must be free before a paused sweep continues
FULL_S = 60.0  # after the sweep's own store was full: no new legs for so long


class Room(NamedTuple):
    """What is known of the disk."""

    pressure: Pressure = "none"
    full_until_s: float = 0.0  # monotonic: the sweep's own store could not be written

    def full(self, now_s: float) -> Room:
        """After a write that found no space."""
        return Room("stop running legs", now_s + FULL_S)

    def seen(self, free_gb: float, limit_gb: float, now_s: float) -> Room:
        """After a look at the disk."""
        if now_s < self.full_until_s or free_gb < limit_gb / 2:
            return self._replace(pressure="stop running legs")
        if free_gb < limit_gb * (1.0 if self.pressure == "none" else MARGIN):
            # What has been asked to stop stops; what runs still runs.
            return self._replace(pressure="no new legs")
        return Room()
