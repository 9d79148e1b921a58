"""What drills read besides the state folder: TensorBoard's files, and the rollback's page."""

from __future__ import annotations

from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from landerctl.drills.recovery.event_files import EventFile, read_event_files
from landerctl.drills.recovery.procedure_page import read_procedure
from landerctl.drills.recovery.rollback import FIND, FOLLOW, RESTORE


def write(folder: Path, steps: list[int], suffix: str, purge_step: int | None = None) -> None:
    writer = SummaryWriter(str(folder), purge_step=purge_step, filename_suffix=suffix)
    for step in steps:
        writer.add_scalar("rollout/ep_rew_mean", 1.0, step)
    writer.close()


def test_steps_and_purges_of_event_files(tmp_path: Path) -> None:
    write(tmp_path, [512, 1024, 300_000], ".0")
    write(tmp_path, [1024, 1536], ".1", purge_step=1024)
    assert read_event_files(tmp_path) == [
        EventFile(None, 512, 300_000),
        EventFile(1024, 1024, 1536),
    ]


def test_a_file_that_is_being_written(tmp_path: Path) -> None:
    write(tmp_path, [512, 1024], ".0")
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert read_event_files(tmp_path) == [EventFile(None, 512, 512)]
    file.write_bytes(b"")
    assert read_event_files(tmp_path) == []


def test_the_drill_carries_out_the_documented_procedure() -> None:
    procedure = read_procedure()
    assert procedure is not None
    assert procedure.commands == (FIND, RESTORE, FOLLOW)
    assert procedure.events == ("rollback.proven", "rollback.watched")


def test_without_the_page(tmp_path: Path) -> None:
    assert read_procedure(tmp_path / "rollback.md") is None
