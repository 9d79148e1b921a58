"""Two pilots on the same seeds: the differences, their table, and a real pair of flights."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import RunPaths
from daemon.config import load_config
from daemon.runs.evaluations import list_evaluations
from daemon.runs.paired_evaluation import PairedEvaluation
from daemon.trainer.commands.evaluate_pair import PairRequest, Side, evaluate_pair
from daemon.trainer.commands.pair_table import pair_table
from daemon.trainer.evaluation.fly_episodes import summarize
from daemon.trainer.evaluation.pair import Flown, pair
from daemon.trainer.startup.progress import StartupProgress
from daemon.trainer.startup.steps import flying_steps
from env.fleet import Episode
from env.task.reward import Outcome
from tests.daemon.trainer.conftest import make_run, small_config

FIRST_SEED = 500


def flown(pilot: str, landed: str, speed_m_s: float) -> Flown:
    """An episode for each letter: L landed, else crashed; each 0.1 m/s faster than the last."""
    episodes = [
        Episode(
            seed=FIRST_SEED + k,
            difficulty=1.0,
            outcome=Outcome.LANDED if letter == "L" else Outcome.CRASHED,
            steps=100,
            time_s=10.0,
            reward=1000.0 if letter == "L" else -500.0,
            altitude_m=0.0,
            x_m=3.0,
            y_m=4.0,
            tilt_rad=0.0,
            speed_m_s=0.0,
            descent_rate_m_s=0.0,
            horizontal_speed_m_s=0.0,
            spin_rad_s=0.0,
            touchdown_speed_m_s=speed_m_s + 0.1 * k,
            touchdown_tilt_rad=0.01,
            fuel_fraction=0.5,
            roughness=0.0,
        )
        for k, letter in enumerate(landed)
    ]
    result = summarize(
        episodes,
        run_id="run-1",
        pilot=pilot,
        created_s=1.0,
        vehicle="starship-hls",
        stage=1,
        stage_name="touchdown",
        first_seed=FIRST_SEED,
    )
    return result, episodes


def paired(first: str, second: str, **differing: str) -> PairedEvaluation:
    return pair(
        flown("one", first, 2.0),
        flown("other", second, 1.5),
        environment_run_id="run-1",
        differing=differing,
    )


def test_differences_are_of_the_same_seeds() -> None:
    found = paired("LLLLXXLL", "LLLXLXXX")
    rates = found.success
    assert (rates.both, rates.first_only, rates.second_only, rates.neither) == (3, 3, 1, 1)
    assert found.only_first_landed == [503, 506, 507]
    assert found.only_second_landed == [504]
    assert rates.difference.mean == pytest.approx(0.25)
    assert found.reward.mean == pytest.approx(1500.0 * 0.25)
    speed = found.touchdown_speed_m_s
    assert speed is not None and speed.low is not None and speed.high is not None
    # Of the landings alone the speeds spread by 0.1 m/s a seed; of their differences not at all.
    assert speed.mean == pytest.approx(0.5)
    assert speed.high - speed.low < 1e-9
    assert found.distance_m is not None and found.distance_m.mean == 0.0


def test_without_a_common_landing_only_success_and_reward_differ() -> None:
    found = paired("LX", "XL")
    assert (found.distance_m, found.touchdown_speed_m_s, found.fuel_left) == (None, None, None)
    assert found.success.p_value == 1.0


def test_other_seeds_are_no_pairs() -> None:
    first, (result, episodes) = flown("one", "LL", 1.0), flown("other", "LLL", 1.0)
    with pytest.raises(ValueError, match="seeds"):
        pair(first, (result, episodes[1:]), environment_run_id="run-1", differing={})


def test_the_table_says_what_differs_and_names_the_seeds() -> None:
    found = paired("L" * 12 + "X", "X" * 12 + "L")
    text = pair_table(found, ("best", "run-2/best"), ["a.json", "b.json"], "landerctl fly")
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert "success %    92.3 (66.7 to 98.6)   7.7 (1.4 to 33.3)" in text
    assert "Only A lands on 12 seeds, only B on 1, neither on 0." in lines
    assert "A lands more often (McNemar's exact test, p = 0.0034)." in lines
    assert "only A       500 501 502 503 504 505 and 6 more" in lines
    assert "             landerctl fly --pilot run-2/best --stage 1 --seed 500" in lines
    assert "             landerctl fly --pilot best --stage 1 --seed 512" in lines
    assert lines[-2:] == ["A stored     a.json", "B stored     b.json"]
    alike = pair_table(paired("LLX", "LLX", **{"fleet.x": "1 instead of 2"}), ("a", "b"), "no", "")
    assert "No difference is shown (McNemar's exact test, p = 1)." in alike
    assert "that of B's run has fleet.x = 1 instead of 2" in alike


def test_a_pair_is_flown_compared_and_stored(tmp_path: Path) -> None:
    """The same pilot twice: every difference is zero. The other run's sensors differ."""
    mine = make_run(tmp_path / "mine", small_config())
    noisy = load_config(None, {"sensors": {"noise": 2.0}}).config
    other = make_run(tmp_path / "other", noisy)

    def fly(second: RunPaths) -> PairedEvaluation:
        startup = StartupProgress("evaluate", flying_steps(), lambda _: None, file=tmp_path / "s")
        request = PairRequest(
            environment=mine,
            first=Side("a", mine, None),
            second=Side("b", second, None),
            again="landerctl fly",
            episodes=3,
            first_seed=FIRST_SEED,
            stage=1,
        )
        output = io.StringIO()
        assert evaluate_pair(request, startup, as_json=True, output=output) == 0
        return msgspec.json.decode(output.getvalue(), type=PairedEvaluation)

    found = fly(other)
    assert found.differing == {"sensors.noise": "2.0 instead of 1.0"}
    assert (found.reward.mean, found.success.both) == (0.0, 3)
    assert found.touchdown_speed_m_s is not None and found.touchdown_speed_m_s.high == 0.0
    [kept] = list_evaluations(mine.evaluations).whole
    assert kept.result == found.first
    assert list_evaluations(other.evaluations).whole == []
    ours, theirs = found.first.provenance, found.second.provenance
    assert ours is not None and theirs is not None
    assert ours.fingerprint == theirs.fingerprint
    assert (ours.policy, len(ours.fingerprint), len(ours.code)) == ("", 16, 16)
