"""A notifier: appends each message to the file named by LANDERCTL_EXAMPLE_JOURNAL."""

from __future__ import annotations

import os
from pathlib import Path

from landerctl.plugin_types import Message

VARIABLE = "LANDERCTL_EXAMPLE_JOURNAL"


def notify(message: Message) -> None:
    """Append one line. Raises OSError, for which the delivery is tried again."""
    file = os.environ.get(VARIABLE)
    if not file:
        raise OSError(f"{VARIABLE} is not set")
    with Path(file).open("a", encoding="utf-8") as stream:
        stream.write(f"{message.severity}: {message.title}\n")
