"""What two runs were given that differs: settings, versions, machine. Not what they reached."""

from __future__ import annotations

from typing import Any

import msgspec

from daemon.base.paths import RunPaths
from daemon.config import ConfigError
from daemon.config.differing import changes
from daemon.runs.metadata import RunMetadata, read_metadata
from daemon.runs.run_folder import read_run_config
from landerctl.exitcodes import Exit
from landerctl.failure import Failure


class Differences(msgspec.Struct, frozen=True):
    """Two runs; what differs has both values, by name."""

    a: str
    b: str
    settings: dict[str, tuple[Any, Any]]
    versions: dict[str, tuple[str, str]]  # of packages; "": not installed, or not recorded
    machine: tuple[str, str] | None  # None: the same

    @property
    def none(self) -> bool:
        """Whether nothing differs."""
        return not (self.settings or self.versions or self.machine)


def differences(a: RunPaths, b: RunPaths) -> Differences:
    """Compare two runs. What one of them has no record of counts as the same. Raises Failure."""
    try:
        settings = changes(read_run_config(a), read_run_config(b))
        first, second = read_metadata(a), read_metadata(b)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}", Exit.CANNOT_WRITE) from None
    machines = first.machine, second.machine
    return Differences(
        a.id,
        b.id,
        settings,
        _versions(first, second),
        machines if all(machines) and machines[0] != machines[1] else None,
    )


def _versions(first: RunMetadata, second: RunMetadata) -> dict[str, tuple[str, str]]:
    if not (first.versions and second.versions):
        return {}
    names = sorted({*first.versions, *second.versions})
    found = {name: (first.versions.get(name, ""), second.versions.get(name, "")) for name in names}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}
