"""A sweep's comparison as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.sweeps.paths import SweepPaths
from landerctl.report.sweep import write_comparison
from tests.landerctl.operations.sweeps.results.sweep_samples import finished, leg, spec


@pytest.mark.parametrize("suffix", [".png", ".svg", ".html"])
def test_it_is_written_without_a_home_to_read(tmp_path: Path, suffix: str) -> None:
    """As for trials of other machines: no curves, but everything else."""
    trials, legs = finished(
        ({"ppo.desired_kl": 0.004, "run.algorithm": "ppo"}, [0.9, 0.8]),
        ({"ppo.desired_kl": 0.02, "run.algorithm": "sac"}, [0.5, 0.6]),
    )
    legs.insert(0, leg(0, {"success": 0.3}, 100_000))
    path = tmp_path / f"out{suffix}"
    write_comparison(SweepPaths(tmp_path / "kl"), spec(), trials, legs, path)
    content = path.read_bytes()
    begins = {".png": b"\x89PNG", ".svg": b"<?xml", ".html": b"<!doctype html>"}
    assert content.startswith(begins[suffix])
    if suffix == ".html":
        assert b"desired_kl=0.004" in content and b"paired t" in content


@pytest.mark.parametrize("seeds", [0, 1, 3])
def test_a_single_set_shows_its_seeds(tmp_path: Path, seeds: int) -> None:
    trials, legs = finished(({}, [0.9, 0.8, 0.7][:seeds]))
    path = tmp_path / "out.png"
    write_comparison(SweepPaths(tmp_path / "seeds"), spec(), trials, legs, path)
    assert path.stat().st_size > 1000
