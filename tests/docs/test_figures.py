"""Figures in documents are those of the records, and `make results` makes every record."""

from __future__ import annotations

import math

import pytest

from benchmarks.figures import flights, pages, readme
from benchmarks.record import Figure, ModuleRecord
from benchmarks.results.plan import PLAN
from benchmarks.results.record import load_all
from daemon.config import load_config
from daemon.runs.statistics.intervals import wilson_interval
from env.base.moon import SURFACE_GRAVITY_M_S2
from env.physics.vehicle import STANDARD_GRAVITY_M_S2
from env.physics.vehicles import VEHICLES
from tests.daemon.harness import ROOT


def test_every_figure_is_the_records() -> None:
    for path, text in pages().items():
        assert path.read_text(encoding="utf-8") == text, "run: python -m benchmarks.figures"


def test_every_record_is_of_a_planned_training() -> None:
    assert {result.name for result in load_all()} <= {planned.name for planned in PLAN}


def test_a_benchmarks_record_becomes_tables() -> None:
    stage = "starship-hls, stage 2: "
    ends = [("miss", 0.5), ("touchdown speed", 0.6), ("touchdown tilt", 0.8), ("steps", 400.0)]
    figures = [
        Figure(f"{stage}flights", 1024.0, "1", None, None),
        Figure(f"{stage}landed", 99.9, "%", None, None),
        Figure(f"{stage}landed, 95% interval, low", 99.46, "%", None, None),
        Figure(f"{stage}landed, 95% interval, high", 99.98, "%", None, None),
        *(Figure(f"{stage}{what}, median", value, "", None, None) for what, value in ends),
        *(Figure(f"{stage}{what}, 95%", 2 * value, "", None, None) for what, value in ends),
        Figure(f"{stage}propellant left, median", 83.2, "%", None, None),
        Figure(f"{stage}delta-v, median, reference the least possible", 66.0, "m/s", 26.0, 2.54),
    ]
    assert (
        "| 2 | 1024 | 99.9% (99.46 to 99.98) | 0.5 / 1 | 0.6 / 1.2 | 0.8 / 1.6 | 83% | 400 / 800 "
        "| 66 | 26 | 2.54 |"
    ) in flights(_record(figures))
    cold = Figure("cold start, reference supervisorctl version", 51.2, "ms", 79.0, 0.648)
    row = "| cold start | 51.2 ms | supervisorctl version: 79 ms, ratio 0.65 |"
    assert row in readme(load_all(), {"startup": _record([cold])})


def _record(figures: list[Figure]) -> ModuleRecord:
    return ModuleRecord(figures=figures, cpu="a CPU", cores=2, versions={}, note="idle")


def test_the_intervals_that_evaluation_md_names() -> None:
    page = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert "500 landings of 500 mean a rate above 99.2%" in page
    assert (wilson_interval(500, 500).low or 0.0) > 0.992
    text = "100 episodes determine a rate of 65% to within 9 points, 500 to within 4."
    assert text in " ".join(page.split())
    for episodes, points in ((100, 0.09), (500, 0.04)):
        found = wilson_interval(round(0.65 * episodes), episodes)
        assert found.low is not None and found.high is not None
        assert (found.high - found.low) / 2 == pytest.approx(points, abs=0.005)


def test_the_shares_of_thrust_that_pilot_md_names() -> None:
    page = (ROOT / "docs" / "pilot.md").read_text(encoding="utf-8")
    stages = load_config(None).config.curriculum.stages
    delta_v_m_s = min(s.delta_v_m_s[0] for s in stages), max(s.delta_v_m_s[1] for s in stages)
    for name, vehicle in VEHICLES.items():
        low, high = (
            vehicle.hub_mass_kg
            * math.exp(one / (vehicle.engine_isp_s * STANDARD_GRAVITY_M_S2))
            * (vehicle.braking.far_m_s2 + SURFACE_GRAVITY_M_S2)
            / vehicle.engine_thrust_n
            for one in delta_v_m_s
        )
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert row.endswith(f"| {100 * low:.0f} to {high:.0%} |")
