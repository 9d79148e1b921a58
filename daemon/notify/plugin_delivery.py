"""Delivers one message through a notifier of another package, in a process of its own.

Standard output is not ours; the last line of standard error is the reason of a failure.
"""

from __future__ import annotations

import os
import sys

import msgspec

from daemon.notify.message import Message
from daemon.plugins.call import load_function
from daemon.processes.lease import kill_group
from daemon.processes.lifeline import end_with

# Not 0 and 1: a notifier that ends its process has delivered nothing.
DELIVERED, NOT_DELIVERED = 10, 11


class PluginDelivery(msgspec.Struct, frozen=True):
    """A message and the notifier that delivers it."""

    plugin: str
    message: Message


def main() -> int:
    """Deliver the message on standard input; ends if the pipe named by the argument is closed.

    An OSError of the notifier means that its service cannot be reached: that is tried again, and
    is no fault of the plugin.
    """
    end_with(int(sys.argv[1]), lambda: kill_group(os.getpgrp()))
    delivery = msgspec.json.decode(sys.stdin.buffer.read(), type=PluginDelivery)
    notify = load_function("notifiers", delivery.plugin)
    try:
        notify(delivery.message)
    except OSError as error:
        print(error.strerror or error or type(error).__name__, file=sys.stderr)
        return NOT_DELIVERED
    return DELIVERED


if __name__ == "__main__":
    sys.exit(main())
