"""The table of settings that were moved, removed, or now take another value.

A path names a setting; `[]` stands for each entry of an array of tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec


class Move(msgspec.Struct, frozen=True):
    """A setting with another path today. To a path with `[]`: into each entry of the file's."""

    old: str
    new: str


class Removal(msgspec.Struct, frozen=True):
    """A setting that is no more, and what decides instead."""

    old: str
    instead: str
    needed: bool = False  # whether only the user can say the new value: the old one is kept


class Conversion(msgspec.Struct, frozen=True):
    """A setting of which some earlier values are invalid today."""

    setting: str
    outdated: Callable[[Any], bool]
    convert: Callable[[Any], Any] | None  # None: only the user can say the new value
    because: str


MOVES = (
    *(
        Move(f"reviews.{name}", f"checklist.{name}")
        for name in (
            "backup_keep_days",
            "backup_keep_final_days",
            "offsite_delay_s",
            "tensorboard_copy_h",
            "precision_alert_m",
            "first_hour_share",
            "estimate_stage_1_h",
            "estimate_curriculum_h",
            "estimate_total_h",
        )
    ),
    Move("curriculum.mastery_success_rate", "curriculum.stages[].mastery_success_rate"),
    Move("curriculum.mastery_timesteps", "curriculum.stages[].mastery_timesteps"),
)
REMOVALS = (
    Removal(
        "ppo.target_kl",
        "no update ends early, the learning rate adapts to ppo.desired_kl, a smaller number",
    ),
    Removal(
        "curriculum.stages[].propellant_t",
        "set delta_v_m_s, the change of velocity (m/s) possible with the propellant on board",
        needed=True,
    ),
)
CONVERSIONS = (
    Conversion(
        "td3.action_noise_sigma",
        lambda value: isinstance(value, int | float) and not isinstance(value, bool),
        lambda value: [value, value],
        "a range, spread over the landers",
    ),
    *(
        Conversion(
            f"{algorithm}.gradient_steps",
            lambda value: value in (-1, 0) and not isinstance(value, bool),
            None,
            "set the number of gradient steps after train_freq steps of each lander; -1 was one "
            "for each environment step",
        )
        for algorithm in ("sac", "td3")
    ),
)
_INDEX = re.compile(r"\[\d+\]")
_COMMAND = "`landerctl config migrate` changes the file"


def outdated(path: str, hint: str = f": {_COMMAND}") -> str:
    """``; it is now checklist.cores`` and the hint if the table has this setting
    (``stages[2].relief``), else "".
    """
    plain = _INDEX.sub("[]", path)
    for move in MOVES:
        if move.old == plain:
            return f"; it is now {move.new}{hint}"
    for removal in REMOVALS:
        if removal.old == plain:
            return f"; it was removed ({removal.instead}){'' if removal.needed else hint}"
    return ""


def outdated_value(path: str, value: Any) -> str:
    """``; a range, spread over the landers: ...`` if the table has this value, else ""."""
    for one in CONVERSIONS:
        if one.setting == path and one.outdated(value):
            return f"; {one.because}{f': {_COMMAND}' if one.convert else ''}"
    return ""
