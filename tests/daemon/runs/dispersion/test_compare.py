"""Figures and paired differences of a dispersed evaluation."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import RunPaths
from daemon.runs.dispersion.compare import (
    WORST,
    WORST_OF_A_CASE,
    Landing,
    change,
    compare_cases,
    figures,
    worst_flights,
)
from daemon.runs.dispersion.draw import draw_case
from daemon.runs.dispersion.parameters import NOMINAL, Dispersion
from daemon.runs.dispersion.record import DispersedResult, WorstCase, save_dispersed
from daemon.runs.evaluations import list_evaluations


def landing(seed: int, *, speed_m_s: float = 1.0, landed: bool = True) -> Landing:
    outcome = "landed" if landed else "crashed"
    reward = 1500.0 - speed_m_s if landed else -300.0 - seed
    return Landing(seed, outcome, landed, reward, speed_m_s, 3.0 + seed, 0.5)


CALM = [landing(seed) for seed in range(20)]
ROUGH = [landing(seed, speed_m_s=1.5, landed=seed >= 5) for seed in range(20)]


def test_figures_are_rates_of_all_and_means_of_the_landings() -> None:
    found = figures(ROUGH)
    assert found.outcomes == {"crashed": 5, "landed": 15}
    assert found.success_rate.mean == 0.75
    assert found.touchdown_speed_m_s is not None and found.touchdown_speed_m_s.mean == 1.5
    nothing = figures([landing(1, landed=False)])
    assert nothing.distance_m is None and nothing.success_rate.mean == 0.0


def test_changes_are_paired_by_seed() -> None:
    found = change(ROUGH, CALM)
    assert found.success.difference.mean == -0.25
    assert (found.success.first_only, found.success.second_only) == (0, 5)
    assert found.success.p_value == pytest.approx(2 / 2**5)  # exact: five of five one way
    # Over the 15 seeds that both landed, whose misses are the same by pairs though not by means.
    assert found.distance_m is not None and found.distance_m.mean == 0.0
    assert found.touchdown_speed_m_s is not None
    assert found.touchdown_speed_m_s.mean == pytest.approx(0.5)
    with pytest.raises(ValueError, match="same seeds"):
        change(ROUGH, CALM[::-1])
    assert change([landing(1, landed=False)], [landing(1)]).fuel_left is None


def test_each_case_is_compared_with_nominal_and_with_the_reference_pilot() -> None:
    flown = {
        "a-policy": {NOMINAL: CALM, "isp": ROUGH},
        "reference": {NOMINAL: CALM, "isp": CALM},
    }
    nominal, isp = compare_cases(flown, "a-policy", "reference")
    assert nominal.to_nominal == {} and nominal.to_reference is not None
    assert nominal.to_reference.success.difference.mean == 0.0
    assert isp.to_nominal["a-policy"].success.difference.mean == -0.25
    assert isp.to_nominal["reference"].success.difference.mean == 0.0
    assert isp.to_reference is not None and isp.to_reference.success.second_only == 5
    [alone, _] = compare_cases({"reference": flown["reference"]}, "reference", "reference")
    assert alone.to_reference is None


def test_the_worst_are_dispersed_flights_of_several_cases() -> None:
    cases = {
        NOMINAL: [landing(99, landed=False)],
        **dict.fromkeys(("isp", "thrust", "dry_mass", "all"), ROUGH),
    }
    worst = worst_flights(cases)
    assert len(worst) == WORST
    assert {case for case, _ in worst} == set(cases) - {NOMINAL}
    assert [one.seed for _, one in worst][:4] == [4] * 4  # the lowest rewards
    assert max(sum(name == case for name, _ in worst) for case in cases) == WORST_OF_A_CASE
    rewards = [one.reward for _, one in worst]
    assert rewards == sorted(rewards)


def test_a_record_is_read_back_and_is_no_evaluation_of_the_run(tmp_path: Path) -> None:
    dispersions = {"isp": Dispersion("normal", 0.3, "%")}
    result = DispersedResult(
        run_id="r",
        pilot="p",
        created_s=0.0,
        flown_s=1.0,
        vehicle="starship-hls",
        stage=2,
        stage_name="hover",
        episodes=20,
        first_seed=0,
        file=None,
        dispersions=dispersions,
        cases=compare_cases(
            {"p": {NOMINAL: CALM, "isp": ROUGH}, "reference": {NOMINAL: CALM, "isp": CALM}},
            "p",
            "reference",
        ),
        worst=[
            WorstCase(
                case="isp",
                seed=4,
                outcome="crashed",
                reward=-304.0,
                drawn=draw_case("isp", 4, dispersions),
                again=["fly", "--seed", "4"],
            )
        ],
    )
    run = RunPaths(tmp_path)
    path = save_dispersed(run.dispersed, result)
    assert path.name == "19700101-000000-p-stage2-dispersed.json"
    assert msgspec.json.decode(path.read_bytes(), type=DispersedResult) == result
    listing = list_evaluations(run.evaluations)
    assert (listing.whole, listing.damaged) == ([], [])
