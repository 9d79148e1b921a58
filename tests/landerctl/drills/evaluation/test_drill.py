"""The drill `evaluation`: which model on which seeds, and what its figures must be."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from checks.checklist.collected.best_model import best_model
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.run_folder import write_run_config
from daemon.runs.statistics.intervals import Interval
from landerctl.drills.evaluation.criteria import CRITERIA, judge_evaluation
from landerctl.drills.evaluation.drill import SEEDS_EACH, conduct, first_seed
from landerctl.drills.keys import drill_keys
from landerctl.drills.model import DrillContext, DrillError
from landerctl.drills.scratch.folder import scratch_folder
from tests.daemon.harness import save_checkpoint
from tests.landerctl.drills.contexts import drill_context
from tests.landerctl.operator_side import make_run

CONFIG = load_config(None).config
GOOD = EvaluationResult(
    run_id="run-1",
    pilot="000040-9000000-best",
    created_s=1e9,
    vehicle="starship-hls",
    stage=5,
    stage_name="powered descent",
    episodes=100,
    first_seed=42_000_003,
    outcomes={"landed": 80, "crashed": 20},
    success_rate=Interval(0.80, 0.711, 0.867),
    reward=Interval(1100.0, 1000.0, 1200.0),
    episode_steps=Interval(2000.0, 1900.0, 2100.0),
    roughness=Interval(0.012, 0.010, 0.014),
    soft_landings=Interval(0.95, 0.9, 0.98),
    distance_m=Interval(4.0, 3.0, 5.0),
    touchdown_speed_m_s=Interval(1.0, 0.9, 1.1),
    touchdown_tilt_deg=Interval(1.0, 0.9, 1.1),
    fuel_left=Interval(0.42, 0.40, 0.44),
)


def judged(**changes: object) -> dict[str, bool | None]:
    result = msgspec.structs.replace(GOOD, **changes)
    return {one.key: one.holds for one in judge_evaluation(result, CONFIG.checklist)}


def test_a_good_model_holds_with_its_figures() -> None:
    assert set(judged().values()) == {True}
    assert [criterion.key for criterion in CRITERIA] == list(drill_keys("evaluation"))
    success, *_, smoothness = judge_evaluation(GOOD, CONFIG.checklist)
    assert success.text == (
        "landed 80% (95%: 71.1 to 86.7), must be above 65%; 000040-9000000-best, 100 episodes of "
        "stage 5"
    )
    assert success.figures["first_seed"] == 42_000_003
    assert smoothness.figures["value"] == 0.012


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("success", {"success_rate": Interval(0.65, 0.5, 0.8)}),
        ("reward", {"reward": Interval(900.0, 800.0, 1000.0)}),
        ("precision", {"distance_m": Interval(15.0, 14.0, 16.0)}),
        ("fuel", {"fuel_left": Interval(0.30, 0.29, 0.31)}),
        ("soft", {"soft_landings": Interval(0.949, 0.9, 0.98)}),
    ],
)
def test_each_figure_at_its_limit_fails_alone(key: str, changes: dict[str, object]) -> None:
    assert [name for name, holds in judged(**changes).items() if holds is False] == [key]


def test_without_a_landing_what_is_measured_of_landings_fails() -> None:
    found = judged(
        success_rate=Interval(0.0, 0.0, 0.04), soft_landings=None, distance_m=None, fuel_left=None
    )
    assert [key for key, holds in found.items() if holds is False] == [
        "success",
        "precision",
        "fuel",
        "soft",
    ]


def test_without_a_run_or_a_best_model_it_says_what_is_missing(tmp_path: Path) -> None:
    context = drill_context(tmp_path)
    with pytest.raises(DrillError, match="no run to evaluate"):
        list(conduct(context))
    run = make_run(context.paths.home)
    save_checkpoint(run, timesteps=50_000)
    with pytest.raises(DrillError, match="no best model yet"):
        list(conduct(context))
    assert best_model(context.paths) is None


def test_a_demo_is_not_evaluated_in_a_stage_that_it_does_not_have(tmp_path: Path) -> None:
    given = drill_context(tmp_path)
    run = make_run(given.paths.home)
    demo = load_config(None, {"run": {"mode": "demo"}}).config
    stages = msgspec.structs.replace(demo.curriculum, stages=demo.curriculum.stages[:2])
    demo = msgspec.structs.replace(demo, curriculum=stages)
    write_run_config(run, demo)
    context = DrillContext(given.paths, demo, given.scratch, given.report)
    with pytest.raises(DrillError, match="2 of the 5 stages"):
        list(conduct(context))


def test_the_best_model_is_that_of_the_rollback_and_its_seeds_are_its_own(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    run = make_run(tmp_path)
    save_checkpoint(run, kind="interval", episodes=100, success_rate=0.9)
    old = save_checkpoint(run, kind="best")
    new = save_checkpoint(run, kind="best", timesteps=2000)
    save_checkpoint(run, kind="interval", timesteps=3000)
    assert best_model(paths) == new.id
    used = range(CONFIG.evaluation.seed, CONFIG.evaluation.seed + CONFIG.evaluation.episodes)
    blocks = [
        range(first, first + SEEDS_EACH) for first in (first_seed(CONFIG, m) for m in (old, new))
    ]
    assert blocks[0].stop <= blocks[1].start
    assert used.stop <= blocks[0].start


def test_on_a_new_machine_the_state_folder_is_made_for_a_drill(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path / "new" / "state")
    with scratch_folder(paths, "evaluation") as folder:
        assert folder.parent == paths.drills
        assert paths.home.stat().st_mode & 0o777 == 0o700
    assert list(paths.drills.iterdir()) == []
