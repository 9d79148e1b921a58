"""Loads `Config` from its layers; errors name the layer, key, value and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from daemon.config.judging.error import ConfigError, LocatedFault, error_of
from daemon.config.judging.explain import explain_toml
from daemon.config.layering.layers import (
    VEHICLES,
    FileLayer,
    GivenLayer,
    Layer,
    Layered,
    merge_layers,
)
from daemon.config.layering.plugin_data import PluginData
from daemon.config.layering.sources import NAMED_FILES, Sources, whole_path
from daemon.config.read import UnreadableError, is_there, read_text
from daemon.config.schema import Config
from daemon.config.secrets import hide_secrets, map_files, named_files, open_files

if TYPE_CHECKING:
    from daemon.config.judging.relations import Fault


class LeftOutRule(msgspec.Struct, frozen=True):
    """An alert rule of a plugin that is for a stage which the curriculum does not have."""

    name: str
    stage: int
    plugin: str


class LoadedConfig(msgspec.Struct, frozen=True):
    """A configuration, what it was read from, and where each setting comes from."""

    config: Config
    sources: Sources
    layered: Layered
    left_out: tuple[LeftOutRule, ...] = ()

    @property
    def written(self) -> Config:
        """The configuration before rollback.triggers are applied: with every rule as written."""
        return msgspec.convert(self.layered.values, Config)

    @property
    def rules_of_plugins(self) -> dict[str, str]:
        """The names of the alert rules that plugins add, each with its plugin's name."""
        left_out = {rule.name for rule in self.left_out}
        added = _added_rules(self.layered)
        return {name: plugin for name, plugin in added.items() if name not in left_out}

    @property
    def open_files(self) -> list[str]:
        """A line for each file with a secret that others can read."""
        origin = self.layered.origin("notify.targets")
        return open_files(self.config, Path(origin.name) if origin.kind == "file" else None)

    def error(self, faults: Sequence[Fault]) -> ConfigError:
        """The error that lists faults found later, by settings of `written`."""
        return error_of([self.layered.located(fault) for fault in faults])


def default_config_path() -> Path:
    """The commented defaults: in the package in a wheel, at the top level in a checkout."""
    packaged = Path(__file__).parent.parent / "default_config.toml"
    return packaged if packaged.exists() else Path(__file__).parents[2] / "config.toml"


def load_config(path: Path | None, overrides: Mapping[str, Any] | None = None) -> LoadedConfig:
    """The defaults with one file, and nested tables that override it; no variables count.

    Raises ConfigError, which lists all faults.
    """
    sources = Sources() if path is None else Sources((str(path),))
    layers = [_file_layer(Path(file)) for file in sources.files]
    return _checked(
        sources, [*layers, *([FileLayer(str(sources), overrides)] if overrides else [])]
    )


def load_sources(sources: Sources, options: Sequence[GivenLayer] = ()) -> LoadedConfig:
    """The defaults with all layers; `options` are the highest. Raises ConfigError: all faults."""
    files = [_file_layer(Path(file)) for file in sources.files]
    return _checked(sources, with_plugins(files, [*sources.layers(), *options], sources.plugins))


def with_plugins(
    files: Sequence[FileLayer], given: Sequence[GivenLayer], plugins: Sequence[PluginData]
) -> list[Layer]:
    """The layers in order: rules of plugins are set by what is given, which names a vehicle."""
    rules, vehicles = (
        [one for one in plugins if one.kind == kind] for kind in ("alert_rules", "vehicles")
    )
    return [*files, *rules, *given, *vehicles]


def check_values(values: Mapping[str, Any], source: str) -> Config:
    """The defaults with `values` merged into them; `source` names these in errors.

    Raises ConfigError.
    """
    return _checked(Sources(), [FileLayer(source, values)]).config


def files_in(folder: Path) -> set[str]:
    """Names in a folder that its `config.toml` mentions; empty without one. Raises ConfigError.

    An alert rule that is unknown here may be a plugin's, and names no file.
    """
    path = folder / "config.toml"
    if not is_there(path):
        return set()
    layered, faults = layered_faults([_file_layer(path)])
    if others := [fault for fault in faults if fault.unknown != "rule"]:
        raise error_of(others)
    config = msgspec.convert(layered.values, Config)
    files = [Path(name) for _, name in named_files(config)] + [Path(config.terrain.height_map)]
    return {file.relative_to(folder).parts[0] for file in files if folder in file.parents}


def file_layer(path: Path, text: str) -> FileLayer:
    """The settings in a file's text, with whole paths of other files. Raises ConfigError."""
    folder = path.absolute().parent

    def with_whole_paths(values: dict[str, Any]) -> dict[str, Any]:
        return map_files(values, NAMED_FILES, lambda name: whole_path(name, folder))

    values = with_whole_paths(_parse(path, text))
    if isinstance(tables := values.get(VEHICLES), dict):
        values[VEHICLES] = {
            name: with_whole_paths(table) if isinstance(table, dict) else table
            for name, table in tables.items()
        }
    return FileLayer(str(path), values, text)


def layered_faults(layers: Sequence[Layer]) -> tuple[Layered, list[LocatedFault]]:
    """The merged layers, and all that is wrong with them."""
    # `status` judges no settings.
    from daemon.config.layering.faults import located_faults  # noqa: PLC0415
    from daemon.config.layering.vehicles import other_faults, table_faults  # noqa: PLC0415

    default = _default_values()
    layered = merge_layers(default, layers)
    for layer in layers:
        if isinstance(layer, FileLayer):
            hide_secrets(layer.values)
    faults = [*layered.faults, *table_faults(layers), *located_faults(layered, default)]
    return layered, faults or other_faults(default, layers)


def _file_layer(path: Path) -> FileLayer:
    return file_layer(path, _read(path))


def _checked(sources: Sources, layers: Sequence[Layer]) -> LoadedConfig:
    layered, faults = layered_faults(layers)
    if faults:
        raise error_of(faults)
    config = msgspec.convert(layered.values, Config)
    left_out = _left_out(config, _added_rules(layered))
    return LoadedConfig(_with_triggers(config, left_out), sources, layered, left_out)


def _added_rules(layered: Layered) -> dict[str, str]:
    """The names of the alert rules that plugins add, each with its plugin's name."""
    added = {path: layer.name for path, layer in layered.marks if isinstance(layer, PluginData)}
    rules = enumerate(layered.values["alerts"])
    return {
        rule["name"]: added[path]
        for number, rule in rules
        if (path := f"alerts[{number}]") in added
    }


def _left_out(config: Config, added: Mapping[str, str]) -> tuple[LeftOutRule, ...]:
    stages = len(config.curriculum.stages)
    return tuple(
        LeftOutRule(rule.name, rule.stage, added[rule.name])
        for rule in config.alerts
        if rule.name in added and rule.stage is not None and rule.stage > stages
    )


def _with_triggers(config: Config, left_out: Sequence[LeftOutRule]) -> Config:
    """The configuration with rollback.triggers applied to the alert rules, without `left_out`."""
    triggers = config.rollback.triggers | {rule.name: "off" for rule in left_out}
    rules = [
        msgspec.structs.replace(rule, action="rollback")
        if triggers.get(rule.name) == "rollback"
        else rule
        for rule in config.alerts
        if triggers.get(rule.name) != "off"
    ]
    return msgspec.structs.replace(config, alerts=rules)


@cache
def _default_values() -> Mapping[str, Any]:
    path = default_config_path()
    return _parse(path, _read(path))


def _read(path: Path) -> str:
    try:
        return read_text(path)
    except UnreadableError as error:
        raise ConfigError(f"{path}: {error}") from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - a slow import that some commands do not need

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: huge integers and deep nesting raise others.
        raise ConfigError(f"{path}: {explain_toml(error)}") from None
