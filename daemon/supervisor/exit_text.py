"""A process's end in words."""

from __future__ import annotations

import signal

from daemon.exitcodes import MEANING


def describe_exit(returncode: int, said: str | None = None) -> str:
    """Exit code or signal, what it means for a trainer, and its own last words where it had any."""
    if returncode < 0:
        try:
            text = f"killed by {signal.Signals(-returncode).name}"
        except ValueError:
            text = f"killed by signal {-returncode}"
    else:
        meaning = MEANING.get(returncode, "unexpected, see the run's trainer.log")
        text = f"exit code {returncode}: {meaning}"
    return f"{text} ({said})" if said else text
