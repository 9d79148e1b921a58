"""Rollback targets as the operator types them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DURATION = re.compile(r"^(\d+(?:\.\d+)?)(s|min|m|h|d)$")
_UNIT_S = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
HELP = "an id, last-good, best, stage:N (its last good state) or before:2h"


class TargetError(ValueError):
    """Text that is not a target. The message is for the user."""


@dataclass(frozen=True)
class ById:
    """The state with this id."""

    id: str


@dataclass(frozen=True)
class LastGood:
    """The newest good state, of one stage if given."""

    stage: int | None = None  # counted from 1


@dataclass(frozen=True)
class Best:
    """The best state (daemon/checkpoint/best.py)."""


@dataclass(frozen=True)
class OlderThan:
    """The newest state of at least this age."""

    age_s: float


Target = ById | LastGood | Best | OlderThan


def parse_target(text: str) -> Target:
    """Read a target. Raises TargetError."""
    word, colon, value = text.strip().partition(":")
    if not colon:
        if not word:
            raise TargetError(f"no target: expected {HELP}")
        words: dict[str, Target] = {"last-good": LastGood(), "best": Best()}
        return words.get(word, ById(word))
    if word == "stage" and value.isdecimal() and int(value) >= 1:
        return LastGood(int(value))
    if word == "before" and (match := _DURATION.match(value)):
        return OlderThan(float(match[1]) * _UNIT_S[match[2]])
    raise TargetError(f"{text!r} is not a target: expected {HELP}")
