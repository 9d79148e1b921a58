"""How an installation is shown, and that an interrupted one continues."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from install import Installation, forget_unfinished

ROOT = Path(__file__).parents[1]
SAID_BY_PIP = """\
Obtaining file:///landerctl
Collecting bsk<3,>=2.12.1 (from landerctl==0.1.0)
  Downloading bsk-2.12.1-cp39-abi3-manylinux_2_28_x86_64.whl.metadata (3.5 kB)
  Downloading bsk-2.12.1-cp39-abi3-manylinux_2_28_x86_64.whl (73.1 MB)
     ━━━━━━━━━━━━━━━ 73.1/73.1 MB 75.8 MB/s eta 0:00:00
Collecting tensorboard_data_server (from landerctl==0.1.0)
  Using cached tensorboard_data_server-0.7.2-py3-none-manylinux_2_31_x86_64.whl (6.6 MB)
Processing /wheels/torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl (from landerctl==0.1.0)
Collecting llvmlite<0.51 (from numba>=0.63->landerctl==0.1.0)
  Downloading llvmlite-0.50.0-cp311-cp311-manylinux2014_x86_64.whl (59.7 MB)
     ━━━━━━━━━━━━━━━ 500.0/59700.0 kB 75.8 MB/s eta 0:00:07
     ━━━━━━━━━━━━━━━ 20.5/59.7 MB 75.8 MB/s eta 0:00:01
"""


def test_pips_output_becomes_one_line() -> None:
    state = Installation()
    assert state.text(0) == "looking up the packages"
    began = [line for line in SAID_BY_PIP.splitlines() if state.read(line)]
    assert len(began) == 4
    assert state.text(0) == "4 of about 80 packages, 94 MB: llvmlite 20 of 60 MB"
    assert state.read("Installing collected packages: sgp4, torch, bsk")
    assert state.text(2) == "installing 2 of 3 packages"
    assert state.text(9) == "installing 3 of 3 packages"


def test_packages_cut_short_are_installed_again(tmp_path: Path) -> None:
    whole, cut = tmp_path / "torch-2.13.0.dist-info", tmp_path / "bsk-2.12.1.dist-info"
    for record in (whole, cut):
        record.mkdir()
        (record / "METADATA").touch()
    (whole / "INSTALLER").touch()
    forget_unfinished(tmp_path)
    assert list(tmp_path.iterdir()) == [whole]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A package without dependencies, installed by the same script and make rules."""
    folder = tmp_path / "checkout"
    (folder / "small").mkdir(parents=True)
    (folder / "small" / "__init__.py").touch()
    (folder / "constraints.txt").touch()
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "small"\nversion = "1"\n'
    )
    (folder / "backend.py").write_text(BACKEND)
    for name in ("install.py", "Makefile"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


# The smallest build backend: no download is needed.
BACKEND = """
import base64, hashlib, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "small-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        info = "small-1.dist-info"
        wheel.writestr("small.pth", "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""


def make(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Have make set up the virtual environment."""
    # As from a shell, also where make runs these tests.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", f"PYTHON={sys.executable}", ".venv/run.stamp"],
        cwd=checkout,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_continues_where_it_was_interrupted(checkout: Path) -> None:
    # What a kill of `python -m venv` leaves: an interpreter without pip.
    command = [sys.executable, "-m", "venv", "--without-pip", str(checkout / ".venv")]
    subprocess.run(command, check=True)
    backend = (checkout / "backend.py").read_text()
    (checkout / "backend.py").write_text("raise RuntimeError('no such wheel')")
    failed = make(checkout)
    assert failed.returncode != 0
    assert "no such wheel" in failed.stderr
    assert "install.log" in failed.stderr
    (checkout / "backend.py").write_text(backend)
    made = make(checkout)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "450 MB to download" in made.stdout
    assert list(checkout.glob(".venv/lib/python3*/site-packages/small-1.dist-info/INSTALLER"))
    assert make(checkout).stdout.strip().endswith("is up to date.")
