"""Every combination, in the file's order: the last parameter changes fastest. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from daemon.sweeps.search.space import applies, grid_points
from daemon.sweeps.spec.schema import Parameter


def grid_size(parameters: Sequence[Parameter]) -> int:
    """How many combinations differ: a parameter that does not apply has no value in them."""
    return _size(parameters, {})


def grid_values(parameters: Sequence[Parameter], number: int) -> dict[str, Any]:
    """The combination with this number, from 0 to below `grid_size`."""
    chosen: dict[str, Any] = {}
    for place, parameter in enumerate(parameters):
        if not applies(parameter, chosen):
            continue
        for point in grid_points(parameter):
            chosen[parameter.setting] = point
            size = _size(parameters[place + 1 :], chosen)
            if number < size:
                break
            number -= size
    return chosen


def _size(parameters: Sequence[Parameter], chosen: Mapping[str, Any]) -> int:
    if not any(one.only_if for one in parameters):
        return math.prod(len(grid_points(one)) for one in parameters)
    first, rest = parameters[0], parameters[1:]
    if not applies(first, chosen):
        return _size(rest, chosen)
    if not any(first.setting in one.only_if for one in rest):
        return len(grid_points(first)) * _size(rest, {**chosen, first.setting: None})
    return sum(_size(rest, {**chosen, first.setting: point}) for point in grid_points(first))
