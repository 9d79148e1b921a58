"""The installed plugins and what became of each: in use, unused, disabled. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from daemon.config import LoadedConfig
from daemon.plugins.installed import Plugin
from daemon.protocol.plugin import PluginKind
from daemon.store.records import PluginStatus

PluginState = Literal["in use", "unused", "disabled", "next start"]


class PluginRow(msgspec.Struct, frozen=True):
    """An installed plugin, or one that the daemon found and that is gone."""

    name: str
    kind: PluginKind
    package: str
    version: str
    state: PluginState
    text: str  # why it is in that state, or what of it is in use


def list_plugins(
    installed: Sequence[Plugin],
    daemon: Sequence[PluginStatus] | None,
    loaded: LoadedConfig | None,
    vehicle: str | None,
) -> list[PluginRow]:
    """A row for each. `daemon`: those that a running one found; None: none runs.

    `loaded`: None for a configuration that is invalid. `vehicle`: of the current run.
    """
    found = {(one.kind, one.name): one for one in daemon or ()}
    rows = []
    for one in installed:
        known = found.pop((one.kind, one.name), None)
        state, text = _state(one, known, running=daemon is not None)
        if state == "in use" and loaded is not None:
            state, text = _use(one, loaded, vehicle)
        rows.append(PluginRow(one.name, one.kind, one.package, one.version, state, text))
    gone = "was uninstalled since the daemon started"
    rows += [
        PluginRow(one.name, one.kind, one.package, one.version, "disabled", gone)
        for one in found.values()
    ]
    return rows


def _state(one: Plugin, known: PluginStatus | None, *, running: bool) -> tuple[PluginState, str]:
    if known is not None and known.disabled:
        return "disabled", f"{known.fault}; correct it, then restart the daemon"
    if one.fault:
        return "disabled", one.fault
    if not running:
        return "unused", "no daemon is running"
    if known is None:
        return "next start", "was installed since the daemon started"
    data = one.kind in ("alert_rules", "vehicles")
    if data and (known.package, known.version) != (one.package, one.version):
        return "next start", f"the daemon uses {known.package} {known.version}"
    return "in use", ""


def _use(one: Plugin, loaded: LoadedConfig, vehicle: str | None) -> tuple[PluginState, str]:
    if one.kind == "alert_rules":
        return _use_of_rules(one.name, loaded)
    if one.kind == "notifiers":
        targets = [to.name for to in loaded.config.notify.targets if to.plugin == one.name]
        return _used(targets, "no target of [[notify.targets]] names it")
    if one.kind == "vehicles":
        return _used(["the current run"] if vehicle == one.name else [], "another craft is flown")
    return "in use", "`landerctl check` runs it"


def _use_of_rules(plugin: str, loaded: LoadedConfig) -> tuple[PluginState, str]:
    names = [rule for rule, of in loaded.rules_of_plugins.items() if of == plugin]
    late = [f"{one.name} (stage {one.stage})" for one in loaded.left_out if one.plugin == plugin]
    if not late:
        return _used(names, "your configuration has other rules of these names")
    text = f"left out, for stages that the curriculum does not have: {', '.join(late)}"
    return ("in use", f"{', '.join(names)}; {text}") if names else ("unused", text)


def _used(by: Collection[str], otherwise: str) -> tuple[PluginState, str]:
    return ("in use", ", ".join(by)) if by else ("unused", otherwise)
