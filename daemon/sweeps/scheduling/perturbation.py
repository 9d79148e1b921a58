"""Settings near those of another trial. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from daemon.sweeps.search.space import chosen_values, ends, rounded, value_at
from daemon.sweeps.spec.schema import Parameter, SweepSpec


def perturbed(spec: SweepSpec, values: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """The values of a trial that forks from one with `values`.

    A number is multiplied by scheduler.perturbation or its inverse; an integer is rounded, and
    moves by one at least; of a list a neighbour is taken. All stay in their range, also at its end.
    A setting that applies only now is drawn from its whole range.
    """
    # Drawn for every parameter: what one gets does not depend on the others.
    drawn = [(draw.random() < 0.5, draw.random()) for _ in spec.parameters]

    def choose(number: int, parameter: Parameter) -> Any:
        up, share = drawn[number]
        if parameter.setting not in values:
            return value_at(parameter, share)
        return _moved(parameter, values[parameter.setting], spec.scheduler.perturbation, up=up)

    return chosen_values(spec.parameters, choose)


def _moved(parameter: Parameter, value: Any, factor: float, *, up: bool) -> Any:
    if parameter.kind == "list":
        place = parameter.values.index(value) + (1 if up else -1)
        return parameter.values[min(max(place, 0), len(parameter.values) - 1)]
    low, high = ends(parameter)
    moved = value * factor if up else value / factor
    if parameter.kind == "integer":
        whole = round(moved)
        if whole == value:
            whole += 1 if up else -1
        return min(max(whole, int(low)), int(high))
    return rounded(moved, low, high)
