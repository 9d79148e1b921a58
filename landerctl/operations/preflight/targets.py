"""Tries the targets of notifications and of backups."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import obstore

from checks.preflight.outside import TargetFact
from daemon.base.secrets.secret_file import SecretFileError
from daemon.config.schema import BackupTarget, Config, NotifyTarget
from daemon.notify.delivery import address_of, deliver
from daemon.notify.message import Message
from daemon.offsite.target import OffsiteTargetError, open_target, translate_errors
from daemon.offsite.transfer import opened, send_bytes
from daemon.supervisor.alerting.target_check import target_faults

OFFSITE_S = 20.0
PROBE = ".landerctl-preflight-"
_Target = TypeVar("_Target", NotifyTarget, BackupTarget)
_MESSAGE = Message(
    "landerctl preflight", "A test message: notifications reach this target.", "warning"
)


def try_notify(config: Config, *, send: bool) -> list[TargetFact]:
    """Each target of [notify]: whether its address can be used, and with `send` whether it takes a
    message within notify.timeout_s.
    """
    targets = config.notify.targets
    if not targets:
        return []
    problems = _problems(config)
    if not send:
        return [
            TargetFact(target.name, problem, tried=False)
            for target, problem in zip(targets, problems, strict=True)
        ]

    async def message(target: NotifyTarget) -> str | None:
        return await deliver(target, _MESSAGE, config.notify.timeout_s)

    return asyncio.run(_all(targets, message, problems))


def try_offsite(config: Config) -> list[TargetFact]:
    """Each target of [backup]: whether a small object can be written, read and removed there."""

    async def probe(target: BackupTarget) -> str | None:
        options = Path(target.options_file) if target.options_file else None
        name = f"{PROBE}{secrets.token_hex(4)}"
        try:
            async with asyncio.timeout(OFFSITE_S):
                store = await opened(lambda: open_target(target.url, options))
                await send_bytes(store, name, name.encode())
                with translate_errors():
                    await obstore.delete_async(store, name)
        except OffsiteTargetError as error:
            return str(error)
        except TimeoutError:
            return f"no answer within {OFFSITE_S:g} s"
        return None

    targets = config.backup.targets
    return asyncio.run(_all(targets, probe, [None] * len(targets)))


async def _all(
    targets: Sequence[_Target],
    attempt: Callable[[_Target], Awaitable[str | None]],
    problems: Sequence[str | None],
) -> list[TargetFact]:
    """All at a time; those with a problem are not tried."""

    async def one(target: _Target, problem: str | None) -> TargetFact:
        if problem is not None:
            return TargetFact(target.name, problem, tried=False)
        began_s = time.monotonic()
        failed = await attempt(target)
        return TargetFact(target.name, failed, tried=True, took_s=time.monotonic() - began_s)

    return list(await asyncio.gather(*map(one, targets, problems)))


def _problems(config: Config) -> list[str | None]:
    """Why each target of [notify] cannot work; asked one by one only if one of them cannot."""
    targets = config.notify.targets
    if _refused(targets) is None:
        return [_unreadable(target) for target in targets]
    return [_unreadable(target) or _refused([target]) for target in targets]


def _refused(targets: list[NotifyTarget]) -> str | None:
    return next((fault.text for fault in target_faults(targets)), None)


def _unreadable(target: NotifyTarget) -> str | None:
    """Why the file with the target's address cannot be used."""
    try:
        if not (target.command or target.plugin):
            address_of(target)
    except SecretFileError as error:
        return str(error)
    return None
