"""Which configuration file a command means, and that it exists."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.config import ConfigError, find_config
from daemon.store.reader import StoreError, StoreReader
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


def require_named_config(
    paths: StatePaths, explicit: Path | None, environ: Mapping[str, str]
) -> None:
    """Raises Failure if the file of --config or LANDERCTL_CONFIG does not exist, also for a verb
    that reads none.
    """
    named = explicit or environ.get("LANDERCTL_CONFIG")
    if not named:
        return
    try:
        find_config(explicit, paths.home, environ)
        os.lstat(named)  # a name that is too long, a folder that may not be read
    except ConfigError as error:
        # A URL may hold a secret, and is no longer seen to be one: a path has no double slash.
        if _URL.match(str(named)):
            text = "--config or LANDERCTL_CONFIG: expected the name of a file, not a URL"
            raise Failure(text, Exit.CONFIG) from None
        raise Failure(str(error), Exit.CONFIG) from None
    except OSError as error:
        raise Failure(f"{named}: {os.strerror(error.errno or 0)}", Exit.CONFIG) from None


def config_in_use(
    paths: StatePaths, explicit: Path | None, environ: Mapping[str, str]
) -> Path | None:
    """The configuration file that the daemon uses or last used; None: only defaults.

    Raises ConfigError.
    """
    recorded = None if explicit else _recorded(paths)
    return find_config(explicit, paths.home, environ, recorded=recorded)


def _recorded(paths: StatePaths) -> str | None:
    try:
        with StoreReader.open(paths.store) as store:
            daemon = store.status().daemon
    except StoreError:
        return None
    return daemon.config_path if daemon else None
