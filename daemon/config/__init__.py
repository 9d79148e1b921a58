"""The configuration: its schema, and loading it from files, variables and options."""

from daemon.config.judging.error import ConfigError
from daemon.config.layering.sources import Sources, find_sources
from daemon.config.load import LoadedConfig, load_config, load_sources
from daemon.config.schema import AlertRule, Config, Stage

__all__ = [
    "AlertRule",
    "Config",
    "ConfigError",
    "LoadedConfig",
    "Sources",
    "Stage",
    "find_sources",
    "load_config",
    "load_sources",
]
