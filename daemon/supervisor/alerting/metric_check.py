"""Whether the metrics of [[alerts]] exist, before a configuration is used."""

from __future__ import annotations

from daemon.config import ConfigError, LoadedConfig
from daemon.config.explain import suggestion
from daemon.store.catalogs.metric_catalog import CATALOGUE, find_kind


def check_metrics(loaded: LoadedConfig) -> None:
    """Raise ConfigError for rules on metrics that nothing writes: they would never fire."""
    faults = [
        f"alerts.{rule.name}.metric = {rule.metric!r}: there is no such metric"
        f"{suggestion(rule.metric, CATALOGUE)}"
        for rule in loaded.config.alerts
        if find_kind(rule.metric) is None
    ]
    if faults:
        raise ConfigError(f"{loaded.path or 'configuration'}: {'; '.join(faults)}")
