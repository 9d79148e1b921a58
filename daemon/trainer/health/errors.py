"""What ends a training. Each text is one line for the user."""

from __future__ import annotations


class SaveError(Exception):
    """A checkpoint could not be written: ends with TrainerExit.CANNOT_SAVE if it was the last."""


class DivergedError(Exception):
    """Numbers are not finite, and no checkpoint is a way back: TrainerExit.DIVERGED."""


class UnusableError(Exception):
    """The run cannot be trained as it is, a restart would not help: TrainerExit.CONFIG."""


class UnusableConfigError(UnusableError):
    """A configuration that is well-formed but cannot be flown."""


class UnusableCheckpointError(UnusableError):
    """A whole checkpoint that this version cannot go on from."""
