"""Why a rollback fails. Messages are one line for the user."""

from __future__ import annotations

from typing import Literal

Unusable = Literal["not-found", "damaged", "unusable"]


class RollbackError(Exception):
    """A step of the rollback failed. The message is one line for the user."""


class UnusableStateError(RollbackError):
    """This state cannot be used; the next candidate is tried."""

    def __init__(self, text: str, code: Unusable = "unusable") -> None:
        super().__init__(text)
        self.code: Unusable = code
