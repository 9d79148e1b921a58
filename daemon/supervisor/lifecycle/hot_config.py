"""Reloading the configuration file of a running daemon: which changes apply when."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.config import Config, ConfigError, load_config, sections
from daemon.config.read import is_there
from daemon.supervisor.alerting.metric_check import check_metrics
from daemon.supervisor.alerting.target_check import check_targets


@dataclass(frozen=True)
class Reloaded:
    """The file is valid. Some sections that differ from the start apply only later."""

    config: Config
    path: Path | None  # None: only defaults
    changed: bool  # since the last read
    from_next_start: tuple[str, ...]
    for_new_runs: tuple[str, ...]

    @property
    def delays(self) -> str:
        """Which sections do not apply yet, as text; empty if all do."""
        parts = []
        if self.from_next_start:
            parts.append(f"; {_listed(self.from_next_start)} from the next start")
        if self.for_new_runs:
            parts.append(
                f"; {_listed(self.for_new_runs)} for new runs only (`landerctl start --fresh`)"
            )
        return "".join(parts)


@dataclass(frozen=True)
class FileRefused:
    """The file has an error; the previous settings are kept."""

    error: str


class HotConfig:
    """The current settings, and the file they came from.

    Without a file the defaults apply; a file that appears in the state folder is read.
    """

    def __init__(self, config: Config, path: Path | None, paths: StatePaths) -> None:
        self.config = config
        self.path = path
        self.watched = path or paths.home / "config.toml"
        self.error: str | None = None
        self._start = config

    def reload(self) -> Reloaded | FileRefused:
        """Read the file again. Only its hot sections apply before the next start.

        Takes seconds where targets of [notify] have changed.
        """
        path = self.watched if self.path is not None or is_there(self.watched) else None
        try:
            new = load_config(path)
            loaded = new.config
            check_metrics(new)
            if self.error is not None or loaded.notify.targets != self.config.notify.targets:
                check_targets(new)
        except ConfigError as error:
            self.error = str(error)
            return FileRefused(self.error)
        changed = loaded != self.config or self.error is not None
        self.config = loaded
        self.error = None
        differing = [
            name
            for name in Config.__struct_fields__
            if getattr(loaded, name) != getattr(self._start, name) and name not in sections.HOT
        ]
        return Reloaded(
            loaded,
            path,
            changed,
            from_next_start=tuple(name for name in differing if name not in sections.FROZEN),
            for_new_runs=tuple(name for name in differing if name in sections.FROZEN),
        )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"[{name}]" for name in names)
