"""Builds the source distribution, the wheel from it, and an environment with it."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

from tests.daemon.harness import ROOT


def build_sdist(folder: Path) -> Path:
    """The archive, of what git tracks in the checkout."""
    _build("sdist", ROOT, folder)
    [archive] = folder.glob("*.tar.gz")
    return archive


def build_wheel(sdist: Path, folder: Path) -> Path:
    """The wheel, from the source distribution alone."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    [sources] = (path for path in folder.iterdir() if path.is_dir())
    _build("wheel", sources, folder)
    [wheel] = folder.glob("*.whl")
    return wheel


def borrowing_environment(wheel: Path, folder: Path) -> Path:
    """A virtual environment with the wheel and, borrowed, this one's packages; its `bin`.

    Not the checkout: of this environment's .pth files, which name it, none is read there.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    [packages] = folder.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    # Without --ignore-installed it would take the borrowed record of the checkout for the wheel.
    options = ["--no-index", "--no-deps", "--ignore-installed", "--disable-pip-version-check"]
    subprocess.run([*pip, *options, str(wheel)], check=True)
    return python.parent


def _build(target: str, sources: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target]
    subprocess.run([*command, "--directory", folder], cwd=sources, check=True, capture_output=True)
