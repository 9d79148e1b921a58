"""Errors that end a training. Each message is one line for the user."""

from __future__ import annotations


class SaveError(Exception):
    """A checkpoint could not be written: TrainerExit.CANNOT_SAVE if it was the last one."""


class DivergedError(Exception):
    """Non-finite numbers, and no checkpoint left to rewind to: TrainerExit.DIVERGED."""


class UnusableError(Exception):
    """The run cannot be trained, and a restart would not help: TrainerExit.CONFIG."""


class UnusableConfigError(UnusableError):
    """A configuration that is well-formed but cannot be flown."""


class UnusableCheckpointError(UnusableError):
    """An intact checkpoint that this version cannot resume from."""
