"""Vehicles of files: the same numbers give the same craft, and every fault is named at once."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from daemon.config import load_config
from daemon.trainer.flyable import start_conditions
from env.physics.vehicles import APOLLO_LM, VEHICLES, VehicleFileError, load_vehicle, vehicle_of
from env.task.flyable import check_flyable

SCOUT = Path(__file__).parents[3] / "examples/plugin/landerctl_example/data/scout.toml"


def content(**changes: Any) -> dict[str, Any]:
    """The numbers of a vehicle as a file has them."""
    numbers = {key: value for key, value in asdict(APOLLO_LM).items() if key != "name"}
    numbers["braking"] = APOLLO_LM.braking._asdict()
    return {**numbers, **changes}


@pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=list(VEHICLES))
def test_ours_are_valid_as_files(vehicle: Any, tmp_path: Path) -> None:
    numbers = {key: value for key, value in asdict(vehicle).items() if key != "name"}
    file = tmp_path / f"{vehicle.name}.json"
    file.write_text(json.dumps({**numbers, "braking": vehicle.braking._asdict()}))
    assert load_vehicle(file) == vehicle


def test_the_example_can_fly_every_stage() -> None:
    scout = load_vehicle(SCOUT)
    assert scout.name == "scout"
    for stage in load_config(None).config.curriculum.stages:
        check_flyable(start_conditions(stage), scout)


def test_every_fault_is_named() -> None:
    numbers = content(engine_isp_s=-1, n_engines=9, rcs_arm_m=[1.0], braking={"near_m_s2": 1})
    numbers["dry_mas_kg"] = numbers.pop("dry_mass_kg")
    with pytest.raises(VehicleFileError) as caught:
        vehicle_of("hopper", numbers)
    assert str(caught.value).split("; ") == [
        "unknown key dry_mas_kg",
        "did you mean dry_mass_kg?",
        "dry_mass_kg is missing",
        "n_engines = 9: expected at most 3",
        "engine_isp_s = -1: expected above 0",
        "rcs_arm_m: expected a list of three numbers",
        "braking: expected a table with near_altitude_m, near_m_s2, far_m_s2",
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"hub_inertia_kg_m2": [1.0, 1.0, 9.0]}, "no moment of inertia"),
        ({"foot_station_m": 0.0}, "the feet below the hull"),
        ({"engine_thrust_n": 9_000.0}, "the engines brake an empty craft by at most 0.00 m/s2"),
        ({"engine_minimum_throttle": 1.5}, "expected at most 1"),
        ({"n_landing_thrusters": 2}, "as there are landing thrusters"),
        ({"n_engines": 1.5}, "expected an integer"),
        ({"height_m": True}, "expected a number"),
        ({"height_m": float("nan")}, "expected a number"),
    ],
)
def test_numbers_of_no_craft(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(VehicleFileError, match=fault):
        vehicle_of("hopper", content(**changes))


def test_a_file_that_is_not_toml(tmp_path: Path) -> None:
    file = tmp_path / "hopper.toml"
    file.write_text("[[")
    with pytest.raises(VehicleFileError, match=r"hopper\.toml"):
        load_vehicle(file)
