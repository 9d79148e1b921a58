"""The layout of a state folder. No other module builds such a path itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from daemon.base.user import NoFolderError, expand_home, home_folder


@dataclass(frozen=True)
class RunPaths:
    """The folder of one run."""

    folder: Path

    @property
    def id(self) -> str:
        """The run's id, which is its folder's name."""
        return self.folder.name

    @property
    def config(self) -> Path:
        """The frozen configuration, JSON of `Config`."""
        return self.folder / "config.json"

    @property
    def metadata(self) -> Path:
        """JSON of `RunMetadata`: name, tags, where the run comes from."""
        return self.folder / "run.json"

    @property
    def curves(self) -> Path:
        """JSON of `RunCurves`: thinned series, kept as long as the run."""
        return self.folder / "curves.json"

    @property
    def notes(self) -> Path:
        """Production notes, written by people."""
        return self.folder / "notes.md"

    @property
    def log(self) -> Path:
        """The trainer's standard output and error."""
        return self.folder / "trainer.log"

    @property
    def lease(self) -> Path:
        """The kernel lock that a running trainer of this run holds, and its process id."""
        return self.folder / "trainer.lock"

    @property
    def checkpoints(self) -> Path:
        """One folder per checkpoint, committed by its manifest."""
        return self.folder / "checkpoints"

    @property
    def tensorboard(self) -> Path:
        """TensorBoard event files."""
        return self.folder / "tensorboard"

    @property
    def tensorboard_log(self) -> Path:
        """The TensorBoard server's standard output and error."""
        return self.folder / "tensorboard.log"

    @property
    def evaluations(self) -> Path:
        """Results and trajectories: :mod:`daemon.runs.evaluations`."""
        return self.folder / "evaluations"

    @property
    def dispersed(self) -> Path:
        """Results of dispersed evaluations: :mod:`daemon.runs.dispersion.record`."""
        return self.folder / "dispersed"

    @property
    def tracking(self) -> Path:
        """JSON of `Cursor`: what of the run was sent to a tracking server."""
        return self.folder / "tracking.json"

    @property
    def plots(self) -> Path:
        """Plots, unless `landerctl plot --out` names another place."""
        return self.folder / "plots"


@dataclass(frozen=True)
class StatePaths:
    """A state folder: one daemon, its store, its runs, its backups."""

    home: Path

    @property
    def lock(self) -> Path:
        """The kernel lock that a running supervisor holds."""
        return self.home / "daemon.lock"

    @property
    def identity(self) -> Path:
        """JSON of `DaemonIdentity`: the current or last holder of the lock."""
        return self.home / "daemon.json"

    @property
    def clock(self) -> Path:
        """JSON of `ClockRecord`: whether the wall clock can be trusted."""
        return self.home / "clock.json"

    @property
    def socket(self) -> Path:
        """The control socket."""
        return self.home / "control.sock"

    @property
    def store(self) -> Path:
        """The SQLite store."""
        return self.home / "store.db"

    @property
    def log(self) -> Path:
        """The supervisor's log."""
        return self.home / "supervisor.log"

    @property
    def tensorboard_lease(self) -> Path:
        """The kernel lock that a running TensorBoard server holds, and its process id."""
        return self.home / "tensorboard.lock"

    @property
    def tracking_lock(self) -> Path:
        """The kernel lock of the process that sends runs to a tracking server."""
        return self.home / "tracking.lock"

    @property
    def current(self) -> Path:
        """The id of the current run."""
        return self.home / "current"

    @property
    def incidents(self) -> Path:
        """A readable log of rollbacks: what, when and why."""
        return self.home / "incidents.md"

    @property
    def rollback(self) -> Path:
        """The journal of the last rollback."""
        return self.home / "rollback.json"

    @property
    def ledger(self) -> Path:
        """What the checklist's evidence is: JSON lines, each with the digest of the one before."""
        return self.home / "ledger.jsonl"

    @property
    def drills(self) -> Path:
        """Scratch copies of running drills, one folder each."""
        return self.home / "drills"

    @property
    def screen(self) -> Path:
        """What the operator's screen remembers: the series of its plots."""
        return self.home / "screen.json"

    @property
    def operator_log(self) -> Path:
        """Tracebacks of the operator's commands."""
        return self.home / "landerctl.log"

    @property
    def web_address(self) -> Path:
        """The address of `landerctl web` with its token, where no terminal shows it."""
        return self.home / "web-address"

    @property
    def runs(self) -> Path:
        """One folder per run."""
        return self.home / "runs"

    @property
    def runs_lock(self) -> Path:
        """The kernel lock of who creates, edits or removes a run."""
        return self.home / "runs.lock"

    @property
    def backups(self) -> Path:
        """Backups, unless backup.directory names another folder."""
        return self.home / "backups"

    def run(self, run_id: str) -> RunPaths:
        """The folder of the run with this id."""
        return RunPaths(self.runs / run_id)


def state_paths(explicit: Path | None, environ: Mapping[str, str]) -> StatePaths:
    """The state folder: --home, LANDERCTL_HOME, XDG_STATE_HOME, else ~/.local/state/landerctl.

    Raises NoFolderError.
    """
    named = explicit or (Path(path) if (path := environ.get("LANDERCTL_HOME")) else None)
    if named is not None:
        home = absolute_path(named)
    else:
        folder = xdg_folder("XDG_STATE_HOME", ".local/state", environ)
        if folder is None:
            raise NoFolderError(
                f"user id {os.getuid()} has no home folder: HOME is not set and the user database "
                "has no entry; name a state folder (--home FOLDER or LANDERCTL_HOME)"
            )
        home = folder / "landerctl"
    if not is_utf8(str(home)):
        raise NoFolderError(
            f"state folder {str(home)!r}: its name is not UTF-8 text; rename it, or choose another "
            "with --home"
        )
    return StatePaths(home)


def is_utf8(name: str) -> bool:
    """Whether a path or argument, as the system passed it, is UTF-8 in any locale."""
    try:
        os.fsencode(name).decode()
    except UnicodeError:
        return False
    return True


def absolute_path(path: Path) -> Path:
    """The path from the root, with ~ expanded. Raises NoFolderError."""
    try:
        return expand_home(path).absolute()
    except FileNotFoundError:
        raise NoFolderError(
            f"{path}: the current folder no longer exists; change to another, or write the whole "
            "path"
        ) from None


def xdg_folder(variable: str, fallback: str, environ: Mapping[str, str]) -> Path | None:
    """A base folder by the XDG specification, which requires relative ones to be ignored.

    None if it would be in a home folder and the user has none.
    """
    named = Path(environ.get(variable, ""))
    if named.is_absolute():
        return named
    home = home_folder(environ)
    return home / fallback if home else None
