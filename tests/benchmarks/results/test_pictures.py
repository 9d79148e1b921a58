"""The pictures are drawn from records alone, each only where its records exist."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.results.curve import TrainingCurve
from benchmarks.results.flights import Descent
from benchmarks.results.optima import Optima
from benchmarks.results.pages import drawing
from benchmarks.results.records import Recorded, VehicleRecords
from tests.benchmarks.results.samples import PROVENANCE, flights, run_result

CURVE = TrainingCurve(
    timesteps=[100_000, 200_000, 300_000],
    trained_s=[10.0, 20.0, 30.0],
    success=[0.1, None, 0.5],
    reward=[-100.0, None, 500.0],
    difficulty=[1.0, 1.25, 1.25],
)
DESCENT = Descent(
    time_s=[0.0, 10.0],
    distance_m=[1000.0, 0.0],
    height_m=[2000.0, 0.0],
    speed_m_s=[100.0, 1.0],
    used=[0.0, 0.5],
)
OPTIMA = Optima(
    vehicle="starship-hls",
    stage=5,
    first_seed=500,
    environment=PROVENANCE.environment,
    propellant_kg=[100.0],
    at_rest_kg=[40.0],
    least_kg=[39.0],
    descents=[DESCENT],
)


def test_each_picture_is_drawn_where_its_records_exist(tmp_path: Path) -> None:
    flown = msgspec.structs.replace(flights(("landed",) * 5 + ("crashed",)), descents=[DESCENT])
    run = run_result("ppo-seed1", 1)
    nothing = VehicleRecords("starship-hls", [Recorded(run, None, None, None)], None, None)
    whole = VehicleRecords("starship-hls", [Recorded(run, CURVE, flown, None)], flown, OPTIMA)
    for draw in (drawing.training, drawing.touchdowns, drawing.descents):
        out = tmp_path / f"{draw.__name__}.png"
        assert not draw(nothing, out)
        assert not out.exists()
        assert draw(whole, out)
        assert out.read_bytes().startswith(b"\x89PNG")
