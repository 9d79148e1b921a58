"""What a rollback goes to, as the operator says it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DURATION = re.compile(r"^(\d+(?:\.\d+)?)(s|min|m|h|d)$")
_UNIT_S = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
HELP = "an id, last-good, best, stage:N (its last good state) or before:2h"


class TargetError(ValueError):
    """Words that name no target. The message is for the user."""


@dataclass(frozen=True)
class ById:
    """The state with this id."""

    id: str


@dataclass(frozen=True)
class LastGood:
    """The newest state that is good; of this stage alone, where one is given."""

    stage: int | None = None  # counted from 1


@dataclass(frozen=True)
class Best:
    """The one that landed best."""


@dataclass(frozen=True)
class OlderThan:
    """The newest state that is at least so old."""

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
    raise TargetError(f"{text!r} names no state: expected {HELP}")
