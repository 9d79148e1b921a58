"""What installed plugins add to the configuration: alert rules, and the numbers of a vehicle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from daemon.config.judging.error import Origin


class PluginData(msgspec.Struct, frozen=True):
    """The checked content of one plugin's file, and the layer of the configuration that it is.

    It overrides nothing. A plugin of alert rules adds those whose names no file has; one of a
    vehicle fills in `fleet.vehicle_data` if `fleet.vehicle` names it.
    """

    kind: Literal["alert_rules", "vehicles"]
    name: str
    package: str
    content: dict[str, Any]

    def origin(self, path: str) -> Origin:
        """The plugin, whatever it sets."""
        del path
        return Origin("plugin", f"plugin {self.name} ({self.package})")

    def beneath(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The settings with what this adds to them, and the paths of that."""
        if self.kind == "alert_rules":
            return self._with_rules(values)
        return self._with_vehicle(values)

    def _with_rules(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        rules = values.get("alerts")
        if not isinstance(rules, list):
            return dict(values), []
        taken = {rule.get("name") for rule in rules if isinstance(rule, Mapping)}
        added = [rule for rule in self.content["alerts"] if rule["name"] not in taken]
        paths = [f"alerts[{len(rules) + number}]" for number in range(len(added))]
        return {**values, "alerts": [*rules, *added]}, paths

    def _with_vehicle(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        fleet = values.get("fleet")
        if not isinstance(fleet, Mapping) or fleet.get("vehicle") != self.name:
            return dict(values), []
        if fleet.get("vehicle_data"):
            return dict(values), []
        path = "fleet.vehicle_data"
        return {**values, "fleet": {**fleet, "vehicle_data": self.content}}, [path]
