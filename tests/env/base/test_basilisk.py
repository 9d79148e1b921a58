"""The error message without a usable Basilisk."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from env.base.basilisk import require_basilisk

ROOT = Path(__file__).parents[3]


def _missing(name: str) -> str:
    raise PackageNotFoundError(name)


def test_a_missing_basilisk_is_reported_with_the_command_to_install_it() -> None:
    with pytest.raises(ImportError, match=r"not installed.*pip install 'bsk>=2\.12'"):
        require_basilisk(_missing)


@pytest.mark.parametrize("found", ["2.8.0", "2.3", "1.99.1"])
def test_an_old_basilisk_is_refused_with_both_versions(found: str) -> None:
    with pytest.raises(ImportError, match=rf"{found} is too old, landerctl needs 2\.12"):
        require_basilisk(lambda _: found)


@pytest.mark.parametrize("found", ["2.12", "2.12.1", "2.20.0", "3.0.0rc1"])
def test_a_newer_basilisk_is_accepted(found: str) -> None:
    require_basilisk(lambda _: found)


def test_flying_prints_nothing_to_stdout() -> None:
    """Neither Basilisk's C++ nor the compiler prints: the output stays machine-readable."""
    program = (
        "from env.fleet import FleetSettings, LanderFleet\n"
        "fleet = LanderFleet(FleetSettings(n_envs=2))\n"
        "fleet.reset()\n"
        "for _ in range(150):\n"
        "    fleet.step(fleet.action_space.sample()[None].repeat(2, 0))\n"
        "fleet.close()\n"
    )
    flown = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert flown.stdout == b""
