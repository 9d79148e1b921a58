"""What is wrong with a sweep's parameters and its other settings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from daemon.config.forking.effects import RULES
from daemon.config.judging.error import ConfigError
from daemon.config.judging.explain import explain, suggestion
from daemon.config.judging.relations import Fault
from daemon.config.judging.typed import type_faults
from daemon.config.layering.assign import Assignment, assign, may_hold_secrets, setting_type
from daemon.config.layering.sources import NAMED_FILES
from daemon.config.load import load_config
from daemon.config.schema import Config
from daemon.config.sections import FROZEN
from daemon.sweeps.spec.schema import Parameter, SweepSpec

# What decides instead of these settings of a trial.
DECIDED = {
    "run.seed": "[seeds] decides",
    "run.timesteps": "limits.steps decides",
    "run.torch_threads": "limits.threads decides",
    "fleet.threads": "limits.threads decides",
    "tensorboard": "trial.tensorboard decides; ports are free ones",
    "prometheus": "trial.exporter decides; ports are free ones",
    "tracking": "trials are sent to no tracking server",
    "reviews": "trial.notify decides",
    "backup.directory": "each trial has its own backups",
}


def parameter_faults(spec: SweepSpec) -> Iterator[Fault]:
    """Every fault of `set` and `parameters`: names, values, conditions."""
    for setting, value in spec.set.items():
        path = f"set.{setting}"
        text = _setting_fault(setting) or _value_fault(setting, value)
        if text:
            yield Fault(path, text)
    for number, parameter in enumerate(spec.parameters):
        path = f"parameters[{number}]"
        before = spec.parameters[:number]
        yield from _name_faults(parameter, path, before, spec)
        yield from _range_faults(parameter, path, spec)
        yield from _condition_faults(parameter, path, before)


def _name_faults(
    parameter: Parameter, path: str, before: Sequence[Parameter], spec: SweepSpec
) -> Iterator[Fault]:
    setting, place = parameter.setting, f"{path}.setting"
    if text := _setting_fault(setting):
        yield Fault(place, text)
        return
    if _section(setting) not in FROZEN:
        yield Fault(place, f"{setting}: is a setting of the daemon, which trains nothing: use set")
    if setting in spec.set:
        yield Fault(place, f"{setting}: is in set too, as one value", (f"set.{setting}",))
    for number, other in enumerate(before):
        if other.setting == setting:
            yield Fault(place, f"{setting}: is twice in parameters", (f"parameters[{number}]",))
            break
    rule = RULES.get(setting)
    if spec.scheduler.name == "population" and rule is not None and rule.effect == "refused":
        yield Fault(
            place,
            f"{setting}: a fork cannot change it ({rule.reason}), so no population can",
            ("scheduler.name",),
        )


def _range_faults(parameter: Parameter, path: str, spec: SweepSpec) -> Iterator[Fault]:
    setting = parameter.setting
    if parameter.kind == "list":
        for key in ("low", "high", "steps"):
            if getattr(parameter, key) is not None:
                hint = 'a list has values; kind = "uniform", "log-uniform" or "integer" has a range'
                yield Fault(f"{path}.{key}", f"{setting}: {key}: {hint}")
        yield from _list_faults(parameter, path)
        return
    if parameter.values:
        yield Fault(
            f"{path}.values",
            f"{setting}: values: only of a list; {parameter.kind} has low and high",
        )
    missing = [key for key in ("low", "high") if getattr(parameter, key) is None]
    if missing:
        yield Fault(path, f"{setting}: missing {' and '.join(missing)} of kind {parameter.kind!r}")
        return
    assert parameter.low is not None and parameter.high is not None
    if parameter.low >= parameter.high:
        yield Fault(
            f"{path}.low",
            f"{setting}: low = {parameter.low:g}: must be below high = {parameter.high:g}",
        )
    if parameter.kind == "log-uniform" and parameter.low <= 0.0:
        yield Fault(
            f"{path}.low", f"{setting}: low = {parameter.low:g}: log-uniform needs more than 0"
        )
    for key, value in (("low", parameter.low), ("high", parameter.high)):
        yield from _end_faults(parameter, f"{path}.{key}", key, value)
    yield from _grid_faults(parameter, path, spec)


def _list_faults(parameter: Parameter, path: str) -> Iterator[Fault]:
    setting, place = parameter.setting, f"{path}.values"
    if not parameter.values:
        yield Fault(place, f"{setting}: missing values, those of the list")
    seen = set[bytes]()
    for value in parameter.values:
        if text := _value_fault(setting, value):
            yield Fault(place, text)
        encoded = msgspec.json.encode(value)
        if encoded in seen:
            yield Fault(place, f"{setting}: values: {value!r} is there twice")
        seen.add(encoded)


def _end_faults(parameter: Parameter, place: str, key: str, value: float) -> Iterator[Fault]:
    setting = parameter.setting
    if parameter.kind == "integer":
        if not value.is_integer():
            yield Fault(place, f"{setting}: {key} = {value:g}: expected an integer")
        elif text := _value_fault(setting, int(value)):
            yield Fault(place, f"{key}: {text}")
    elif _is_integer(setting):
        yield Fault(place, f'{setting}: is an integer: kind = "integer"')
    elif text := _value_fault(setting, value):
        yield Fault(place, f"{key}: {text}")


def _grid_faults(parameter: Parameter, path: str, spec: SweepSpec) -> Iterator[Fault]:
    setting, sampler, place = parameter.setting, spec.search.sampler, f"{path}.steps"
    if sampler != "grid":
        if parameter.steps is not None:
            yield Fault(
                place,
                f"{setting}: steps: only of a grid, and search.sampler is {sampler}",
                ("search.sampler",),
            )
    elif parameter.steps == 1:
        yield Fault(place, f"{setting}: steps = 1: low and high are two points of a grid already")
    elif parameter.steps is None and parameter.kind != "integer":
        yield Fault(
            path,
            f"{setting}: a grid needs steps, the number of points from low to high; or choose "
            'search.sampler = "random"',
            ("search.sampler",),
        )


def _condition_faults(
    parameter: Parameter, path: str, before: Sequence[Parameter]
) -> Iterator[Fault]:
    known = {one.setting: (number, one) for number, one in enumerate(before)}
    for setting, values in parameter.only_if.items():
        place = f"{path}.only_if.{setting}"
        if setting not in known:
            yield Fault(
                place,
                f"{parameter.setting}: only_if: {setting} is no parameter before this one"
                f"{suggestion(setting, known)}",
            )
            continue
        number, other = known[setting]
        others = (f"parameters[{number}]",)
        if other.kind != "list":
            text = f"{parameter.setting}: only_if: {setting} is no list of values"
            yield Fault(place, text, others)
            continue
        if not values:
            yield Fault(place, f"{parameter.setting}: only_if: no value of {setting} is named")
        for value in values:
            if value not in other.values:
                close = suggestion(value, _words(other.values)) if isinstance(value, str) else ""
                yield Fault(
                    place,
                    f"{parameter.setting}: only_if: {setting} never is {value!r}"
                    f"{close or f'; its values: {_shown(other.values)}'}",
                    others,
                )


def _setting_fault(setting: str) -> str:
    """What is wrong with the name of a setting of a trial, or ""."""
    if may_hold_secrets(setting):
        return f"{setting}: may hold secrets, which belong into the base configuration"
    for decided in (setting, _section(setting)):
        if decided in DECIDED:
            return f"{setting}: {DECIDED[decided]}"
    try:
        setting_type(setting)
    except ConfigError as error:
        return str(error)
    return ""


def _value_fault(setting: str, value: Any) -> str:
    """What is wrong with a value by its setting's type and bounds, or "".

    How the settings must fit each other is judged with each trial's whole configuration.
    """
    if setting in NAMED_FILES and isinstance(value, str) and value and not value.startswith("/"):
        return f"{setting} = {value!r}: expected a whole path: trials run in other folders"
    try:
        setting_type(setting)
        changed, _ = assign(_defaults(), Assignment(setting, value))
    except ConfigError:
        return ""  # reported by its name; or an element that only the base configuration has
    return next((explain(error, changed) for _, error in type_faults(changed, Config)), "")


@cache
def _defaults() -> Mapping[str, Any]:
    return load_config(None).layered.values


def _is_integer(setting: str) -> bool:
    try:
        return isinstance(setting_type(setting), msgspec.inspect.IntType)
    except ConfigError:
        return False


def _section(setting: str) -> str:
    return setting.partition(".")[0].partition("[")[0]


def _words(values: Sequence[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _shown(values: Sequence[Any]) -> str:
    return ", ".join(map(repr, values))
