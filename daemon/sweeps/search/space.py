"""The values that a sweep's parameters may take. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from daemon.sweeps.spec.schema import Parameter

# Of a drawn value: short enough to be written by hand into a configuration.
SIGNIFICANT_DIGITS = 6


def applies(parameter: Parameter, chosen: Mapping[str, Any]) -> bool:
    """Whether a parameter's conditions hold, given the values of those before it.

    A condition on a parameter that does not apply itself does not hold.
    """
    return all(
        setting in chosen and chosen[setting] in values
        for setting, values in parameter.only_if.items()
    )


def chosen_values(
    parameters: Sequence[Parameter], choose: Callable[[int, Parameter], Any]
) -> dict[str, Any]:
    """A value for each parameter that applies, in the file's order, by its number."""
    chosen: dict[str, Any] = {}
    for number, parameter in enumerate(parameters):
        if applies(parameter, chosen):
            chosen[parameter.setting] = choose(number, parameter)
    return chosen


def value_at(parameter: Parameter, share: float) -> Any:
    """The value at a share from 0 to below 1 of a parameter's range, by its distribution."""
    if parameter.kind == "list":
        return parameter.values[int(share * len(parameter.values))]
    low, high = ends(parameter)
    if parameter.kind == "integer":
        return int(low) + int(share * (int(high) - int(low) + 1))
    return rounded(_between(parameter, share), low, high)


def grid_points(parameter: Parameter) -> list[Any]:
    """The points of a grid: all of a list, `steps` of a range, of integers all without `steps`."""
    if parameter.kind == "list":
        return parameter.values
    low, high = ends(parameter)
    if parameter.kind == "integer" and parameter.steps is None:
        return list(range(int(low), int(high) + 1))
    assert parameter.steps is not None  # judged when the file was read
    points = [
        _between(parameter, number / (parameter.steps - 1)) for number in range(parameter.steps)
    ]
    if parameter.kind == "integer":
        return list(dict.fromkeys(round(point) for point in points))
    return list(dict.fromkeys(rounded(point, low, high) for point in points))


def ends(parameter: Parameter) -> tuple[float, float]:
    """The lowest and the highest value of a range."""
    assert parameter.low is not None and parameter.high is not None  # judged as above
    return parameter.low, parameter.high


def rounded(value: float, low: float, high: float) -> float:
    """A value with SIGNIFICANT_DIGITS, in the range."""
    return min(max(float(f"{value:.{SIGNIFICANT_DIGITS}g}"), low), high)


def _between(parameter: Parameter, share: float) -> float:
    low, high = ends(parameter)
    if parameter.kind == "log-uniform":
        return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    return low + share * (high - low)
