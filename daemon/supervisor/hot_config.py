"""The configuration file of a running daemon: what a change to it means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daemon.config import Config, ConfigError, load_config
from daemon.paths import StatePaths

HOT_SECTIONS = frozenset({"resources", "alerts", "expected"})


@dataclass(frozen=True)
class Reloaded:
    """The file is sound. `cold`: the changed sections that apply from the next start."""

    config: Config
    cold: tuple[str, ...]
    changed: bool


@dataclass(frozen=True)
class FileRefused:
    """The file has a fault; what was in force stays in force."""

    error: str


class HotConfig:
    """What is in force, and the file it came from.

    Without a file the defaults are in force, and one that appears in the state folder is taken.
    """

    def __init__(self, config: Config, path: Path | None, paths: StatePaths) -> None:
        self.config = config
        self.path = path
        self.watched = path or paths.home / "config.toml"
        self.error: str | None = None
        self._start = config

    def reload(self) -> Reloaded | FileRefused:
        """Read the file again. Only its hot sections differ from the start in what is in force."""
        path = self.watched if self.path is not None or self.watched.is_file() else None
        try:
            loaded = load_config(path).config
        except ConfigError as error:
            self.error = str(error)
            return FileRefused(self.error)
        sections = [name for name in Config.__struct_fields__ if _differ(name, loaded, self.config)]
        changed = bool(sections) or self.error is not None
        self.config = loaded
        self.error = None
        cold = tuple(
            name
            for name in Config.__struct_fields__
            if name not in HOT_SECTIONS and _differ(name, loaded, self._start)
        )
        return Reloaded(loaded, cold, changed)


def _differ(section: str, one: Config, other: Config) -> bool:
    return bool(getattr(one, section) != getattr(other, section))
