"""A state folder for a trial, and the invariants that must hold after any failure."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from checks.gather import gather, with_config
from checks.registry import run_checks
from checks.verdict import Level
from daemon.backup.catalog import scan
from daemon.backup.make import make_backup
from daemon.backup.record import Backup
from daemon.backup.restoring.find_state import verify_state
from daemon.backup.verification.verify import extract_checkpoint, verify_backup
from daemon.base.failpoint import VARIABLE
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import DamagedCheckpointError, verify
from daemon.runs.run_folder import set_current
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from tests.daemon.harness import ROOT, Home, save_checkpoint

DAY_S = 86_400.0
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Ended:
    """A process's exit code (negative: signal) and output."""

    code: int
    text: str


@dataclass
class World:
    """A state folder with a current run; `home` starts supervisors with a fake trainer."""

    home: Home
    # Backups and checkpoints that existed before and must not be lost.
    must_survive: list[Path] = field(default_factory=list)
    # Runs that must be whole or gone: the files of each.
    whole_or_gone: dict[Path, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path) -> World:
        """A new world in an empty folder with a short path."""
        home = Home(folder / "home")
        set_current(home.paths, home.run.id)
        writer = StoreWriter.open(home.paths.store)
        writer.put_run(RunRecord(home.run.id, time.time(), "curriculum", "ppo", 1))
        writer.close()
        return cls(home)

    @property
    def paths(self) -> StatePaths:
        """The state folder's."""
        return self.home.paths

    @property
    def run(self) -> RunPaths:
        """The current run's."""
        return self.home.run

    def back_up(self, *, age_days: float = 0.0) -> Backup:
        """A new checkpoint and its backup."""
        created_s = time.time() - age_days * DAY_S
        checkpoint = save_checkpoint(self.run, kind="gate")
        return make_backup(
            self.paths, self.run, checkpoint.id, self.paths.backups, created_s=created_s
        )

    def folder(self, backup: Backup) -> Path:
        """A backup's folder."""
        return self.paths.backups / backup.run_id / backup.id

    def landerctl(
        self, arguments: Iterable[str], failpoint: str | None, program: str = "landerctl"
    ) -> Ended:
        """Run a command; `failpoint` is `<name>:<action>`."""
        ended = subprocess.run(
            [sys.executable, "-m", program, *arguments],
            cwd=ROOT,
            env=environment(failpoint) | {"LANDERCTL_HOME": str(self.paths.home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Ended(ended.returncode, f"{ended.stdout}{ended.stderr}")

    def faults(self) -> list[str]:
        """Violated invariants: damaged visible data, missing must_survive folders."""
        found = [f"{path} is missing" for path in self.must_survive if not path.is_dir()]
        found += [
            f"{folder} is half removed"
            for folder, files in self.whole_or_gone.items()
            if folder.exists() and not files <= files_of(folder)
        ]
        listing = scan(self.paths.backups)
        found += [f"visible and damaged: {text}" for _, text in listing.damaged]
        checkpoints = list_checkpoints(self.run.checkpoints)
        found += [f"visible and damaged: {text}" for _, text in checkpoints.damaged]
        for backup in listing.whole:
            try:
                verify_backup(self.folder(backup))
                if backup.checkpoint is not None:
                    with tempfile.TemporaryDirectory() as into:
                        state = verify_state(self.folder(backup))
                        extract_checkpoint(state.manifest, state.folder, Path(into))
            except DamagedCheckpointError as error:
                found.append(f"cannot be restored: {error}")
        for manifest in checkpoints.whole:
            try:
                verify(self.run.checkpoints / manifest.id)
            except DamagedCheckpointError as error:
                found.append(str(error))
        return found

    def leftovers(self) -> str:
        """The finding of `landerctl check leftovers`; empty if there is none."""
        evidence = with_config(gather(self.paths, time.time()), self.paths, [self.home.config], {})
        [verdict] = run_checks(evidence, ["leftovers"])
        return "" if verdict.level is Level.OK else verdict.text


def files_of(folder: Path) -> frozenset[str]:
    """The names of all files below a folder."""
    return frozenset(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def environment(failpoint: str | None) -> dict[str, str]:
    """This process's environment, with the failpoint armed or without one."""
    kept = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return kept | ({VARIABLE: failpoint} if failpoint else {})
