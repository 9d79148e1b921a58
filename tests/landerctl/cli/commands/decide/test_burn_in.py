"""`landerctl burn-in`: one screen, with what is nearest to its limit first."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from landerctl.exitcodes import Exit
from landerctl.operations.decision.burn_in import BurnInOutput, describe, render
from tests.checks.checklist.burn_in.story import Story
from tests.landerctl.operator_side import landerctl


@pytest.fixture
def story(tmp_path: Path) -> Story:
    begun = Story(tmp_path)
    begun.start()
    return begun


def described(story: Story) -> BurnInOutput:
    found = describe(story.facts())
    assert found is not None
    return found


def test_one_screen_with_the_nearest_to_its_limit_first(story: Story) -> None:
    story.train(60.0, cpu=lambda hours: 88.0, disk=lambda hours: 10.0)
    story.end("trainer.crashed")
    story.begin()
    story.train(31.0, cpu=lambda hours: 88.0, descriptors=lambda hours: 40.0 + hours // 6)
    found = described(story)
    shares = [one.share for one in found.lines if one.state != "fails" and one.share is not None]
    assert shares == sorted(shares, reverse=True)
    assert [one.state for one in found.lines[:2]] == ["fails", "fails"]  # crash, TensorBoard
    assert found.state == "training"
    assert found.eta_s == pytest.approx(41.0 * 3600.0)
    rows = render(found).splitlines()
    assert len(rows) <= 24
    assert max(map(len, rows)) <= 79
    assert rows[0] == f"burn-in of {story.run.id}"
    assert "] " in rows[1] and " 43%  1 d 7 h of 3 d 0 h" in rows[1]
    assert any("begun anew after 2 d 12 h: " in row for row in rows)


def test_a_run_that_is_too_short(story: Story) -> None:
    """The record of its progress says that 4 h are left."""
    story.train(2.0)
    facts = story.facts()
    status = facts.evidence.status
    assert status is not None and status.progress is not None
    progress = msgspec.structs.replace(status.progress, eta_s=4 * 3600.0)
    status = msgspec.structs.replace(status, progress=progress)
    evidence = msgspec.structs.replace(facts.evidence, status=status)
    found = describe(msgspec.structs.replace(facts, evidence=evidence))
    assert found is not None
    assert found.run_ends.startswith("the run is complete in about 4 h 00 min, at 60,000,000 steps")
    assert "Raise run.timesteps" in render(found)


def test_a_pause_has_no_estimate(story: Story) -> None:
    story.train(20.0)
    story.stop()
    found = described(story)
    assert (found.state, found.eta_s) == ("paused", None)
    assert "\npaused: stopped on request\n" in render(found)


def test_a_complete_one_says_how_it_ended(story: Story) -> None:
    story.train(73.0)
    found = described(story)
    assert (found.state, found.eta_s) == ("complete", 0.0)
    assert "\nfails: burn-in.tensorboard fails" in render(found)


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "burn-in")
    assert (ended.returncode, ended.stdout) == (Exit.UNKNOWN, "")
    assert ended.stderr.count("\n") == 1
