"""Reloading the configuration of a running daemon: which changes apply when."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from daemon.base.paths import StatePaths
from daemon.config import Config, ConfigError, LoadedConfig, load_sources, sections
from daemon.config.load import LeftOutRule
from daemon.config.read import is_there
from daemon.supervisor.alerting.metric_check import check_metrics
from daemon.supervisor.alerting.target_check import check_targets


@dataclass(frozen=True)
class Reloaded:
    """The files are valid. Some sections that differ from the start apply only later."""

    loaded: LoadedConfig
    changed: bool  # since the last read
    from_next_start: tuple[str, ...]
    for_new_runs: tuple[str, ...]
    left_out: tuple[LeftOutRule, ...] = ()  # of plugins, by this change: their stage is no more

    @property
    def config(self) -> Config:
        """The configuration itself."""
        return self.loaded.config

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
    """A file has an error; the previous settings are kept."""

    error: str


class HotConfig:
    """The current settings, and what they came from: variables and options stay as they were.

    Without a file, one that appears in the state folder is read.
    """

    def __init__(self, loaded: LoadedConfig, paths: StatePaths) -> None:
        self.config = loaded.config
        self.watched = tuple(map(Path, loaded.sources.files)) or (paths.home / "config.toml",)
        self.error: str | None = None
        self.sources = loaded.sources
        self._start = loaded.config
        self._left_out = loaded.left_out

    def reload(self) -> Reloaded | FileRefused:
        """Read the files again. Only its hot sections apply before the next start.

        Takes seconds where targets of [notify] have changed.
        """
        there = bool(self.sources.files) or is_there(self.watched[0])
        files = tuple(map(str, self.watched)) if there else ()
        try:
            new = load_sources(msgspec.structs.replace(self.sources, files=files))
            loaded = new.config
            check_metrics(new)
            if self.error is not None or loaded.notify.targets != self.config.notify.targets:
                check_targets(new)
        except ConfigError as error:
            self.error = str(error)
            return FileRefused(self.error)
        changed = loaded != self.config or self.error is not None
        left_out = tuple(one for one in new.left_out if one not in self._left_out)
        self.config, self.sources, self._left_out = loaded, new.sources, new.left_out
        self.error = None
        differing = [
            name
            for name in Config.__struct_fields__
            if getattr(loaded, name) != getattr(self._start, name) and name not in sections.HOT
        ]
        return Reloaded(
            new,
            changed,
            from_next_start=tuple(name for name in differing if name not in sections.FROZEN),
            for_new_runs=tuple(name for name in differing if name in sections.FROZEN),
            left_out=left_out,
        )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"[{name}]" for name in names)
