"""Tries targets: a test message to each, past its queue, and what came of it.

A test that fails is not retried, and is no failed notification.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from daemon.config.schema import NotifySettings, NotifyTarget
from daemon.notify.message import Message
from daemon.notify.outbox import compose
from daemon.store.async_recorder import Recorder
from daemon.store.records import Notice
from daemon.supervisor.aio.clock import Clock

Deliver = Callable[[NotifyTarget, Message], Awaitable[str | None]]
REPORT_S = 5.0
TEXT = "This is a test of landerctl's notifications; nothing is wrong"


async def try_targets(
    targets: Sequence[NotifyTarget],
    settings: NotifySettings,
    *,
    deliver: Deliver,
    recorder: Recorder,
    clock: Clock,
    report: Callable[[str], None],
) -> dict[str, str | None]:
    """Notify these targets at once; returns each one's fault, None for what was delivered.

    `report` gets the names of those that are waited for, every REPORT_S.
    """

    async def attempt(target: NotifyTarget) -> str | None:
        notice = Notice(target.name, "test", "test", target.min_severity, TEXT, clock().unix_s)
        fault = await deliver(target, compose([notice], settings.title_prefix))
        recorder.event(
            "notify.tested",
            f"Test of {target.name}: {fault or 'delivered'}",
            severity="info" if fault is None else "warning",
            body={"target": target.name, "error": fault},
        )
        return fault

    tasks = {target.name: asyncio.create_task(attempt(target)) for target in targets}
    pending = set(tasks.values())
    try:
        while pending:
            done, pending = await asyncio.wait(
                pending, timeout=REPORT_S, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                names = [name for name, task in tasks.items() if task in pending]
                report(f"waiting for {', '.join(names)}")
    finally:
        for task in pending:
            task.cancel()
    return {name: task.result() for name, task in tasks.items()}
