"""The alert rules of a plugin, judged as those of a configuration are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from daemon.config import AlertRule, load_config
from daemon.config.judging.explain import suggestion
from daemon.config.layering.layers import FileLayer
from daemon.config.load import layered_faults
from daemon.plugins.data_file import PluginFileError
from daemon.store.catalogs.metric_catalog import CATALOGUE, find_kind

# What stops or changes a training is the user's to allow, by `rollback.triggers` or a rule of
# the same name.
ACTIONS = ("notify", "log")


def checked_rules(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules in a plugin's file, which has nothing but ``[[alerts]]``.

    Which stages there are, the configuration says that it is added to. Raises PluginFileError,
    which lists all that is wrong.
    """
    if content.keys() != {"alerts"} or not content["alerts"]:
        raise PluginFileError("expected tables [[alerts]], and nothing else")
    layered, found = layered_faults([FileLayer("", content)])
    if wrong := [fault.text for fault in found if fault.unknown != "stage"]:
        raise PluginFileError("; ".join(wrong))
    rules = msgspec.convert(layered.values["alerts"], list[AlertRule])
    if faults := [text for rule in rules for text in _faults(rule)]:
        raise PluginFileError("; ".join(faults))
    return [msgspec.to_builtins(rule) for rule in rules]


def _faults(rule: AlertRule) -> list[str]:
    found = []
    if rule.name in {ours.name for ours in load_config(None).written.alerts}:
        found.append(f"alerts.{rule.name}: landerctl has a rule of this name")
    if find_kind(rule.metric) is None:
        found.append(
            f"alerts.{rule.name}.metric = {rule.metric!r}: there is no such metric"
            f"{suggestion(rule.metric, CATALOGUE)}"
        )
    if rule.action not in ACTIONS:
        found.append(
            f"alerts.{rule.name}.action = {rule.action!r}: expected notify or log; a user turns "
            "others on by rollback.triggers"
        )
    return found
