"""The base configuration of a sweep: where it is read from, and how the sweep must fit it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from daemon.config import Config, ConfigError, find_sources
from daemon.config.judging.relations import Fault
from daemon.config.layering.assign import Assignment, assign
from daemon.config.layering.sources import Sources, whole_path
from daemon.plugins.data import plugin_data
from daemon.sweeps.spec.schema import SweepSpec


def base_sources(spec: SweepSpec, file: Path, home: Path, environ: Mapping[str, str]) -> Sources:
    """What the base configuration is read from: the files of `base`, relative to the sweep's file,
    else those that `landerctl start` would read in the state folder `home`; variables override.

    Raises ConfigError, which lists all faults.
    """
    folder = file.absolute().parent
    named = [Path(whole_path(name, folder)) for name in spec.base]
    return find_sources(named, home, environ, plugins=plugin_data())


def base_faults(spec: SweepSpec, base: Config) -> Iterator[Fault]:
    """What of a sweep does not fit its base configuration: an alert rule or a stage that it names
    and the base has not, targets that it would have to copy.
    """
    content = msgspec.to_builtins(base)
    settings = [(f"set.{setting}", setting) for setting in spec.set]
    settings += [
        (f"parameters[{number}].setting", one.setting) for number, one in enumerate(spec.parameters)
    ]
    for path, setting in settings:
        try:
            assign(content, Assignment(setting, None))
        except ConfigError as error:
            yield Fault(path, str(error))
    for target in base.notify.targets if spec.trial.notify else ():
        if target.url or target.command:
            yield Fault(
                "trial.notify",
                f"trial.notify: notify.targets.{target.name} holds its address, which would be "
                "copied into each trial: give it in a file, by url_file",
            )


def objective_faults(spec: SweepSpec, stages: int) -> Iterator[Fault]:
    """Objectives of stages that trials with this many do not have."""
    for number, objective in enumerate(spec.objectives):
        for key, value in (("gate", objective.gate), ("stage", objective.stage)):
            if value is not None and value > stages:
                yield Fault(
                    f"objectives[{number}].{key}",
                    f"objectives: {objective.metric}: {key} = {value}: allowed 1 to {stages}, the "
                    "number of [[curriculum.stages]]",
                )
