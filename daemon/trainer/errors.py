"""What makes a training impossible, so that a restart would not help. Each text is one line."""

from __future__ import annotations


class UnusableError(Exception):
    """The run cannot be trained as it is: ends with TrainerExit.CONFIG."""


class UnusableConfigError(UnusableError):
    """A configuration that is well-formed but cannot be flown."""


class UnusableCheckpointError(UnusableError):
    """A whole checkpoint that this version cannot go on from."""
