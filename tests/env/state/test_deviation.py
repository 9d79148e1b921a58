"""Each deviation changes what it should, by as much as it should, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from env.base.moon import MU_M3_S2
from env.fleet import FleetSettings, LanderFleet
from env.physics.vehicle import STANDARD_GRAVITY_M_S2
from env.physics.vehicles import APOLLO_LM, STARSHIP_HLS
from env.sensing.sensors import NOISY
from env.state.deviation import Deviation
from env.state.telemetry import Telemetry
from env.task.observation import observation_table
from env.task.start import TOUCHDOWN, StartConditions

HIGH = replace(
    TOUCHDOWN,
    altitude_m=(400.0, 800.0),
    delta_v_m_s=(300.0, 500.0),
    tilt_deg=(0.0, 0.0),
    relief=1.0,
    clear_radius_m=0.0,
)
FLEET = {
    "nominal": Deviation(),
    "heavy": Deviation(hub_mass=1.25),
    "weak": Deviation(thrust=0.5),
    "thirsty": Deviation(isp=0.8),
    "late": Deviation(engine_delay_s=0.5),
    "engine out": Deviation(lost_engine=1, engine_loss_s=1.0),
    "blind": Deviation(outage=1.0),
    "no rays": Deviation(ray_loss=1.0),
    "untouched": Deviation(),
}
STEPS = 20
SEED = 7
NAMES = [row.name for row in observation_table(STARSHIP_HLS)]
Array = npt.NDArray[np.float32]


class Flown:
    """Where each lander was before and after burning all engines for a while."""

    def __init__(self) -> None:
        settings = FleetSettings(n_envs=len(FLEET), start=HIGH)
        self.fleet = LanderFleet(settings)
        self.fleet.reset()
        for craft, deviation in enumerate(FLEET.values()):
            if deviation != Deviation():
                self.fleet.deviate(craft, deviation)
            self.fleet.set_next_seeds([craft], [SEED])
            self.fleet.begin(craft)
        self.before = self._read()
        actions = np.zeros((len(FLEET), STARSHIP_HLS.n_actions), np.float32)
        actions[:, :3] = 1.0
        actions[:, 9:12] = -1.0
        rows = []
        for _ in range(STEPS):
            self.fleet.step_async(actions)
            rows.append(self.fleet.step_wait()[0])
        self.observations = np.array(rows)
        self.after = self._read()

    def _read(self) -> dict[str, Telemetry]:
        return {name: self.fleet.telemetry(craft) for craft, name in enumerate(FLEET)}

    def thrust_delta_v(self, name: str) -> float:
        """The upward velocity (m/s) gained against gravity."""
        before, after = self.before[name], self.after[name]
        radius = 1_737_400.0 + before.altitude_m
        gravity = MU_M3_S2 / radius**2
        return before.descent_rate_m_s - after.descent_rate_m_s + gravity * after.time_s

    def used_kg(self, name: str) -> float:
        return self.before[name].propellant_kg - self.after[name].propellant_kg

    def observed(self, name: str, column: str) -> Array:
        column_: Array = self.observations[:, list(FLEET).index(name), NAMES.index(column)]
        return column_


@pytest.fixture(scope="module")
def flown() -> Iterator[Flown]:
    made = Flown()
    yield made
    made.fleet.close()


def test_no_deviation_changes_no_bit(flown: Flown) -> None:
    first, last = flown.observations[:, 0], flown.observations[:, -1]
    assert first.tobytes() == last.tobytes()
    settings = FleetSettings(n_envs=1, start=HIGH)
    fleet = LanderFleet(settings)
    fleet.deviate(0, Deviation(hub_mass=1.5, thrust=0.1, outage=0.5, lost_engine=0))
    fleet.deviate(0, Deviation())
    plain = LanderFleet(settings)
    for one in (fleet, plain):
        one.set_next_seeds([0], [SEED])
    rows = [fleet.begin(0), plain.begin(0)]
    action = np.full((1, STARSHIP_HLS.n_actions), 0.6, np.float32)
    for _ in range(STEPS):
        assert rows[0].tobytes() == rows[1].tobytes()
        for k, one in enumerate((fleet, plain)):
            one.step_async(action)
            rows[k] = one.step_wait()[0]
    fleet.close()
    plain.close()


def test_a_heavier_hub_is_accelerated_less_by_the_ratio_of_the_masses(flown: Flown) -> None:
    """Newton's second law, so Basilisk's own mass is changed."""
    burnt = flown.used_kg("nominal") / 2
    loaded = flown.before["nominal"].propellant_kg - burnt
    masses = STARSHIP_HLS.hub_mass_kg + loaded, 1.25 * STARSHIP_HLS.hub_mass_kg + loaded
    found = flown.thrust_delta_v("nominal") / flown.thrust_delta_v("heavy")
    assert found == pytest.approx(masses[1] / masses[0], rel=2e-3)
    assert flown.used_kg("heavy") == pytest.approx(flown.used_kg("nominal"), rel=1e-9)


def test_half_the_thrust_falls_faster_on_half_the_propellant(flown: Flown) -> None:
    assert flown.used_kg("weak") == pytest.approx(flown.used_kg("nominal") / 2, rel=1e-9)
    assert flown.after["weak"].altitude_m < flown.after["nominal"].altitude_m
    found = flown.thrust_delta_v("weak") / flown.thrust_delta_v("nominal")
    assert found == pytest.approx(0.5, rel=0.02)  # it burns less, so stays heavier


def test_a_lower_specific_impulse_burns_more_for_the_same_impulse(flown: Flown) -> None:
    assert flown.used_kg("thirsty") == pytest.approx(flown.used_kg("nominal") / 0.8, rel=1e-9)
    for name, isp in (("nominal", 1.0), ("thirsty", 0.8)):
        # Tsiolkovsky: the momentum gained is what the exhaust took.
        exhaust = isp * STARSHIP_HLS.engine_isp_s * STANDARD_GRAVITY_M_S2
        begin = STARSHIP_HLS.hub_mass_kg + flown.before[name].propellant_kg
        expected = exhaust * math.log(begin / (begin - flown.used_kg(name)))
        assert flown.thrust_delta_v(name) == pytest.approx(expected, rel=5e-3)


def test_a_longer_delay_starts_the_engines_later(flown: Flown) -> None:
    started = {
        name: int(np.argmax(flown.observed(name, "engine_0") > 0.0)) for name in ("nominal", "late")
    }
    assert started["late"] - started["nominal"] == 5  # control intervals of 0.1 s


def test_a_lost_engine_turns_the_craft(flown: Flown) -> None:
    thrust = flown.observed("engine out", "engine_1")
    assert thrust[7] > 0.0 and thrust[-1] == 0.0
    assert flown.observed("engine out", "engine_0")[-1] > 0.9
    assert flown.after["nominal"].spin_deg_s < 0.1
    assert flown.after["engine out"].spin_deg_s > 5.0


def test_an_outage_holds_altimeter_and_velocimeter_only(flown: Flown) -> None:
    for held in ("log_height", "near_height", "velocity_z"):
        assert len(set(flown.observed("blind", held).tolist())) == 1
        assert len(set(flown.observed("nominal", held).tolist())) == STEPS
    for free in ("pad_offset_x", "specific_force_body_z", "lidar_returns"):
        assert flown.observed("blind", free).tolist() == flown.observed("nominal", free).tolist()


def test_lost_rays_leave_the_noise_of_the_other_instruments_as_it_is(flown: Flown) -> None:
    assert flown.observed("nominal", "lidar_returns")[-1] > 0.5
    # the scan before the first step is of the fleet's first frame, too
    assert set(flown.observed("no rays", "lidar_returns").tolist()) == {0.0}
    other = [k for k, name in enumerate(NAMES) if not name.startswith("lidar")]
    nominal, without = flown.observations[:, 0, other], flown.observations[:, 7, other]
    assert nominal.tobytes() == without.tobytes()


def test_only_the_constant_errors_of_the_sensors_grow() -> None:
    record = Deviation(sensor_bias=3.0).sensors(NOISY)[0]
    for name, value in vars(NOISY).items():
        factor = 3.0 if "_bias" in name else 1.0
        assert record[name] == pytest.approx(factor * value)


def test_starts_are_what_the_seed_draws_times_the_deviation() -> None:
    deviation = Deviation(altitude=1.1, delta_v=0.9, relief=2.0, tilt_deg=-1.0)
    start = replace(HIGH, tilt_deg=(0.0, 3.0))
    moved = deviation.start(start, STARSHIP_HLS)
    assert moved.altitude_m == pytest.approx((440.0, 880.0))
    assert moved.delta_v_m_s == pytest.approx((270.0, 450.0))
    assert (moved.relief, moved.tilt_deg) == (2.0, (0.0, 2.0))
    assert Deviation().start(start, STARSHIP_HLS) == start
    full: StartConditions = Deviation(delta_v=100.0).start(start, STARSHIP_HLS)
    assert full.delta_v_m_s[1] == STARSHIP_HLS.delta_v_capacity_m_s


def test_an_engine_that_the_vehicle_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="apollo-lm has no engine 1"):
        Deviation(lost_engine=1).vehicle(APOLLO_LM)
