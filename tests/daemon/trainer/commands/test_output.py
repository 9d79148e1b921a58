"""Output on a full disk is lost without ending the training."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import (  # type: ignore[import-untyped]
    EventAccumulator,
)

from daemon.checkpoint.measured import Measurement
from daemon.trainer.metrics import RETRY_S, TensorBoardOutput
from tests.daemon.small_disk import small_disk

DATED = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"
PRINTS = """
import sys
from daemon.trainer.commands.output import print_lossily
print_lossily()
print("x" * 100_000)
print("y" * 100_000, file=sys.stderr)
sys.exit(7)
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_printing_to_a_full_disk_changes_no_exit_code() -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-c", PRINTS], stdout=full, stderr=full, timeout=60, check=False
        )
    assert ended.returncode == 7


def test_printed_output_is_written_with_its_time() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PRINTS], capture_output=True, text=True, timeout=60, check=False
    )
    for printed, text in ((ended.stdout, "x" * 100_000), (ended.stderr, "y" * 100_000)):
        assert re.fullmatch(rf"{DATED} INFO trainer: {text}\n", printed)


def test_a_traceback_is_one_dated_text_and_a_warning_says_what_it_is() -> None:
    command = """
import sys, warnings
from daemon.trainer.commands.output import print_lossily
print_lossily()
warnings.warn("old")
print("Traceback (most recent call last):\\n  File\\nValueError: bad", file=sys.stderr)
print("more", file=sys.stderr)
"""
    ended = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, timeout=60, check=False
    )
    assert re.fullmatch(
        rf"{DATED} WARNING trainer: <string>:5: UserWarning: old\n"
        rf"{DATED} ERROR trainer: Traceback \(most recent call last\):\n  File\nValueError: bad\n"
        rf"{DATED} INFO trainer: more\n",
        ended.stderr,
    ), ended.stderr


# TensorBoard's own thread fails and warns.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_tensorboard_continues_when_there_is_space_again() -> None:
    now_s = 0.0
    with small_disk(4) as disk:
        folder = disk.folder / "tensorboard"
        output = TensorBoardOutput(folder, {}, lambda: now_s)
        for step in range(400):
            if step == 100:
                disk.fill()
            if step == 300:
                disk.free()
                now_s += RETRY_S + 1.0
            output.write(
                {"train/loss": 1.0, "time/fps": 2.0}, {"train/loss": (), "time/fps": ()}, step
            )
        output.close()
        files = sorted(folder.iterdir(), key=os.path.getmtime)
        assert len(files) == 2
        steps = []
        for file in files:
            events = EventAccumulator(str(file)).Reload()
            steps += [scalar.step for scalar in events.Scalars("train/loss")]
    assert set(range(100)) | set(range(300, 400)) <= set(steps)


def test_a_training_resumed_from_an_older_state_has_one_curve(tmp_path: Path) -> None:
    for steps in (range(0, 1000, 100), range(600, 1400, 100)):
        output = TensorBoardOutput(tmp_path, {})
        for step in steps:
            output.write({"train/loss": float(steps.start)}, {"train/loss": ()}, step)
        output.close()
        # Event files are ordered by name, which has a resolution of one second.
        for number, path in enumerate(sorted(tmp_path.iterdir(), key=os.path.getmtime)):
            path.rename(tmp_path / f"events.out.tfevents.{number}")
    curve = EventAccumulator(str(tmp_path)).Reload().Scalars("train/loss")
    assert [scalar.step for scalar in curve] == list(range(0, 1400, 100))
    assert [scalar.value for scalar in curve] == [0.0] * 6 + [600.0] * 8


def test_curves_of_evaluations_begin_again_where_the_state_has_them(tmp_path: Path) -> None:
    """Else a server shows those that a rollback discarded until the next evaluation."""
    measured = {
        "eval/success_rate": Measurement(100, 0.5),
        "eval/distance_m": Measurement(100, None),
        "train/loss": Measurement(140, 1.0),
    }
    output = TensorBoardOutput(tmp_path, measured)
    output.write({"train/loss": 2.0}, {"train/loss": ()}, 150)
    output.close()
    found = EventAccumulator(str(tmp_path)).Reload()
    assert [(one.step, one.value) for one in found.Scalars("eval/success_rate")] == [(100, 0.5)]
    assert [(one.step, one.value) for one in found.Scalars("train/loss")] == [(150, 2.0)]
    assert set(found.Tags()["scalars"]) == {"eval/success_rate", "train/loss"}


@pytest.mark.parametrize("output", [">&-", ">/dev/full"])
def test_a_result_that_is_lost_is_no_success(output: str) -> None:
    """The first report of its start is enough to notice."""
    command = f"exec {sys.executable} -m daemon.trainer fly --seed 7 {output}"
    ended = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == os.EX_IOERR
    [line] = ended.stderr.splitlines()
    assert line.startswith("landerctl: standard output: ")
