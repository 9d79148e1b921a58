"""What the pilot reads out of an observation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from env.physics.vehicle import vehicle_record
from env.physics.vehicles import STARSHIP_HLS
from env.pilot.sensed import Decoder
from env.task.observation import observation_table

FOOT_OFFSET_M = float(vehicle_record(STARSHIP_HLS)[0]["foot_offset_m"])


@pytest.mark.parametrize("tilt_deg", [0.0, 8.0, -25.0])
def test_the_pad_is_seen_from_below_the_origin_whatever_the_tilt(tilt_deg: float) -> None:
    """A craft 3 m east and 1 m north of the pad, its nose leaning east: only its feet swing."""
    tilt, height = math.radians(tilt_deg), 40.0
    feet_x, feet_y = 3.0 - FOOT_OFFSET_M * math.sin(tilt), 1.0
    to_pad = np.array([-feet_x, -feet_y, -height])
    axes = np.array(
        [
            [math.cos(tilt), 0.0, math.sin(tilt)],
            [0.0, 1.0, 0.0],
            [-math.sin(tilt), 0.0, math.cos(tilt)],
        ]
    )
    names = [row.name for row in observation_table(STARSHIP_HLS)]
    row = np.zeros((1, len(names)), np.float32)
    row[0, names.index("near_height")] = height / (height + 10.0)
    row[0, names.index("pad_offset_x")] = math.asinh(feet_x)
    row[0, names.index("pad_offset_y")] = math.asinh(feet_y)
    for k, axis in enumerate("xyz"):
        row[0, names.index(f"pad_direction_body_{axis}")] = math.asinh(axes[:, k] @ to_pad)
        row[0, names.index(f"up_body_{axis}")] = axes[2, k]
    sensed = Decoder(STARSHIP_HLS).decode(row)
    assert axes @ sensed.pad_m[0] == pytest.approx([-3.0, -1.0, 0.0], abs=1e-4)
