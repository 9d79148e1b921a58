"""Which configuration a command means, and that the named files exist."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.config import ConfigError, LoadedConfig, Sources, find_sources
from daemon.config.layering.sources import variables_in
from daemon.plugins.loading import load_with_plugins
from daemon.store.reader import StoreError, StoreReader
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


def require_named_config(
    paths: StatePaths, explicit: Sequence[Path], environ: Mapping[str, str]
) -> None:
    """Raises Failure if a file of --config or LANDERCTL_CONFIG does not exist, or a variable is
    meant to be a setting and is none, also for a verb that reads none.
    """
    try:
        Sources(variables=variables_in(environ)).layers()
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    named = [str(file) for file in explicit]
    if not named and (variable := environ.get("LANDERCTL_CONFIG")):
        named = [variable]
    if not named:
        return
    try:
        find_sources(explicit, paths.home, environ)
        for file in named:
            os.lstat(file)  # a name that is too long, a folder that may not be read
    except ConfigError as error:
        # A URL may hold a secret, and is no longer seen to be one: a path has no double slash.
        if any(map(_URL.match, named)):
            text = "--config or LANDERCTL_CONFIG: expected the name of a file, not a URL"
            raise Failure(text, Exit.CONFIG) from None
        raise Failure(str(error), Exit.CONFIG) from None
    except OSError as error:
        text = f"{error.filename}: {os.strerror(error.errno or 0)}"
        raise Failure(text, Exit.CONFIG) from None


def sources_in_use(
    paths: StatePaths, explicit: Sequence[Path], environ: Mapping[str, str]
) -> Sources:
    """What the daemon reads or last read, unless files are named. Raises ConfigError."""
    recorded = None if explicit else _recorded(paths)
    return find_sources(explicit, paths.home, environ, recorded=recorded)


def config_in_use(
    paths: StatePaths, explicit: Sequence[Path], environ: Mapping[str, str]
) -> LoadedConfig:
    """The configuration that the daemon uses or last used, or that of files. Raises ConfigError."""
    return load_with_plugins(sources_in_use(paths, explicit, environ))


def _recorded(paths: StatePaths) -> Sources | None:
    try:
        with StoreReader.open(paths.store) as store:
            daemon = store.status().daemon
    except StoreError:
        return None
    return daemon.sources if daemon else None
