"""Faulty checkpoints of a real training are refused, and one that is not refused is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.base.paths import RunPaths
from daemon.trainer.commands.drills.checkpoints import (
    STATE,
    refuse_faults,
    refuse_states,
    refuse_statistics,
)
from daemon.trainer.commands.drills.work import Work
from daemon.trainer.commands.parts import train_shortly
from tests.daemon.trainer.conftest import small_config


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Work, RunPaths]:
    folder = tmp_path_factory.mktemp("drill")
    work = Work(small_config(), folder, lambda *_: None)
    run = RunPaths(folder / "run")
    assert "completed, final checkpoint" in train_shortly(work.config, run)
    return work, run


def test_faults_are_refused_and_the_next_older_checkpoint_is_used(
    trained: tuple[Work, RunPaths],
) -> None:
    for found in (refuse_statistics(*trained), refuse_states(*trained)):
        assert found.holds is True, found.text
        assert found.figures["refused"] == found.figures["faults"] == 4
        assert "-interval is used" in found.text


def test_what_is_not_refused_fails_by_name(trained: tuple[Work, RunPaths]) -> None:
    def change_nothing(folder: Path) -> None:
        assert (folder / STATE).is_file()

    found = refuse_faults("some-key", STATE, {"no fault": change_nothing}, *trained)
    assert (found.holds, found.text) == (False, "not refused: no fault")
