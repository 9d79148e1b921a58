"""Checks of what callers pass to the environments: errors name the argument and its range."""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Iterable
from typing import Any

LARGEST_SEED = 2**64 - 1


def integer(name: str, value: Any, least: int, most: int | None = None) -> int:
    """The value as an int. Raises TypeError for other types, ValueError outside of the range."""
    allowed = f"{least} to {most}" if most is not None else f"at least {least}"
    try:
        number = operator.index(value)  # numpy's integers too
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{name} = {value!r}: expected an integer, {allowed}")
    if number < least or (most is not None and number > most):
        raise ValueError(f"{name} = {value!r}: allowed {allowed}")
    return number


def number(name: str, value: Any, least: float, most: float = math.inf) -> float:
    """The value as a float. Raises TypeError for other types, ValueError outside of the range."""
    allowed = f"{least:g} to {most:g}" if math.isfinite(most) else f"at least {least:g}, finite"
    if isinstance(value, bool | str | bytes) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} = {value!r}: expected a number, {allowed}")
    if not (math.isfinite(value) and least <= value <= most):
        raise ValueError(f"{name} = {value!r}: allowed {allowed}")
    return float(value)


def instance(name: str, value: Any, kind: type) -> None:
    """Raises TypeError unless the value is of this type."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} = {value!r}: expected {kind.__name__}, got {type(value).__name__}")


def known_names(what: str, names: Iterable[Any], known: Iterable[str]) -> None:
    """Raises ValueError for the first name that is not known."""
    allowed = list(known)
    for name in names:
        if name not in allowed:
            close = difflib.get_close_matches(str(name), allowed, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"allowed: {', '.join(allowed)}"
            raise ValueError(f"unknown {what} {name!r}; {hint}")
