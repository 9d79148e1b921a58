"""CMA-ES, by the package that Optuna's sampler of this name uses too.

Generations are synchronous: the values of one follow from all results of the one before at the end
of their first legs, which never change. So a sweep proposes the same whatever the order in which
its trials end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.search.needed import needed
from daemon.sweeps.search.results import group_results
from daemon.sweeps.search.space import value_at
from daemon.sweeps.spec.schema import SweepSpec

# Of the unit cube in which it searches, as in Optuna: from its middle, a sixth of its width.
_MEAN = 0.5
_SIGMA = 1.0 / 6.0
_BELOW_ONE = math.nextafter(1.0, 0.0)


def generation_size(dimensions: int) -> int:
    """Groups in a generation: 4 + 3 ln d, rounded down (N. Hansen, "The CMA Evolution Strategy: A
    Tutorial", 2016, arXiv:1604.00772, equation 48).
    """
    return 4 + math.floor(3.0 * math.log(dimensions))


def cma_es_values(
    spec: SweepSpec, group: int, trials: Sequence[Trial], legs: Sequence[Leg]
) -> dict[str, Any] | None:
    """The values of the next group, or None while results of earlier generations are missing.

    Raises SearchError: cmaes is not installed. A group that failed counts as the worst of its
    generation.
    """
    cmaes = needed("cmaes", "cma-es")
    numpy = needed("numpy", "cma-es")
    dimensions, objective = len(spec.parameters), spec.objectives[0]
    size = generation_size(dimensions)
    results = group_results(trials, legs, [objective.metric], first=True)
    sign = -1.0 if objective.direction == "maximize" else 1.0
    search = cmaes.CMA(
        mean=numpy.full(dimensions, _MEAN),
        sigma=_SIGMA,
        bounds=numpy.array([[0.0, 1.0]] * dimensions),
        seed=spec.search.seed % 2**32,
        population_size=size,
    )
    for begin in range(0, group - group % size, size):
        ended = results[begin : begin + size]
        if not all(one.known for one in ended):
            return None
        losses = [sign * one.reached[0] if one.reached else math.inf for one in ended]
        search.tell([(search.ask(), loss) for loss in losses])
    points = [search.ask() for _ in range(group % size + 1)]
    return {
        parameter.setting: value_at(parameter, min(float(share), _BELOW_ONE))
        for parameter, share in zip(spec.parameters, points[-1], strict=True)
    }
