"""Which plugins are in use, and which are disabled: a fault of a file, or three in a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from daemon.config.load import LeftOutRule
from daemon.plugins.installed import Plugin
from daemon.protocol.plugin import NOUNS, PluginKind
from daemon.store.async_recorder import Recorder
from daemon.store.records import PluginStatus

MAX_FAULTS = 3  # in a row: a busy machine may be too slow once


class PluginRegister:
    """The installed plugins, as found when the daemon started. They stay disabled until it ends."""

    def __init__(
        self,
        found: Sequence[Plugin],
        recorder: Recorder,
        on_change: Callable[[list[PluginStatus]], None],
        left_out: Sequence[LeftOutRule] = (),
    ) -> None:
        self._recorder = recorder
        self._left_out = left_out
        self._on_change = on_change
        self._all = {(one.kind, one.name): status_of(one) for one in found}

    def record_start(self) -> None:
        """Record an event for each plugin that cannot be used, and each rule that is left out."""
        for one in self._all.values():
            if one.disabled:
                self._record_disabled(one)
        for rule in self._left_out:
            record_left_out(self._recorder, rule)

    def fault(self, kind: PluginKind, name: str) -> str | None:
        """Why a plugin is not used: not installed when the daemon started, or disabled. Or None."""
        one = self._all.get((kind, name))
        if one is None:
            return (
                f"no {NOUNS[kind]} {name!r} was installed when the daemon started; "
                "see `landerctl plugins`"
            )
        return f"plugin {name} is disabled: {one.fault}" if one.disabled else None

    def ran(self, kind: PluginKind, name: str, fault: str | None) -> None:
        """Count a fault of a plugin, which the third in a row disables; None: it worked."""
        one = self._all.get((kind, name))
        if one is None or one.disabled or (fault is None and not one.faults):
            return
        faults = 0 if fault is None else one.faults + 1
        changed = msgspec.structs.replace(
            one, faults=faults, fault=fault or "", disabled=faults >= MAX_FAULTS
        )
        self._all[kind, name] = changed
        self._on_change(list(self._all.values()))
        if changed.disabled:
            self._record_disabled(changed)

    def _record_disabled(self, one: PluginStatus) -> None:
        times = f"failed {one.faults} times in a row" if one.faults else "cannot be used"
        self._recorder.event(
            "plugin.disabled",
            f"Plugin {one.text} {times} and is disabled until the daemon restarts: {one.fault}",
            body={
                "kind": one.kind,
                "plugin": one.name,
                "package": one.package,
                "version": one.version,
                "error": one.fault,
            },
        )


def status_of(one: Plugin) -> PluginStatus:
    """The status of a plugin at the daemon's start."""
    return PluginStatus(
        one.kind, one.name, one.package, one.version, fault=one.fault, disabled=bool(one.fault)
    )


def record_left_out(recorder: Recorder, rule: LeftOutRule) -> None:
    """Record that a plugin's alert rule is left out: at a start, or as its stage is no more."""
    recorder.event(
        "plugin.rule_left_out",
        f"Alert rule {rule.name} of plugin {rule.plugin} is left out: it is for stage "
        f"{rule.stage}, which the curriculum does not have",
        body={"plugin": rule.plugin, "rule": rule.name, "stage": rule.stage},
    )
