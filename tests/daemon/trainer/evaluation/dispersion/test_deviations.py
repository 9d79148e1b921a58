"""Dispersed flights: what was drawn is what is flown; without a size it is the plain evaluation."""

from __future__ import annotations

import pytest

from daemon.runs.dispersion.draw import Draw, draw_case
from daemon.runs.dispersion.file import load_dispersions
from daemon.runs.dispersion.parameters import PARAMETERS, TOGETHER, Dispersion
from daemon.trainer.evaluation.dispersion.deviations import deviation_of, for_vehicle
from daemon.trainer.evaluation.flight import Flight
from daemon.trainer.evaluation.fly import fly as fly_flights
from daemon.trainer.evaluation.fly_episodes import fly_seeds
from daemon.trainer.evaluation.shrinking import ShrinkingFleet
from daemon.trainer.fleets import build_fleet
from daemon.trainer.flyable import start_conditions
from daemon.trainer.health.errors import UnusableError
from env.fleet import Episode
from env.physics.vehicles import APOLLO_LM, STARSHIP_HLS
from env.state.deviation import Deviation
from tests.daemon.trainer.conftest import small_config
from tests.daemon.trainer.evaluation.steady import Steady

CONFIG = small_config()
STAGE = CONFIG.curriculum.stages[0]
SEEDS = range(7000, 7005)
ZERO = {
    name: Dispersion("normal", 0.0, parameter.unit)
    for name, parameter in PARAMETERS.items()
    if not parameter.failure
}


def fly(n_envs: int, flights: list[Flight]) -> list[Episode]:
    fleets = ShrinkingFleet(build_fleet(CONFIG, STAGE, n_envs))
    flown = sorted(
        one
        for ended in fly_flights(Steady(), fleets, start_conditions(STAGE), flights)
        for one in ended
    )
    fleets.whole.close()
    return [one.episode for one in flown]


def test_dispersions_of_size_zero_fly_as_the_plain_evaluation_to_the_bit() -> None:
    fleet = build_fleet(CONFIG, STAGE, 2)
    plain = fly_seeds(Steady(), fleet, first_seed=SEEDS[0], episodes=len(SEEDS))
    fleet.close()
    flights = [
        Flight(seed, deviation_of(draw_case(TOGETHER, seed, ZERO), STARSHIP_HLS)) for seed in SEEDS
    ]
    assert fly(2, flights) == [one.episode for one in plain]


def test_a_flight_is_its_seeds_and_deviations_in_any_fleet_and_order() -> None:
    """More flights than landers, each after one with another deviation."""
    dispersions = load_dispersions(None) | {"dry_mass": Dispersion("uniform", 20.0, "%")}
    flights = [
        Flight(seed, deviation_of(draw_case(case, seed, dispersions), STARSHIP_HLS))
        for case in ("nominal", "dry_mass", TOGETHER)
        for seed in SEEDS[:3]
    ]
    flown = fly(4, flights)
    assert [episode.seed for episode in flown] == [flight.seed for flight in flights]
    assert fly(1, flights[::-1]) == flown[::-1]
    nominal, heavy, together = (flown[k].time_s for k in (0, 3, 6))
    assert len({nominal, heavy, together}) == 3


def test_each_parameter_deviates_in_what_it_names() -> None:
    values = {name: Draw(name, 10.0, one.unit, 0.99) for name, one in PARAMETERS.items()}
    found = deviation_of(values.values(), STARSHIP_HLS)
    assert found == Deviation(
        hub_mass=1.1,
        isp=1.1,
        thrust=1.1,
        engine_delay_s=10.0,
        lost_engine=2,
        engine_loss_s=10.0,
        sensor_bias=1.1,
        outage=0.1,
        ray_loss=0.1,
        relief=1.1,
        altitude=1.1,
        downrange=1.1,
        descent_rate=1.1,
        horizontal_speed=1.1,
        delta_v=1.1,
        tilt_deg=10.0,
    )
    for name, draw in values.items():
        assert deviation_of([draw], STARSHIP_HLS) != Deviation(), name
    assert deviation_of([], STARSHIP_HLS) == Deviation()


def test_a_single_engine_is_not_lost() -> None:
    default = load_dispersions(None)
    assert for_vehicle(default, STARSHIP_HLS, own_file=False) == default
    assert set(default) - set(for_vehicle(default, APOLLO_LM, own_file=False)) == {"engine_out"}
    with pytest.raises(UnusableError, match="apollo-lm has a single engine"):
        for_vehicle(default, APOLLO_LM, own_file=True)
