"""The wheel, made of the source distribution, works outside the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.daemon.harness import ROOT
from tests.packaging.wheel import borrowing_environment, build_sdist, build_wheel
from tests.waiting import eventually

PACKAGES = ("landerctl", "checks", "daemon", "env")
PLACED_ELSEWHERE = {
    "config.toml": "daemon/default_config.toml",
    "constraints.txt": "checks/preflight/constraints.txt",
}
STARTED_S = 240.0  # of seconds, on a busy machine


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    return build_wheel(build_sdist(folder), folder)


@dataclass(frozen=True)
class Installed:
    """The wheel in an environment, and a user with an empty home in a folder of their own."""

    bin: Path
    user: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        variables = {
            "HOME": str(self.user),
            "PATH": f"{self.bin}{os.pathsep}{os.defpath}",
            "LANG": "C.UTF-8",
        }
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            env=variables,
            cwd=self.user,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120.0,
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    environment = borrowing_environment(wheel, tmp_path_factory.mktemp("environment"))
    found = Installed(environment, tmp_path_factory.mktemp("user"))
    yield found
    found.run("landerctl", "stop", "--force")


def tracked(*folders: str) -> set[str]:
    command = ["git", "ls-files", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(listed.stdout.splitlines())


def test_the_wheel_holds_the_packages_and_what_they_read(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    [data] = {name.partition("/")[0] for name in names if ".data/" in name}
    placed = {f"{data}/data/{name}" for name in tracked("share")}
    expected = tracked(*PACKAGES) | set(PLACED_ELSEWHERE.values()) | placed
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    with zipfile.ZipFile(wheel) as archive:
        for source, name in PLACED_ELSEWHERE.items():
            assert archive.read(name) == (ROOT / source).read_bytes()


def test_a_daemon_of_the_wheel_starts_is_checked_and_stops(installed: Installed) -> None:
    code = "import landerctl, checks, daemon; print(landerctl, checks, daemon)"
    assert installed.run("python", "-P", "-c", code).stdout.count(str(installed.bin.parent)) == 3
    assert installed.run("landerctl", "--version").stdout.startswith("landerctl ")
    start = ("start", "--mode", "demo", "--n-envs", "2", "--no-wait")
    started = installed.run("landerctl", *start, "--set", "tensorboard.enabled=false")
    assert started.returncode == 0, started.stderr

    def trainer_begins() -> bool:
        """It has imported what it needs; on a new machine it then compiles for a minute."""
        shown = json.loads(installed.run("landerctl", "status", "--json").stdout)
        startup = shown["status"]["trainer"]["startup"]
        return bool(startup and startup["over"])

    eventually(trainer_begins, "the trainer gets beyond its imports", STARTED_S)
    assert installed.run("landerctl", "check", "daemon", "trainer", "store").returncode == 0
    stopped = installed.run("landerctl", "stop")
    assert stopped.returncode == 0, stopped.stderr


def test_the_environment_of_the_wheel_is_registered(installed: Installed) -> None:
    code = (
        "import env, gymnasium\n"
        "spec = gymnasium.spec('landerctl/LunarLander-v0')\n"
        "print(env.__file__, spec.vector_entry_point)"
    )
    ended = installed.run("python", "-P", "-c", code)
    assert ended.stdout.startswith(f"{installed.bin.parent}/"), ended.stderr
    assert ended.stdout.endswith(" env.vector:LunarLanders\n")


def test_the_manual_page_is_found_beside_the_program(installed: Installed) -> None:
    share = installed.bin.parent / "share"
    assert {str(path.relative_to(share.parent)) for path in share.rglob("*") if path.is_file()} == (
        tracked("share")
    )


def test_type_checkers_see_the_types_of_the_wheel(installed: Installed, tmp_path: Path) -> None:
    client = shutil.copy(ROOT / "tests" / "packaging" / "typed_client.py", tmp_path)
    python = str(installed.bin / "python")
    options = ("--strict", "--python-executable", python, "--cache-dir", str(tmp_path / "cache"))
    checkers = (
        (sys.executable, "-P", "-m", "mypy", *options, "--ignore-missing-imports"),
        (sys.executable, "-P", "-m", "pyright", "--pythonpath", python),
    )
    for checker in checkers:
        command = [*checker, str(client)]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
