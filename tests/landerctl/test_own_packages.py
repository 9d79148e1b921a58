"""Another package that is imported as `daemon`, `env` or `checks` is named in one line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from landerctl.own_packages import MARK, NAMES, find_shadowed
from tests.landerctl.operator_side import ROOT, landerctl

CONFIG, UNKNOWN = 78, 3


def module(folder: Path, name: str) -> Path:
    """A package of others with this name."""
    found = folder / name / "__init__.py"
    found.parent.mkdir(parents=True)
    found.write_text("raise SystemExit('imported')\n")
    return found


def test_our_own_packages_are_recognised() -> None:
    assert find_shadowed() == ""
    assert all(MARK in (ROOT / name / "__init__.py").read_bytes()[:400] for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_package_before_ours_is_named(name: str, tmp_path: Path) -> None:
    found = module(tmp_path / "others", name)
    path = str(found.parents[1])
    for verb, code in (("status", CONFIG), ("check", UNKNOWN), ("tui", CONFIG)):
        ended = landerctl(tmp_path / "home", verb, PYTHONPATH=path)
        line = f"{found}: comes before landerctl's package '{name}' on Python's path: "
        assert ended.returncode == code
        assert ended.stderr.startswith(f"landerctl: {line}rename or remove it")
        assert ended.stderr.count("\n") == 1
        said = f"LANDERCTL UNKNOWN - {line}" if verb == "check" else ""
        assert ended.stdout.startswith(said) and bool(ended.stdout) == bool(said)


def test_python_daemon_is_named_by_its_name(tmp_path: Path) -> None:
    found = module(tmp_path / "others", "daemon")
    (found.parent / "pidfile.py").touch()
    ended = landerctl(tmp_path / "home", "status", PYTHONPATH=str(found.parents[1]))
    assert "`pip uninstall python-daemon`" in ended.stderr


def test_a_package_that_has_replaced_ours_is_named(tmp_path: Path) -> None:
    """In one site-packages the files of python-daemon are written over ours."""
    for name in ("landerctl", *NAMES):
        (tmp_path / name).mkdir()
        shutil.copy(ROOT / name / "__init__.py", tmp_path / name)
    for file in ("own_packages.py", "exitcodes.py"):
        shutil.copy(ROOT / "landerctl" / file, tmp_path / "landerctl")

    def judged() -> str:
        code = "import sys; sys.path.insert(0, sys.argv[1])\n"
        code += "from landerctl.own_packages import find_shadowed; print(find_shadowed())"
        command = [sys.executable, "-I", "-S", "-c", code, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert judged() == "\n"
    replaced = tmp_path / "daemon" / "__init__.py"
    replaced.write_text('"""Library to implement a well-behaved Unix daemon process."""\n')
    assert judged().startswith(f"{replaced}: another package has replaced landerctl's package")
    replaced.unlink()  # as `pip uninstall python-daemon` does
    assert judged().startswith(f"{replaced}: landerctl's package 'daemon' is damaged: `pip install")


def test_a_script_in_the_working_folder_is_not_imported_by_what_landerctl_starts(
    tmp_path: Path,
) -> None:
    (tmp_path / "env.py").write_text("raise SystemExit('imported')\n")
    for before, code in (((), CONFIG), (("-P",), 0)):
        command = [sys.executable, *before, "-m", "landerctl", "--version"]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == code
        assert (f"{tmp_path / 'env.py'}: comes before" in ended.stderr) == bool(code)
