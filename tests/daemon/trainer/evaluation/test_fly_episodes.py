"""Evaluation flies each seed once, summarizes the episodes, and records their tracks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from daemon.runs.evaluations import EvaluationResult
from daemon.runs.trajectories import Trajectories
from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.commands import episode_progress
from daemon.trainer.commands.episode_progress import EpisodeProgress, remaining_s, time_left
from daemon.trainer.evaluation.flight import Flight, Flown
from daemon.trainer.evaluation.fly import fly as fly_flights
from daemon.trainer.evaluation.fly_episodes import fly_seeds, summarize
from daemon.trainer.evaluation.policy_pilot import BLOCK, PolicyPilot
from daemon.trainer.evaluation.shrinking import SMALLEST, ShrinkingFleet
from daemon.trainer.evaluation.trajectories import trajectories_of
from daemon.trainer.fleets import build_fleet
from daemon.trainer.flyable import start_conditions
from env.fleet import Episode
from env.physics.vehicles import STARSHIP_HLS
from env.pilot.pilot import ReferencePilot
from env.state.deviation import Deviation
from tests.daemon.trainer.conftest import small_config
from tests.daemon.trainer.evaluation.steady import Steady

CONFIG = small_config()
STAGE = CONFIG.curriculum.stages[0]
SEED = 5000


def fly(fleet_size: int, episodes: int) -> list[Episode]:
    fleet = build_fleet(CONFIG, STAGE, fleet_size)
    normalizer = build_normalizer(CONFIG, fleet, training=False)
    model = factory.build(CONFIG, normalizer)
    flown = fly_seeds(PolicyPilot(model, normalizer), fleet, first_seed=SEED, episodes=episodes)
    fleet.close()
    return episodes_of(flown)


def episodes_of(flown: list[Flown]) -> list[Episode]:
    return [one.episode for one in flown]


def record(fleet_size: int, episodes: int) -> tuple[list[Episode], Trajectories]:
    fleet = build_fleet(CONFIG, STAGE, fleet_size)
    flown = fly_seeds(Steady(), fleet, first_seed=SEED, episodes=episodes, record=True)
    fleet.close()
    return episodes_of(flown), trajectories_of(flown, STARSHIP_HLS)


def test_each_seed_once_in_order_for_any_fleet_size() -> None:
    few, many = fly(2, 7), fly(7, 7)
    assert [episode.seed for episode in few] == list(range(SEED, SEED + 7))
    assert few == many


def test_a_trajectory_has_start_every_second_and_end() -> None:
    flown, trajectories = record(3, 7)
    assert trajectories.seeds.tolist() == [episode.seed for episode in flown]
    assert trajectories.outcomes.tolist() == [episode.outcome.name.lower() for episode in flown]
    time_s = trajectories.column("time_s")
    for k, episode in enumerate(flown):
        times_s = time_s[trajectories.flight(k)]
        assert times_s[-1] == pytest.approx(episode.time_s)
        assert times_s[:-1] == pytest.approx(np.arange(math.ceil(episode.time_s - 1e-6)))
    starts = trajectories.offsets[:-1]
    heights_m = trajectories.column("height_m")[starts]
    assert ((heights_m >= STAGE.altitude_m[0]) & (heights_m <= STAGE.altitude_m[1])).all()
    assert (trajectories.column("propellant_fraction")[starts] == 1.0).all()
    ends = {
        "x_m": [episode.x_m for episode in flown],
        "y_m": [episode.y_m for episode in flown],
        "height_m": [episode.altitude_m for episode in flown],
        "tilt_deg": [math.degrees(episode.tilt_rad) for episode in flown],
        "propellant_fraction": [episode.fuel_fraction for episode in flown],
    }
    for name, values in ends.items():
        assert trajectories.last(name) == pytest.approx(np.array(values), rel=1e-5, abs=1e-3)
    speeds_m_s = [episode.touchdown_speed_m_s or math.nan for episode in flown]
    assert trajectories.touchdown_speed_m_s == pytest.approx(np.array(speeds_m_s), nan_ok=True)


def test_trajectories_do_not_depend_on_the_fleet_size() -> None:
    (flown, few), (_, many) = record(2, 5), record(5, 5)
    assert len({episode.steps for episode in flown}) > 1, "no craft began beside a flying one"
    assert np.array_equal(few.offsets, many.offsets)
    assert np.array_equal(few.rows, many.rows)


def test_recording_changes_no_flight() -> None:
    fleet = build_fleet(CONFIG, STAGE, 3)
    bare = fly_seeds(Steady(), fleet, first_seed=SEED, episodes=4)
    fleet.close()
    assert episodes_of(bare) == record(3, 4)[0]


def test_the_reference_pilot_flies_each_episode_as_if_alone() -> None:
    def flown_by(fleet_size: int) -> list[Episode]:
        fleet = build_fleet(CONFIG, STAGE, fleet_size)
        pilot = ReferencePilot(fleet.settings.vehicle, fleet_size)
        flown = fly_seeds(pilot, fleet, first_seed=SEED, episodes=10)
        fleet.close()
        return episodes_of(flown)

    # One craft flies all episodes in turn, or ten fly one each, the last ones in a smaller fleet.
    one = flown_by(1)
    assert all(episode.success for episode in one)
    assert flown_by(10) == one


def test_the_last_flights_go_on_in_smaller_fleets() -> None:
    """With deviations, which no snapshot holds."""
    flights = [Flight(SEED + k, Deviation(hub_mass=1.0 + 0.02 * k)) for k in range(20)]

    def flown_by(fleet_size: int) -> tuple[list[Flown], set[int]]:
        fleets = ShrinkingFleet(build_fleet(CONFIG, STAGE, fleet_size))
        pilot = Steady()
        start = start_conditions(STAGE)
        flown = [
            one for step in fly_flights(pilot, fleets, start, flights, record=True) for one in step
        ]
        fleets.close_smaller()
        fleets.whole.close()
        return sorted(flown), pilot.sizes

    (small, sizes), (large, others) = flown_by(SMALLEST), flown_by(20)
    assert (sizes, others) == ({8}, {20, 10, 8})
    assert [one.number for one in large] == list(range(20))
    assert [one.episode for one in small] == [one.episode for one in large]
    for one, other in zip(small, large, strict=True):
        assert np.array_equal(one.track, other.track)  # type: ignore[arg-type]


def test_a_policy_acts_as_stable_baselines3_does() -> None:
    fleet = build_fleet(CONFIG, STAGE, 2)
    normalizer = build_normalizer(CONFIG, fleet, training=False)
    model = factory.build(CONFIG, normalizer)
    pilot = PolicyPilot(model, normalizer)
    (size,) = fleet.observation_space.shape or ()
    fleet.close()
    seen = np.random.default_rng(0).normal(size=(BLOCK + 3, size)).astype(np.float32)
    expected = model.predict(normalizer.normalize_obs(seen), deterministic=True)[0]
    acted = pilot.act(seen)
    assert acted == pytest.approx(expected, abs=1e-6)
    for k in range(len(seen)):  # of each row alone, whatever is beside it
        assert np.array_equal(pilot.act(seen[k : k + 1])[0], acted[k])


def summary(episodes: list[Episode]) -> EvaluationResult:
    return summarize(
        episodes,
        run_id=None,
        pilot="somebody",
        created_s=1.0,
        vehicle="starship-hls",
        stage=1,
        stage_name=STAGE.name,
        first_seed=SEED,
    )


def test_the_summary_counts_every_episode() -> None:
    flown = fly(4, 6)
    result = summary(flown)
    assert sum(result.outcomes.values()) == result.episodes == 6
    rate = result.success_rate
    assert rate.low is not None
    assert rate.high is not None
    assert rate.low <= rate.mean <= rate.high
    assert result.roughness.mean == pytest.approx(np.mean([e.roughness for e in flown]))
    with pytest.raises(ValueError, match="no episode"):
        summary([])


def test_landing_statistics_include_only_landings() -> None:
    fleet = build_fleet(CONFIG, STAGE, 3)
    pilot = ReferencePilot(fleet.settings.vehicle, 3)
    landed = episodes_of(fly_seeds(pilot, fleet, first_seed=SEED, episodes=3))
    fallen = episodes_of(fly_seeds(Steady(), fleet, first_seed=SEED + 3, episodes=2))
    fleet.close()
    assert not any(episode.success for episode in fallen)
    result = summary(landed + fallen)
    assert result.success_rate.mean == pytest.approx(0.6)
    assert result.distance_m is not None
    assert result.soft_landings is not None
    assert result.distance_m.mean == pytest.approx(np.mean([e.distance_m for e in landed]))
    # The reference pilot touches down below 2 m/s all three times.
    assert result.soft_landings.mean == 1.0
    assert result.reward.mean == pytest.approx(np.mean([e.reward for e in landed + fallen]))


def test_remaining_time() -> None:
    assert remaining_s(10.0, 100, [], episodes=8, n_envs=4) is None
    # Four craft fly two episodes each of 200 steps: 400 steps, of which 100 took 10 s.
    assert remaining_s(10.0, 100, [200, 200], episodes=8, n_envs=4) == pytest.approx(30.0)
    assert remaining_s(10.0, 100, [200, 200], episodes=5, n_envs=4) == pytest.approx(30.0)
    # The last episode may take 100 steps more with a deviation of 50.
    assert remaining_s(10.0, 100, [150, 250], episodes=8, n_envs=4) == pytest.approx(40.0)
    assert remaining_s(50.0, 500, [200], episodes=8, n_envs=4) == 0.0


def test_a_log_file_gets_whole_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = EpisodeProgress(1000, 4, "best")
    progress.show([], 0.0)
    assert capsys.readouterr().err == ""  # a line a minute
    monkeypatch.setattr(episode_progress, "LOGGED_S", -1.0)
    progress.show([], 0.0)
    progress.clear()
    assert capsys.readouterr().err == "best: 0 of 1,000 episodes\n"
    assert (time_left(80.4), time_left(720.0)) == ("80 s", "12 min")
