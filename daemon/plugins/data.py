"""What the installed plugins add to the configuration, and which of them cannot be used."""

from __future__ import annotations

import msgspec

from daemon.config.layering.plugin_data import PluginData
from daemon.plugins.data_file import PluginFileError, read_data_file
from daemon.plugins.installed import Plugin, installed_plugins
from daemon.plugins.rules import checked_rules

OURS = ("apollo-lm", "starship-hls")  # env.physics.vehicles, which takes too long to import


def judged_plugins() -> tuple[list[Plugin], tuple[PluginData, ...]]:
    """Every installed plugin, with the fault of its file; and the content of those without."""
    plugins, found = [], list[PluginData]()
    taken: dict[str, str] = {}  # names of rules, and the plugin that has each
    for plugin in installed_plugins():
        fault = plugin.fault
        if not fault and plugin.kind in ("alert_rules", "vehicles"):
            try:
                data = _data(plugin, taken)
            except PluginFileError as error:
                fault = str(error)
            else:
                found.append(data)
        plugins.append(msgspec.structs.replace(plugin, fault=fault))
    return plugins, tuple(found)


def plugin_data() -> tuple[PluginData, ...]:
    """What the installed plugins add to the configuration."""
    return judged_plugins()[1]


def _data(plugin: Plugin, taken: dict[str, str]) -> PluginData:
    content = read_data_file(plugin)
    if plugin.kind == "vehicles":
        if plugin.name in OURS:
            raise PluginFileError("landerctl has a vehicle of this name")
        return PluginData("vehicles", plugin.name, plugin.package, content)
    rules = checked_rules(content)
    names = [rule["name"] for rule in rules]
    if both := [name for name in names if name in taken]:
        raise PluginFileError(f"alerts.{both[0]}: plugin {taken[both[0]]} has this rule too")
    taken |= dict.fromkeys(names, plugin.name)
    return PluginData("alert_rules", plugin.name, plugin.package, {"alerts": rules})
