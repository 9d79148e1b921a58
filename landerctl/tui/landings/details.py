"""Everything that is recorded of one flight or failed episode, as title and lines. Pure."""

from __future__ import annotations

import time

from textual.content import Content

from checks.wording import number
from daemon.runs.evaluations import EvaluationResult
from daemon.store.episodes import StoredEpisode
from landerctl.flight.summary import fly_arguments
from landerctl.operations.states.find_checkpoint import NEWEST
from landerctl.program import program
from landerctl.tui.landings.figures import share
from landerctl.tui.landings.records import Flight, words

LABEL_CELLS = 22
_DIM = "$foreground-muted"


def flight_details(
    flight: Flight, result: EvaluationResult, pilot: str
) -> tuple[str, list[Content]]:
    """Of a flight of an evaluation. `pilot`: the state that can fly it again."""
    rows = [
        ("evaluated", result.pilot),
        ("stage", f"{result.stage} {result.stage_name}"),
        ("vehicle", result.vehicle),
        ("seed", str(flight.seed)),
        ("reward", number(flight.reward, 1)),
        ("flown", f"{flight.flown_s:.1f} s"),
        ("miss", f"{flight.miss_m:,.2f} m: x {flight.x_m:,.2f} m, y {flight.y_m:,.2f} m"),
        ("touchdown speed", _with_unit(flight.touchdown_speed_m_s, 2, "m/s")),
        ("touchdown tilt", _with_unit(flight.touchdown_tilt_deg, 1, "°")),
        ("propellant left", _share(flight.propellant_left)),
    ]
    again = fly_arguments(pilot, float(result.stage), flight.seed)
    return words(flight.outcome).capitalize(), _lines(rows, again)


def episode_details(one: StoredEpisode) -> tuple[str, list[Content]]:
    """Of a training episode that failed."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one.time_s))
    rows = [
        ("time", when),
        ("stage", str(one.stage)),
        ("difficulty", f"{one.difficulty:.4g}"),
        ("at timestep", number(one.timesteps)),
        ("seed", str(one.seed)),
        ("flown", f"{one.flown_s:.1f} s, {number(one.steps)} steps"),
        ("x from the pad", _with_unit(one.x_m, 2, "m")),
        ("y from the pad", _with_unit(one.y_m, 2, "m")),
        ("altitude", _with_unit(one.altitude_m, 2, "m")),
        ("descent rate", _with_unit(one.descent_rate_m_s, 2, "m/s")),
        ("horizontal speed", _with_unit(one.horizontal_speed_m_s, 2, "m/s")),
        ("tilt", _with_unit(one.tilt_deg, 1, "°")),
        ("spin", _with_unit(one.spin_deg_s, 1, "°/s")),
        ("touchdown speed", _with_unit(one.touchdown_speed_m_s, 2, "m/s")),
        ("propellant left", _share(one.fuel_fraction)),
    ]
    again = fly_arguments(NEWEST, one.difficulty, one.seed)
    return words(one.cause).capitalize(), _lines(rows, again)


def _lines(rows: list[tuple[str, str]], again: list[str]) -> list[Content]:
    lines = [Content.assemble((f"{name:<{LABEL_CELLS}}", _DIM), text) for name, text in rows]
    command = " ".join([program(), *again])
    return [*lines, Content(), Content.styled(f"Again: {command}", _DIM)]


def _with_unit(value: float | None, digits: int, unit: str) -> str:
    return "none" if value is None else f"{number(value, digits)} {unit}"


def _share(value: float | None) -> str:
    return "not recorded" if value is None else share(value)
