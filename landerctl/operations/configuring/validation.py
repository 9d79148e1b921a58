"""All that is wrong with configuration files: what a start would refuse, not only the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from daemon.config import Config, ConfigError
from daemon.config.judging.error import LocatedFault, Origin
from daemon.config.judging.syntax import without_faults
from daemon.config.layering.layers import FileLayer, GivenLayer
from daemon.config.layering.vehicles import unknown_vehicles
from daemon.config.load import file_layer, layered_faults, with_plugins
from daemon.config.read import UnreadableError, read_text
from daemon.config.schema import NotifyTarget
from daemon.plugins.data import OURS, plugin_data
from daemon.supervisor.alerting.metric_check import metric_faults
from daemon.supervisor.alerting.target_check import target_faults


def all_faults(
    files: Sequence[Path],
    given: Sequence[GivenLayer] = (),
    texts: Mapping[Path, str] | None = None,
) -> tuple[list[LocatedFault], Config | None]:
    """The faults of layered files and of what overrides them, by file and line.

    With the configuration, if its settings are valid. Takes seconds if targets have addresses.
    `texts`: of files as if they had these.
    """
    layers: list[FileLayer] = []
    faults = []
    for file in files:
        try:
            given_text = (texts or {}).get(file)
            text, broken = without_faults(read_text(file) if given_text is None else given_text)
            layers.append(file_layer(file, text))
        except UnreadableError as error:
            faults.append(LocatedFault(Origin("file", str(file)), str(error)))
            continue
        except ConfigError as error:  # more faults than are looked for
            text = str(error).removeprefix(f"{file}: ")
            faults.append(LocatedFault(Origin("file", str(file)), text))
            continue
        faults += [LocatedFault(Origin("file", str(file), one.line), one.text) for one in broken]
    plugins = plugin_data()
    layered, wrong = layered_faults(with_plugins(layers, given, plugins))
    known = [*OURS, *(one.name for one in plugins if one.kind == "vehicles")]
    wrong += unknown_vehicles(layers, known)
    more = metric_faults(layered.values)
    try:
        config = msgspec.convert(layered.values, Config)
    except msgspec.ValidationError:
        config = None
    targets = _targets(layered.values["notify"]) if config is None else config.notify.targets
    more += target_faults(targets)
    faults += [*wrong, *map(layered.located, more)]
    order = {str(file): number for number, file in enumerate(files)}
    faults.sort(key=lambda one: (order.get(one.origin.name, len(order)), one.origin.line or 0))
    return faults, None if faults else config


def _targets(notify: object) -> list[NotifyTarget]:
    """The targets, if those are valid."""
    targets = notify.get("targets") if isinstance(notify, dict) else None
    try:
        return msgspec.convert(targets, list[NotifyTarget])
    except msgspec.ValidationError:
        return []
