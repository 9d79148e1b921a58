"""A machine is lost with its data: another one resumes from the object store."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from daemon.base.identity import lock_is_held
from tests.daemon.object_store import Bucket, bucket
from tests.e2e.mission import PATIENCE_S, Mission, alive
from tests.waiting import eventually


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[Bucket]:
    with bucket(tmp_path) as found:
        yield found


@pytest.fixture
def another() -> Iterator[Mission]:
    # pytest's own folders have paths too long for a socket.
    with tempfile.TemporaryDirectory(prefix="landerctl-") as folder:
        mission = Mission(Path(folder) / "state")
        yield mission
        mission.close()


def use(mission: Mission, s3: Bucket) -> None:
    with (mission.paths.home / "config.toml").open("a") as file:
        file.write(
            f'[[backup.targets]]\nname = "cloud"\nurl = "{s3.url}"\n'
            f'options_file = "{s3.options_file}"\n'
        )


def test_a_training_resumes_on_another_machine(
    s3: Bucket, mission: Mission, another: Mission
) -> None:
    use(mission, s3)
    mission.done("start")
    mission.event("backup.sent", 3)
    sent = {str(event.body["id"]) for event in mission.events("backup.sent")}
    run_id, trainer = mission.current.id, mission.trainer_pid()
    children = psutil.Process(mission.supervisor_pid()).children()
    os.kill(mission.supervisor_pid(), signal.SIGKILL)
    os.kill(trainer, signal.SIGKILL)
    mission.daemon_gone()
    mission.trainer_gone()
    eventually(lambda: not any(alive(child.pid) for child in children), "no process is left")
    shutil.rmtree(mission.paths.home)
    states = {path.split("/")[1] for path in s3.objects() if path.endswith("backup.json")}
    assert sent <= states
    newest = max(id_ for id_ in states if not id_.startswith("logs-"))

    use(another, s3)
    restored = another.done("restore", "cloud", "--yes")
    assert f"Run {run_id} restored to {newest}" in restored.stdout
    assert "Training in the background" in restored.stdout
    assert lock_is_held(another.paths)
    assert another.current.id == run_id
    steps = int(newest.split("-")[1])
    resumed = str(another.event("trainer.resumed").body["checkpoint"])
    assert resumed.endswith(f"-{steps}-rollback")
    another.trained_past(steps)
    # Its new checkpoints are newer than all backups of the run in the object store.
    another.event("backup.sent", 2)
    eventually(
        lambda: any(path.split("/")[1] > resumed for path in s3.objects()),
        "the store has what came after",
        PATIENCE_S,
    )
    another.done("stop")
