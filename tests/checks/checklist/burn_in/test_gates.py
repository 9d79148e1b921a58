"""Gates: success rates and rewards as recorded, and VecNormalize's observations."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from checks.checklist.burn_in.gates import gate_counts, observation_count
from checks.checklist.facts import Outcome
from checks.checklist.judges.gates import JUDGES
from daemon.base.paths import RunPaths
from daemon.checkpoint.commit import commit_checkpoint
from tests.checks.checklist.burn_in.story import Story

RATES = (0.55, 0.6, 0.7, 0.62, 0.8)
REWARDS = (500.0, 700.0, 750.0, 850.0, 950.0)


def gate(run: RunPaths, stage: int, count: float | None, *, timesteps: int | None = None) -> Path:
    """A gate's checkpoint whose statistics have seen `count` observations."""

    def build(folder: Path) -> None:
        path, returns = folder / "vecnormalize.npz", np.zeros(128)
        if count is None:
            np.savez(path, returns=returns)
        else:
            np.savez(path, returns=returns, observation_count=np.asarray(count))

    manifest = commit_checkpoint(
        run.checkpoints,
        build=build,
        run_id=run.id,
        kind="gate",
        created_s=1.0,
        algorithm="ppo",
        timesteps=stage * 1000 if timesteps is None else timesteps,
        stage=stage,
        versions={},
        success_rate=None,
        reward_mean=None,
    )
    return run.checkpoints / manifest.id


def pass_gates(story: Story, stages: int, **changes: float) -> None:
    for stage in range(1, stages + 1):
        body = {"success_rate": RATES[stage - 1], "reward_mean": REWARDS[stage - 1]} | changes
        story.event("stage.passed", stage=stage, **body)
        gate(story.run, stage, 1e6 * stage)


def judged(story: Story) -> dict[str, Outcome]:
    facts = story.facts()
    return {name.removeprefix("burn-in."): judge(facts) for name, judge in JUDGES.items()}


def states(story: Story) -> dict[str, str]:
    return {name: one.state for name, one in judged(story).items()}


@pytest.fixture
def story(tmp_path: Path) -> Story:
    begun = Story(tmp_path)
    begun.start()
    return begun


def test_all_gates_passed(story: Story) -> None:
    assert set(states(story).values()) == {"open"}
    pass_gates(story, 5)
    found = judged(story)
    assert {one.state for one in found.values()} == {"holds"}
    assert found["stage-4"].text == "62% at the gate, limit 60%"
    assert found["normaliser-persists"].text.startswith("stage 1: 1,000,000, stage 2: 2,000,000")


def test_gates_that_a_clone_passed_before_its_training(story: Story) -> None:
    for stage in (1, 2, 3, 4):
        gate(story.run, stage, 24e6, timesteps=0)
    gate(story.run, 5, 25e6)
    assert judged(story)["normaliser-persists"].state == "holds"
    named = gate(story.run, 5, 24e6).name  # trained for, but nothing was counted
    assert judged(story)["normaliser-persists"].text.startswith(f"begun anew before {named}")


def test_some_gates_passed(story: Story) -> None:
    pass_gates(story, 3)
    found = states(story)
    assert [found[f"stage-{stage}"] for stage in range(1, 6)] == ["holds"] * 3 + ["open"] * 2
    assert (found["mean-rewards"], found["normaliser-persists"]) == ("open", "open")


def test_a_gate_below_the_documents_threshold(story: Story) -> None:
    """The run's own gate may be lower: the document's decides."""
    pass_gates(story, 5, success_rate=0.58, reward_mean=780.0)
    found = states(story)
    assert [found[f"stage-{stage}"] for stage in range(1, 6)] == ["holds"] * 3 + ["fails"] * 2
    assert found["mean-rewards"] == "fails"


def test_passed_by_another_version(story: Story) -> None:
    pass_gates(story, 5)
    story.end("trainer.exited")
    story.fingerprint = "another"
    story.start()
    found = states(story)
    assert found["stage-1"] == found["mean-rewards"] == "stale"


@pytest.mark.parametrize("mode", ["demo", "standard"])
def test_a_run_without_these_stages(mode: str, tmp_path: Path) -> None:
    story = Story(tmp_path, mode)
    story.start()
    if mode == "demo":
        pass_gates(story, 2)
    found = judged(story)
    assert found["stage-5"].state == found["mean-rewards"].state == "open"
    assert 'run.mode = "curriculum"' in found["stage-5"].text
    assert found["stage-1"].state == ("holds" if mode == "demo" else "open")


def test_statistics_that_begin_anew(story: Story) -> None:
    pass_gates(story, 2)
    named = gate(story.run, 3, 1.5e6).name
    outcome = judged(story)["normaliser-persists"]
    assert outcome.state == "fails"
    assert outcome.text.startswith(f"begun anew before {named}")


def test_a_gate_that_was_passed_again_counts_by_its_newest(story: Story) -> None:
    pass_gates(story, 5)
    gate(story.run, 5, 9e6)
    assert judged(story)["normaliser-persists"].figures["observations_5"] == 9e6


def test_a_gate_that_is_only_in_the_backups(story: Story, tmp_path: Path) -> None:
    pass_gates(story, 5)
    backups = tmp_path / "backups" / story.run.id
    for folder in story.run.checkpoints.glob("*-gate"):
        shutil.move(folder, backups / folder.name)
    assert len(gate_counts(story.run.checkpoints, backups)) == 5
    assert states(story)["normaliser-persists"] == "holds"


def test_statistics_that_cannot_be_read(story: Story) -> None:
    pass_gates(story, 5)
    path = next(story.run.checkpoints.glob("*-gate")) / "vecnormalize.npz"
    whole = path.read_bytes()
    for content in (b"", whole[:200], whole.replace(b"<f8", b"<f4")):
        path.write_bytes(content)
        outcome = judged(story)["normaliser-persists"]
        assert outcome.state == "fails"
        assert "vecnormalize.npz" in outcome.text
    path.unlink()
    assert "No such file" in judged(story)["normaliser-persists"].text


def test_a_run_that_does_not_normalize(story: Story) -> None:
    facts = story.facts()
    assert facts.burn_in is not None
    off = msgspec.structs.replace(facts.burn_in, normalizes=False)
    facts = msgspec.structs.replace(facts, burn_in=off)
    assert JUDGES["burn-in.normaliser-persists"](facts).state == "does not apply"
    assert observation_count(gate(story.run, 1, None) / "vecnormalize.npz") is None
