"""Loads a configuration for those who do not look for plugins unless it needs them."""

from __future__ import annotations

import msgspec

from daemon.config import ConfigError, LoadedConfig, Sources, load_sources


def load_with_plugins(sources: Sources) -> LoadedConfig:
    """As `load_sources`; where an alert rule is unknown, with what installed plugins add.

    So a file that sets a plugin's rule is valid before a daemon has recorded the plugins, and
    whoever names no such rule does not wait for them to be found. Raises ConfigError.
    """
    try:
        return load_sources(sources)
    except ConfigError as error:
        if not error.names_unknown_rule:
            raise
    from daemon.plugins.data import plugin_data  # noqa: PLC0415 - takes as long as `check`

    more = tuple(one for one in plugin_data() if one not in sources.plugins)
    return load_sources(msgspec.structs.replace(sources, plugins=(*sources.plugins, *more)))
