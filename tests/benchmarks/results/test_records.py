"""Records of flights keep what the pages compute from them; what is recorded agrees with itself."""

from __future__ import annotations

import statistics
from pathlib import Path

import msgspec
import pytest

from benchmarks.results.files import write
from benchmarks.results.flights import FLIGHTS, Flights, same_starts
from benchmarks.results.making.fly import of_trajectories
from benchmarks.results.optima import Optima, fuel_of_optimum
from benchmarks.results.pages.page import twin_of
from benchmarks.results.record import Kill, RunResult, newest
from daemon.runs.evaluations import Provenance
from tests.benchmarks.results.samples import PROVENANCE, flights, run_result
from tests.evaluation_samples import keep_evaluation, trajectories


def test_flights_are_read_from_trajectories_and_kept(tmp_path: Path) -> None:
    flown = trajectories(("landed", "crashed", "timeout", "landed"), miss_m=2.0)
    result = keep_evaluation(tmp_path, flown).result
    found = of_trajectories(result, flown)
    assert found.landed == [True, False, False, True]
    assert found.misses_m == pytest.approx([2.0, 2.0], abs=0.01)
    assert found.touchdown_speed_m_s == [0.5, 0.5, None, 0.5]
    first = found.descents[0]
    assert first.height_m[0] == 50.0
    assert first.time_s == sorted(first.time_s)
    assert max(first.time_s) < 11.0  # the touchdown, at 11 s, is no part of the descent
    path = write(tmp_path / "new" / "flights.json", found)
    assert msgspec.json.decode(path.read_bytes(), type=Flights) == found


def test_fuel_is_compared_with_the_optimum_of_the_same_start() -> None:
    flown = flights(("landed", "crashed", "landed", "landed"), fuel_left=0.5)
    optima = Optima(
        vehicle="starship-hls",
        stage=5,
        first_seed=500,
        environment="e",
        propellant_kg=[100.0, 100.0, 200.0],
        at_rest_kg=[40.0, 40.0, 80.0],
        least_kg=[39.0, 39.0, 79.0],
        descents=[],
    )
    assert fuel_of_optimum(flown, optima) == [1.25, 1.25]
    with pytest.raises(ValueError, match="flew other starts"):
        fuel_of_optimum(flown, msgspec.structs.replace(optima, environment="another"))


def test_the_same_seeds_of_another_environment_are_other_starts() -> None:
    one = flights(("landed",)).result
    other = Provenance(
        fingerprint="", policy="", environment="another", code="", versions=PROVENANCE.versions
    )
    assert same_starts(one, one)
    assert not same_starts(one, msgspec.structs.replace(one, provenance=other))
    assert not same_starts(one, msgspec.structs.replace(one, provenance=None))


def test_older_environments_are_left_out_of_their_kind_only() -> None:
    old, new = run_result("ppo-seed1", 1, environment="1"), run_result("ppo-seed2", 2)
    sac = msgspec.structs.replace(old, name="sac-seed1", algorithm="sac")
    killed = msgspec.structs.replace(old, name="killed", kills=[Kill("trainer", 5, 3)])
    assert newest([old, new, sac, killed]) == [new, sac]


def test_an_interrupted_training_is_compared_on_its_kind_of_processor_only() -> None:
    alone = run_result("ppo-seed1", 1)
    killed = msgspec.structs.replace(alone, name="killed", kills=[Kill("trainer", 5, 3)])
    assert twin_of(killed, [killed, alone]) is alone
    assert twin_of(killed, [killed, msgspec.structs.replace(alone, cpu="another CPU")]) is None


@pytest.mark.parametrize("path", sorted(FLIGHTS.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_flights_agree_with_their_result(path: Path) -> None:
    found = msgspec.json.decode(path.read_bytes(), type=Flights)
    assert sum(found.landed) == found.result.outcomes.get("landed", 0)
    assert len(found.landed) == found.result.episodes
    if found.result.distance_m is not None:
        mean_m = found.result.distance_m.mean
        assert statistics.fmean(found.misses_m) == pytest.approx(mean_m, abs=0.02)


def test_a_result_of_an_earlier_version_is_read() -> None:
    result = run_result("ppo-seed1", 1)
    fields = msgspec.to_builtins(result)
    del fields["vehicle"], fields["complete"]
    assert msgspec.convert(fields, RunResult) == result
