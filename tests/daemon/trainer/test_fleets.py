"""Fleets are built as configured, or refused with one line."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from daemon.config import Config, load_config
from daemon.trainer.fleets import build_fleet
from daemon.trainer.health.errors import UnusableConfigError
from env.physics.vehicles import APOLLO_LM
from env.task.observation import observation_table


def configure(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path).config


def test_another_vehicle_is_selected_by_name(tmp_path: Path) -> None:
    config = configure(tmp_path, '[fleet]\nvehicle = "apollo-lm"\n')
    for stage in config.curriculum.stages:
        fleet = build_fleet(config, stage, 2)
        assert fleet.action_space.shape == (APOLLO_LM.n_actions,)
        assert fleet.reset().shape == (2, len(observation_table(APOLLO_LM)))
        fleet.step(np.zeros((2, APOLLO_LM.n_actions), np.float32))
        fleet.close()


def test_an_unknown_vehicle_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    config = configure(tmp_path, '[fleet]\nvehicle = "soyuz"\n')
    with pytest.raises(UnusableConfigError, match=r"'soyuz'.*starship-hls, apollo-lm"):
        build_fleet(config, config.curriculum.stages[0], 1)


def test_more_delta_v_than_the_tanks_hold_is_refused_with_the_stage(tmp_path: Path) -> None:
    config = configure(tmp_path, '[fleet]\nvehicle = "apollo-lm"\n')
    thirsty = msgspec.structs.replace(config.curriculum.stages[0], delta_v_m_s=(100.0, 9_000.0))
    with pytest.raises(UnusableConfigError, match=r"'touchdown'.*reaches 9000.*hold.*2405 m/s"):
        build_fleet(config, thirsty, 1)


def test_the_user_s_height_map_is_used(tmp_path: Path) -> None:
    """With a map that rises by 2%, the ground around the pad rises by 2%."""
    cell_m, cells = 50.0, 401
    np.save(tmp_path / "site.npy", np.outer(np.ones(cells), cell_m * np.arange(cells)) * 0.02)
    text = '[terrain]\nheight_map = "site.npy"\ncell_m = 50.0\nlocal_relief = 0.0\n'
    config = configure(tmp_path, text)
    stage = msgspec.structs.replace(config.curriculum.stages[4], ground_slope_deg=(0.0, 0.0))
    fleet = build_fleet(config, stage, 1)
    fleet.reset()
    profiles = [
        fleet.ground_profile(0, bearing_rad=bearing, reach_m=100.0, points=21)
        for bearing in np.linspace(0.0, np.pi, 8, endpoint=False)
    ]
    rises = [
        (profile.height_m[-1] - profile.height_m[0])
        / (profile.distance_m[-1] - profile.distance_m[0])
        for profile in profiles
    ]
    # the map is rotated: over all bearings the squared slopes average to half of it
    assert np.mean(np.square(rises)) == pytest.approx(0.02**2 / 2, rel=1e-3)
    fleet.close()


def test_an_unusable_map_is_named(tmp_path: Path) -> None:
    (tmp_path / "site.npy").write_bytes(b"not an array")
    config = configure(tmp_path, '[terrain]\nheight_map = "site.npy"\ncell_m = 1.0\n')
    with pytest.raises(UnusableConfigError, match=r"terrain.height_map: .*site\.npy: cannot be"):
        build_fleet(config, config.curriculum.stages[0], 1)


def test_without_noise_sensors_give_the_true_values(tmp_path: Path) -> None:
    config = configure(tmp_path, "[sensors]\nnoise = 0.0\n")
    fleet = build_fleet(config, config.curriculum.stages[0], 1)
    fleet.reset()
    truth = fleet.telemetry(0)
    reading = fleet._buffers.reading[0]
    assert reading["height_m"] == pytest.approx(truth.altitude_m, abs=1e-6)
    assert reading["pad_offset_m"] == pytest.approx([truth.x_m, truth.y_m], abs=1e-9)
    fleet.close()
