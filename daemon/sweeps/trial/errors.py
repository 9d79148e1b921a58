"""Why a trial cannot run."""

from __future__ import annotations


class TrialError(Exception):
    """The trial cannot go on. The message is one line for the user."""
