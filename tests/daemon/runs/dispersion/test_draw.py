"""Draws depend on the seed and the parameter alone, and follow their distributions."""

from __future__ import annotations

from statistics import fmean, pstdev

import pytest

from daemon.runs.dispersion.draw import cases_of, draw_case, in_words
from daemon.runs.dispersion.file import load_dispersions
from daemon.runs.dispersion.parameters import NOMINAL, TOGETHER, Dispersion

NORMAL = Dispersion("normal", 2.0, "%", mean=1.0)
UNIFORM = Dispersion("uniform", 5.0, "%", mean=5.0)
OUT = Dispersion("uniform", 30.0, "s", mean=30.0, chance=0.25)
SEEDS = range(1000, 5000)


def test_each_case_draws_what_it_disperses() -> None:
    dispersions = {"dry_mass": NORMAL, "sensor_outage": UNIFORM}
    assert cases_of(dispersions) == [NOMINAL, "dry_mass", "sensor_outage", TOGETHER]
    assert cases_of({"dry_mass": NORMAL}) == [NOMINAL, "dry_mass"]
    assert draw_case(NOMINAL, 7, dispersions) == ()
    together = draw_case(TOGETHER, 7, dispersions)
    alone = [draw_case(name, 7, dispersions) for name in dispersions]
    assert [*together] == [draw for drawn in alone for draw in drawn]
    with pytest.raises(ValueError, match="no dispersion 'thrust'"):
        draw_case("thrust", 7, dispersions)


def test_a_draw_depends_on_nothing_but_seed_and_parameter() -> None:
    few, many = {"isp": NORMAL}, {"dry_mass": UNIFORM, "isp": NORMAL, "thrust": NORMAL}
    assert draw_case("isp", 7, few) == draw_case("isp", 7, many)
    assert draw_case("isp", 7, few) != draw_case("isp", 8, few)
    [dry], [thrust] = (draw_case(name, 7, many) for name in ("dry_mass", "thrust"))
    assert dry.value != thrust.value
    # These figures are in stored results: they must stay what they are.
    assert draw_case("isp", 7, few)[0].value == pytest.approx(1.705204, abs=1e-6)


def test_draws_have_the_mean_and_the_size_of_their_distribution() -> None:
    normal = [draw_case("isp", seed, {"isp": NORMAL})[0].value for seed in SEEDS]
    assert fmean(normal) == pytest.approx(1.0, abs=0.1)
    assert pstdev(normal) == pytest.approx(2.0, rel=0.05)
    uniform = [draw_case("lidar_loss", seed, {"lidar_loss": UNIFORM})[0].value for seed in SEEDS]
    assert 0.0 <= min(uniform) < 0.05 and 9.95 < max(uniform) <= 10.0
    assert pstdev(uniform) == pytest.approx(10.0 / 12**0.5, rel=0.05)


def test_drawn_values_keep_the_parameters_limits() -> None:
    wide = {"start_tilt": Dispersion("normal", 1e6, "deg")}
    values = {draw_case("start_tilt", seed, wide)[0].value for seed in range(50)}
    assert values == {-180.0, 180.0}


def test_a_failure_happens_always_alone_and_by_its_chance_with_others() -> None:
    dispersions = {"engine_out": OUT, "isp": NORMAL}
    failures = 0
    for seed in SEEDS:
        [alone] = draw_case("engine_out", seed, dispersions)
        assert alone.share is not None and 0.0 <= alone.share < 1.0
        together = draw_case(TOGETHER, seed, dispersions)
        failures += alone in together
        assert len(together) == 1 + (alone in together)
    assert failures / len(SEEDS) == pytest.approx(0.25, abs=0.03)


def test_size_zero_draws_the_mean() -> None:
    [draw] = draw_case("isp", 3, {"isp": Dispersion("normal", 0.0, "%")})
    assert draw.value == 0.0
    assert in_words([draw]) == "isp +0 %"
    assert in_words(()) == "none"


def test_the_default_set_can_be_flown() -> None:
    dispersions = load_dispersions(None)
    assert len(draw_case(TOGETHER, 1, dispersions)) >= len(dispersions) - 1
