"""The configuration: its schema, and loading it from files."""

from daemon.config.load import ConfigError, LoadedConfig, find_config, load_config
from daemon.config.schema import AlertRule, Config, Stage

__all__ = [
    "AlertRule",
    "Config",
    "ConfigError",
    "LoadedConfig",
    "Stage",
    "find_config",
    "load_config",
]
