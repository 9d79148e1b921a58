"""Watches the wall clock for jumps, so that retention removes nothing by a wrong one."""

from __future__ import annotations

import asyncio
import logging

from daemon.base.clocks.record import observe_clock
from daemon.base.clocks.trust import ClockRecord, describe_jump, deviation_s, look, observe
from daemon.base.paths import StatePaths
from daemon.store.async_recorder import Recorder

_log = logging.getLogger(__name__)

TICK_S = 1.0
LOOK_INTERVAL_S = 60.0  # while nothing changes


class ClockWatch:
    """Keeps `clock.json` and records jumps. Belongs to the event loop's thread."""

    def __init__(
        self,
        paths: StatePaths,
        recorder: Recorder,
        known: ClockRecord | None,
        record: ClockRecord,
    ) -> None:
        """`known`, `record`: before and after the look at the supervisor's start."""
        self._path = paths.clock
        self._recorder = recorder
        self._jump = known.jump if known else None
        self._record = record
        self._readable = True

    async def run(self) -> None:
        """Record what the start found, then each jump and each confirmation within TICK_S."""
        self._note(self._record)
        while True:
            await asyncio.sleep(TICK_S)
            last, now = self._record.last, look()
            due = now.boot_s - last.boot_s >= LOOK_INTERVAL_S
            if due or deviation_s(last, now) or self._jump is not None:
                await self.trusted()

    async def trusted(self) -> bool:
        """Look now: whether anything may be removed by age."""
        try:
            _, record = await asyncio.to_thread(observe_clock, self._path, look(), lambda: None)
            self._readable = True
        except OSError as error:
            if self._readable:
                _log.warning("%s: %s; nothing is removed by age", self._path, error.strerror)
            self._readable = False
            record = observe(self._record, look())
        self._note(record)
        return self._readable and record.jump is None

    def _note(self, record: ClockRecord) -> None:
        before, self._jump, self._record = self._jump, record.jump, record
        if record.jump == before:
            return
        if record.jump is not None:
            text = str(record.doubt)
            self._recorder.event(
                "clock.jumped", f"{text[0].upper()}{text[1:]}", body={"by_s": record.jump.by_s}
            )
        elif before is not None:
            self._recorder.event(
                "clock.trusted",
                f"The clock is trusted again after its jump {describe_jump(before.by_s)}",
            )
