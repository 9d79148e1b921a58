"""The layout of a sweep's folder. No other module builds such a path itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daemon.base.paths import StatePaths


@dataclass(frozen=True)
class SweepPaths:
    """The folder of one sweep: its specification, its store, its trials."""

    folder: Path

    @property
    def id(self) -> str:
        """The sweep's name, which is its folder's name."""
        return self.folder.name

    @property
    def spec(self) -> Path:
        """The sweep as it was run: the text of its file, never changed afterwards."""
        return self.folder / "sweep.toml"

    @property
    def base(self) -> Path:
        """The base configuration as it was loaded, JSON of `Config`; what a trial must not inherit
        is left out.
        """
        return self.folder / "base.json"

    @property
    def store(self) -> Path:
        """The SQLite store of trials, legs and decisions."""
        return self.folder / "sweep.db"

    @property
    def lock(self) -> Path:
        """The kernel lock that a running coordinator holds, and its process id."""
        return self.folder / "coordinator.lock"

    @property
    def placement(self) -> Path:
        """Where its trials run: engine and address, JSON."""
        return self.folder / "placement.json"

    @property
    def sources(self) -> Path:
        """What the base configuration was read from, JSON of `Sources` without variables."""
        return self.folder / "sources.json"

    @property
    def outbox(self) -> Path:
        """Notices of the sweep that are not delivered yet, JSON."""
        return self.folder / "outbox.json"

    @property
    def log(self) -> Path:
        """The coordinator's log."""
        return self.folder / "coordinator.log"

    @property
    def tensorboard_log(self) -> Path:
        """The log of a TensorBoard over all trials."""
        return self.folder / "tensorboard.log"

    @property
    def trials(self) -> Path:
        """One state folder for each trial of the local engine."""
        return self.folder / "trials"

    def trial(self, number: int) -> StatePaths:
        """The state folder of a trial."""
        return StatePaths(self.trials / f"{number:05d}")


def sweeps_folder(paths: StatePaths) -> Path:
    """The folder of all sweeps of a state folder."""
    return paths.home / "sweeps"


def sweep_paths(paths: StatePaths, name: str) -> SweepPaths:
    """The folder of the sweep with this name."""
    return SweepPaths(sweeps_folder(paths) / name)
