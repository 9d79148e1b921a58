"""One delivery to one target: by a process that has a deadline and ends with the supervisor."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from daemon.base.secrets.redaction import hide, redact
from daemon.base.secrets.secret_file import SecretFileError, read_secret_file
from daemon.base.text.one_line import one_line
from daemon.config.schema import NotifyTarget
from daemon.notify import apprise_delivery, plugin_delivery
from daemon.notify.apprise_delivery import BAD_ADDRESS, NOT_DELIVERED, Delivery
from daemon.notify.message import Message
from daemon.notify.plugin_delivery import PluginDelivery
from daemon.processes import leashed
from daemon.processes.lease import kill_group
from daemon.protocol.plugin import PluginKind

MAX_REASON_CHARACTERS = 200


def address_of(target: NotifyTarget) -> str:
    """The address of a target without command and plugin; hidden from all later texts.

    Raises SecretFileError.
    """
    try:
        url = target.url or read_secret_file(Path(target.url_file)).decode().strip()
    except UnicodeDecodeError:
        raise SecretFileError(f"{target.url_file}: is not UTF-8 text") from None
    hide([url])
    return url


class PluginAccount(Protocol):
    """Who counts the faults of plugins."""

    def fault(self, kind: PluginKind, name: str) -> str | None:
        """Why a plugin is not used; None: it is."""

    def ran(self, kind: PluginKind, name: str, fault: str | None) -> None:
        """Count a fault of a plugin; None: it worked."""


async def deliver(
    target: NotifyTarget,
    message: Message,
    timeout_s: float,
    plugins: PluginAccount | None = None,
) -> str | None:
    """Notify a target; None, or why that failed in one line, without its address.

    `plugins` counts how often a target's plugin fails; one that it does not use is not tried.
    """
    if target.plugin and plugins and (why := plugins.fault("notifiers", target.plugin)):
        return why
    try:
        module, content = _work(target, message)
    except SecretFileError as error:
        return str(error)
    lifeline, held = os.pipe()
    errors = _LastLine()
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", module, str(lifeline)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=errors.writing,
            pass_fds=(lifeline,),
            start_new_session=True,
        )
    except OSError as error:
        os.close(held)
        errors.close()
        return f"its process cannot be started: {error.strerror}"
    finally:
        os.close(lifeline)
    late = False
    try:
        async with asyncio.timeout(timeout_s):
            await process.communicate(content)
    except TimeoutError:
        late = True
    finally:
        kill_group(process.pid)
        await process.wait()
        os.close(held)
        said = errors.close()
    code = process.returncode or 0
    fault = f"no answer within {timeout_s:g} s" if late else _fault(target, code, said)
    # An outage makes a connection hang as well: being late is no fault of the plugin.
    if target.plugin and plugins and not late and code != plugin_delivery.NOT_DELIVERED:
        plugins.ran("notifiers", target.plugin, fault)
    return fault


def _work(target: NotifyTarget, message: Message) -> tuple[str, bytes]:
    """The module that delivers, and its standard input. Raises SecretFileError."""
    if target.plugin:
        delivery = PluginDelivery(target.plugin, message)
        return plugin_delivery.__name__, msgspec.json.encode(delivery)
    if target.command:
        text = {"title": message.title, "body": message.body, "severity": message.severity}
        content = msgspec.json.encode(target.command) + b"\n" + msgspec.json.encode(text)
        return leashed.__name__, content
    to = Delivery(address_of(target), message.title, message.body, message.severity)
    return apprise_delivery.__name__, msgspec.json.encode(to)


def _fault(target: NotifyTarget, code: int, said: str) -> str | None:
    """Why a delivery failed whose process ended with this code; None: it did not."""
    if target.plugin:
        ended = f"its process ended with {code}"
        return None if code == plugin_delivery.DELIVERED else said or ended
    if code == 0:
        return None
    if target.command:
        return f"its command ended with {code}" + (f": {said}" if said else "")
    # Otherwise the last line is of a traceback, which may hold a part of the address.
    return said if said and code in (NOT_DELIVERED, BAD_ADDRESS) else "apprise failed"


class _LastLine:
    """The last line that a process writes to `writing`, without waiting for those it left."""

    def __init__(self) -> None:
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._text: deque[int] = deque(maxlen=4096)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reading, self._read)

    def _read(self) -> None:
        # Not until it is empty: a process may write faster than this reads.
        with suppress(BlockingIOError):
            self._text.extend(os.read(self._reading, 1 << 16))

    def close(self) -> str:
        """Stop reading; returns the line, without secrets."""
        self._read()
        self._loop.remove_reader(self._reading)
        os.close(self._reading)
        os.close(self.writing)
        lines = bytes(self._text).decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return redact(one_line(last))[:MAX_REASON_CHARACTERS]
