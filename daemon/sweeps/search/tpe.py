"""Optuna's tree-structured Parzen estimator: the next values by what all so far have reached.

The study is rebuilt from the sweep's store, in memory, for each proposal: Optuna keeps nothing.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec

from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.search.needed import needed
from daemon.sweeps.search.results import GroupResult, group_results
from daemon.sweeps.search.space import applies, chosen_values, ends, rounded
from daemon.sweeps.spec.schema import Parameter, SweepSpec


def tpe_values(
    spec: SweepSpec, group: int, trials: Sequence[Trial], legs: Sequence[Leg]
) -> dict[str, Any]:
    """The values of the next group. Raises SearchError: Optuna is not installed.

    A group that has not trained to its end counts as pruned at the steps that it has reached:
    Optuna ranks such ones by their steps, then by what they reached (J. Bergstra et al.,
    "Algorithms for Hyper-Parameter Optimization", 2011; Optuna's TPESampler).
    """
    optuna = needed("optuna", "tpe")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # experimental arguments, once a proposal
        study = optuna.create_study(
            sampler=optuna.samplers.TPESampler(
                # The same for the same group, whatever process proposes it.
                seed=zlib.crc32(f"{spec.search.seed}/{group}".encode()),
                constant_liar=True,
            ),
            directions=[one.direction for one in spec.objectives],
        )
        names = [one.metric for one in spec.objectives]
        for result in group_results(trials, legs, names, first=False):
            study.add_trial(_frozen(optuna, spec, result))
        trial = study.ask()
        return chosen_values(spec.parameters, lambda _, one: _suggested(trial, one))


def _frozen(optuna: Any, spec: SweepSpec, result: GroupResult) -> Any:
    """A group as a trial of Optuna."""
    states = optuna.trial.TrialState
    distributions = {
        one.setting: _distribution(optuna, one)
        for one in spec.parameters
        if applies(one, result.values)
    }
    several = len(spec.objectives) > 1
    if not result.steps:
        # Also one that failed: what is under way is taken for poor, and legs alone decide.
        outcome: dict[str, Any] = {"state": states.RUNNING}
    elif result.reached is None:
        # Pruned without a value: worse than all. Of several objectives none are pruned.
        outcome = {"state": states.FAIL if several else states.PRUNED}
    elif result.steps >= spec.limits.steps or several:
        outcome = {"state": states.COMPLETE, "values": result.reached}
    else:
        steps = {result.steps: result.reached[0]}
        outcome = {"state": states.PRUNED, "intermediate_values": steps}
    params = {
        one.setting: _stored(one, result.values)
        for one in spec.parameters
        if one.setting in distributions
    }
    return optuna.trial.create_trial(params=params, distributions=distributions, **outcome)


def _distribution(optuna: Any, parameter: Parameter) -> Any:
    if parameter.kind == "list":
        return optuna.distributions.CategoricalDistribution(_labels(parameter))
    low, high = ends(parameter)
    if parameter.kind == "integer":
        return optuna.distributions.IntDistribution(int(low), int(high))
    return optuna.distributions.FloatDistribution(low, high, log=parameter.kind == "log-uniform")


def _suggested(trial: Any, parameter: Parameter) -> Any:
    if parameter.kind == "list":
        labels = _labels(parameter)
        return parameter.values[labels.index(trial.suggest_categorical(parameter.setting, labels))]
    low, high = ends(parameter)
    if parameter.kind == "integer":
        return trial.suggest_int(parameter.setting, int(low), int(high))
    log = parameter.kind == "log-uniform"
    return rounded(trial.suggest_float(parameter.setting, low, high, log=log), low, high)


def _stored(parameter: Parameter, values: dict[str, Any]) -> Any:
    value = values[parameter.setting]
    return _label(value) if parameter.kind == "list" else value


def _labels(parameter: Parameter) -> list[str]:
    """A list's values as texts: Optuna takes no lists for a choice."""
    return [_label(value) for value in parameter.values]


def _label(value: Any) -> str:
    return msgspec.json.encode(value).decode()
