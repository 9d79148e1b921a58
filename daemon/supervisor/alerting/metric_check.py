"""Whether the metrics of [[alerts]] exist, before a configuration is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daemon.config import LoadedConfig
from daemon.config.judging.explain import suggestion
from daemon.config.judging.relations import Fault
from daemon.store.catalogs.metric_catalog import CATALOGUE, find_kind


def check_metrics(loaded: LoadedConfig) -> None:
    """Raise ConfigError for rules on metrics that nothing writes: they would never fire."""
    if faults := metric_faults(loaded.layered.values):
        raise loaded.error(faults)


def metric_faults(values: Mapping[str, Any]) -> list[Fault]:
    """The same for settings as they are written, valid or not."""
    rules = values.get("alerts")
    faults = []
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        name, metric = (
            rule.get(key) if isinstance(rule, Mapping) else None for key in ("name", "metric")
        )
        if isinstance(metric, str) and find_kind(metric) is None:
            key = f"alerts.{name}" if isinstance(name, str) else f"alerts[{number}]"
            text = f"{key}.metric = {metric!r}: there is no such metric"
            faults.append(Fault(f"alerts[{number}].metric", text + suggestion(metric, CATALOGUE)))
    return faults
