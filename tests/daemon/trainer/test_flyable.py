"""Settings that cannot be flown are named before anything is created."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from daemon.config import load_config
from daemon.trainer.flyable import check_config
from daemon.trainer.health.errors import UnusableConfigError


def fault(overrides: Mapping[str, Any]) -> str:
    with pytest.raises(UnusableConfigError) as caught:
        check_config(load_config(None, overrides).config)
    return str(caught.value)


def test_the_default_settings_can_be_flown() -> None:
    check_config(load_config(None).config)


@pytest.mark.parametrize(
    ("heights", "what"),
    [
        (np.full((4, 4), np.nan), "16 of 16 heights are not finite"),
        (np.zeros((1, 9)), "is 1 x 9, at least 2 x 2"),
        (np.zeros((3, 3, 3)), "has 3 dimensions"),
        (np.zeros((3, 3), complex), "holds complex128"),
    ],
)
def test_heights_that_are_none(tmp_path: Path, heights: npt.NDArray[Any], what: str) -> None:
    file = tmp_path / "map.npy"
    np.save(file, heights)
    said = fault({"terrain": {"height_map": str(file), "cell_m": 10.0}})
    assert said.startswith(f"terrain.height_map: {file}: {what}")


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("map.npy", None, "cannot be read: "),
        ("map.npy", b"no array", "cannot be read: "),
        ("map.npy", b"", "cannot be read: "),
        ("map.tif", None, "cannot be read: "),
        ("map.tif", b"no picture", "cannot be read: "),
        ("map.png", b"", "not .npy, .tif or .tiff"),
    ],
)
def test_files_that_are_no_height_map(
    tmp_path: Path, name: str, content: bytes | None, what: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    said = fault({"terrain": {"height_map": str(file), "cell_m": 10.0}})
    assert said.startswith(f"terrain.height_map: {file}: {what}")
    assert "\n" not in said


def test_a_pipe_is_no_height_map(tmp_path: Path) -> None:
    for name in ("map.npy", "map.tif"):
        os.mkfifo(tmp_path / name)
        said = fault({"terrain": {"height_map": str(tmp_path / name), "cell_m": 10.0}})
        assert said == f"terrain.height_map: {tmp_path / name}: is not a file"


def test_an_unknown_vehicle_and_device() -> None:
    said = fault({"fleet": {"vehicle": "eagle"}})
    assert said == "fleet.vehicle = 'eagle': expected one of starship-hls, apollo-lm"
    assert fault({"run": {"device": "gpu"}}).startswith("run.device = 'gpu': torch cannot use it: ")


def test_a_stage_that_the_vehicle_cannot_fly() -> None:
    said = fault({"fleet": {"vehicle": "apollo-lm"}, "curriculum": {"stages": _thirsty()}})
    assert said.startswith("stage 'touchdown': delta_v_m_s reaches 1e+06, but the tanks of apollo")


def _thirsty() -> list[dict[str, Any]]:
    stage = load_config(None).config.curriculum.stages[0]
    values = {name: getattr(stage, name) for name in stage.__struct_fields__}
    return [values | {"delta_v_m_s": [1.0, 1e6]}]
