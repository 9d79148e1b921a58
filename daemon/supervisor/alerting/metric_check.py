"""Whether the metrics of [[alerts]] exist, before a configuration is used."""

from __future__ import annotations

from daemon.config import Config, LoadedConfig
from daemon.config.explain import suggestion
from daemon.config.relations import Fault
from daemon.store.catalogs.metric_catalog import CATALOGUE, find_kind


def check_metrics(loaded: LoadedConfig) -> None:
    """Raise ConfigError for rules on metrics that nothing writes: they would never fire."""
    if faults := metric_faults(loaded.written):
        raise loaded.error(faults)


def metric_faults(written: Config) -> list[Fault]:
    """The same for a configuration with all its rules."""
    return [
        Fault(
            f"alerts[{number}].metric",
            f"alerts.{rule.name}.metric = {rule.metric!r}: there is no such metric"
            f"{suggestion(rule.metric, CATALOGUE)}",
        )
        for number, rule in enumerate(written.alerts)
        if find_kind(rule.metric) is None
    ]
