"""An optimal descent beside the one that the reference pilot flew from the same start."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.optimum.craft import landing_at_rest
from benchmarks.optimum.flight import fly
from benchmarks.optimum.problem import Array
from benchmarks.optimum.search import optimal_descent
from benchmarks.optimum.starts import feet_heights_m, fly_pilot
from daemon.config.load import load_config
from env.physics.vehicles import VEHICLES
from landerctl.plots.style import BLUE, VERMILION, legend, new_figure, panel, save_figure, styled

VEHICLE, STAGE = "starship-hls", 5
Curves = dict[str, Array]  # distance, height, speed, time, propellant used: each (K,)


def save_picture(out: Path) -> None:
    """Write it as a PNG. Raises OSError."""
    vehicle = VEHICLES[VEHICLE]
    config = load_config(None, {"fleet": {"vehicle": VEHICLE}}).config
    flights = fly_pilot(config, vehicle, STAGE, 1)
    named = flights.starts[0]
    limit_s = config.curriculum.stages[STAGE - 1].time_limit_s
    problem = landing_at_rest(vehicle, named.start, named.axis, limit_s)
    flown = fly(problem, optimal_descent(problem))
    optimum = {
        "distance": np.linalg.norm(flown.position_m[:, :2], axis=1),
        "height": feet_heights_m(vehicle, flown.position_m),
        "speed": np.linalg.norm(flown.velocity_m_s, axis=1),
        "time": flown.time_s,
        "used": flown.mass_kg[0] - flown.mass_kg,
    }
    tracks = flights.trajectories
    track = dict(zip(tracks.columns, tracks.rows[: tracks.offsets[1]].T, strict=True))
    airborne = track["feet_down"] == 0
    share = 1.0 - track["propellant_fraction"]
    pilot = {
        "distance": np.hypot(track["x_m"], track["y_m"])[airborne],
        "height": (track["height_m"] + track["ground_height_m"])[airborne],
        "speed": np.hypot(track["descent_rate_m_s"], track["horizontal_speed_m_s"])[airborne],
        "time": track["time_s"][airborne],
        "used": (share * (named.start.mass_kg - named.start.dry_mass_kg))[airborne],
    }
    title = f"{VEHICLE}, stage {STAGE}, seed {named.seed}"
    with styled():
        save_figure(draw(optimum, pilot, title), out, "png")


def draw(optimum: Curves, pilot: Curves, title: str) -> Figure:
    """Path, speed over height, and propellant over time."""
    subtitle = "From the same start: the least propellant to land at rest, and the reference pilot."
    figure = new_figure(10.4, 4.2, title, subtitle)
    path, speed, used = figure.subplots(1, 3)
    lines = []
    for curves, colour, label in (
        (pilot, BLUE, "reference pilot"),
        (optimum, VERMILION, "optimum"),
    ):
        height_km = curves["height"] / 1e3
        lines += path.plot(curves["distance"] / 1e3, height_km, color=colour, label=label)
        speed.plot(curves["speed"], height_km, color=colour)
        used.plot(curves["time"], curves["used"] / 1e3, color=colour)
    panel(path, "Path", "horizontal distance from the pad, km", "height above the pad, km")
    panel(speed, "Speed", "speed, m/s", "height above the pad, km")
    panel(used, "Propellant used", "time, s", "propellant, t")
    legend(figure, lines, [str(line.get_label()) for line in lines])
    return figure
