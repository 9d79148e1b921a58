"""A real demo training's state folder, and a shell in which documented commands are run on it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from daemon.backup.catalog import scan
from tests.e2e.mission import PATIENCE_S, SHARED, Mission
from tests.landerctl.operator_side import SCRIPT, environment
from tests.waiting import eventually

# Programs beside landerctl that documented commands call, and that a test must not.
HARMLESS = ("mail", "poweroff", "loginctl", "systemctl")
TARGETS = """
[[backup.targets]]
name = "cloud"
url = "file://{cloud}"

[[notify.targets]]
name = "phone"
command = ["true"]
"""


@dataclass(frozen=True)
class Outcome:
    """A regular expression of the first line that a command prints, and its exit code.

    `instead`: what is run, if not the command itself: one that ends sooner or does not ask.
    """

    first_line: str
    code: int = 0
    instead: str = ""


class Sandbox:
    """A folder with a home, a copy of its backups, and the programs that documents call."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mission = Mission(folder / "state")
        self.cloud = folder / "cloud"
        self.cloud.mkdir()
        self.mission.configure(disk_threshold_gb=1e9)  # disk-low fires
        with (self.mission.paths.home / "config.toml").open("a", encoding="utf-8") as config:
            config.write(TARGETS.format(cloud=self.cloud))
        (self.mission.paths.home / "config.toml").chmod(0o600)
        programs = folder / "bin"
        programs.mkdir()
        for name in HARMLESS:
            (programs / name).write_text("#!/bin/sh\n")
            (programs / name).chmod(0o755)
        (programs / "landerctl").symlink_to(SCRIPT)
        self.words: dict[str, str] = {}

    def train(self, start: str) -> None:
        """Run the documented start; return when there are states to list, copy and go back to."""
        fault = self.fault(start, Outcome("Training in the background: run "))
        assert fault is None, fault
        self.mission.trained_past(8192)
        backups = eventually(lambda: scan(self.mission.paths.backups).whole, "a backup", PATIENCE_S)
        sent = self.cloud / self.mission.current.id / backups[0].id / "backup.json"
        eventually(sent.exists, "its copy", PATIENCE_S)
        self.mission.event("alert.firing")
        self.words = {
            "000012-600000-gate": backups[0].id,
            "20261123-004146-curriculum-ppo-1223": self.mission.current.id,
            "quiet-crater": self.mission.current.id,
            "RUN": self.mission.current.id,
            "ID": backups[0].id,
            "/mnt/stick/gate.tar": str(self.folder / "of_a_run.tar"),
            "FILE": str(self.folder / "gate.tar"),
            "/mnt/disk/landers": str(self.cloud),
            "/data/landerctl": str(self.mission.paths.home),
            "TARGET": "cloud",
            "N": "7",
        }

    def copy(self, name: str) -> Path:
        """A copy of the stopped state folder."""
        home = self.mission.paths.home.parent / name / "state"
        ignore = shutil.ignore_patterns("*.sock")
        shutil.copytree(self.mission.paths.home, home, symlinks=True, ignore=ignore)
        return home

    def faults(
        self, outcomes: Mapping[str, Outcome], home: Path | None = None, *, at_once: int = 1
    ) -> list[str]:
        """Run each command; what came of those that did not end as expected."""
        with ThreadPoolExecutor(at_once) as pool:
            pending = [pool.submit(self.fault, *one, home) for one in outcomes.items()]
            return [fault for one in pending if (fault := one.result()) is not None]

    def fault(self, command: str, expected: Outcome, home: Path | None = None) -> str | None:
        """Run a command as a shell does; None if it ended as expected."""
        line = expected.instead or command
        for word, value in self.words.items():
            line = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", value, line)
        if "| jq " in line and shutil.which("jq") is None:
            return None
        home = home or self.mission.paths.home
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        try:
            ended = self._run(line, home, path)
        except subprocess.TimeoutExpired:
            return f"{command}: does not end"
        shown = [*ended.stdout.splitlines(), *ended.stderr.splitlines(), ""]
        if ended.returncode == expected.code and re.match(expected.first_line, shown[0]):
            return None
        return f"{command}: exit code {ended.returncode}, {shown[0]!r}; {ended.stderr[-300:]!r}"

    def _run(self, line: str, home: Path, path: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=home.parent,
            env=environment(home, **(SHARED | {"PATH": path, "COLUMNS": "100"})),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
