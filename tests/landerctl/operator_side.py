"""Running the real `landerctl` script, on state folders that the real writers filled."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TypeVar

import msgspec
from filelock import UnixFileLock

from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import Manifest
from daemon.config import load_config
from daemon.config.schema import CheckpointKind
from daemon.identity import DaemonIdentity, boot_id, lock_is_held
from daemon.paths import RunPaths, StatePaths
from daemon.protocol.trainer import Progress
from daemon.runs import create_run, set_current
from daemon.store.records import (
    AlertRecord,
    DaemonStatus,
    ResourceStatus,
    RunRecord,
    TrainerStatus,
)
from daemon.store.writer import StoreWriter

T = TypeVar("T")
SCRIPT = Path(sys.executable).with_name("landerctl")
ROOT = Path(__file__).parents[2]


def environment(home: Path, **more: str) -> dict[str, str]:
    """No user's configuration, no colours, and a state folder of the test's own."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {"LANDERCTL_HOME": str(home), "HOME": str(home.parent), **more}


def landerctl(
    home: Path, *arguments: str, timeout_s: float = 60.0, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SCRIPT), *arguments],
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def daemon_status(now_s: float, **changes: object) -> DaemonStatus:
    status = DaemonStatus(
        pid=4242,
        started_s=now_s - 7200,
        config_path=None,
        config_error=None,
        steps_per_s_expected=(5_000.0, 60_000.0),
        tensorboard_url=None,
        stopped_s=None,
        stop_reason=None,
    )
    return msgspec.structs.replace(status, **changes)


def trainer_status(now_s: float, run_id: str = "run-1", **changes: object) -> TrainerStatus:
    status = TrainerStatus(
        state="RUNNING",
        since_s=now_s - 7000,
        pid=4243,
        run_id=run_id,
        phase="collecting",
        phase_detail="",
        restarts=0,
        last_exit=None,
        restart_at_s=None,
        heartbeat_s=now_s - 2,
    )
    return msgspec.structs.replace(status, **changes)


def progress(now_s: float, **changes: object) -> Progress:
    reported = Progress(
        time_s=now_s - 2,
        timesteps=13_200_000,
        total_timesteps=60_000_000,
        stage=2,
        stages=5,
        stage_name="approach",
        stage_timesteps=5_000_000,
        episodes=12_345,
        success_rate=0.43,
        reward_mean=512.3,
        gate_success_rate=0.5,
        gate_mean_reward=600.0,
        gate_passed=False,
        mastery_success_rate=0.9,
        steps_per_s=18_200.0,
        eta_s=2571.0,
        phase="collecting",
    )
    return msgspec.structs.replace(reported, **changes)


def resources(now_s: float, **changes: object) -> ResourceStatus:
    sampled = ResourceStatus(
        time_s=now_s - 1,
        cpu_machine_percent=97.0,
        cpu_trainer_percent=188.0,
        cpu_supervisor_percent=0.5,
        memory_used_percent=41.0,
        memory_trainer_bytes=612_000_000,
        memory_supervisor_bytes=48_000_000,
        disk_free_bytes=120_000_000_000,
        disk_total_bytes=200_000_000_000,
        cores=2,
    )
    return msgspec.structs.replace(sampled, **changes)


def alert(now_s: float, **changes: object) -> AlertRecord:
    record = AlertRecord(
        name="disk-low",
        state="firing",
        since_s=now_s - 90,
        value=3.2,
        comparison="below",
        threshold=10.0,
        severity="critical",
        summary="Disk space is running out",
    )
    return msgspec.structs.replace(record, **changes)


def make_run(home: Path) -> RunPaths:
    """A run as `start` makes it, and the pointer to it."""
    paths = StatePaths(home)
    run = create_run(paths, load_config(None).config)
    set_current(paths, run.id)
    return run


def make_checkpoint(
    run: RunPaths, timesteps: int, kind: CheckpointKind = "interval", age_s: float = 60.0
) -> Manifest:
    def build(folder: Path) -> None:
        (folder / "model.zip").write_bytes(os.urandom(2000))
        (folder / "training_state.json").write_bytes(msgspec.json.encode(timesteps))

    return commit_checkpoint(
        run.checkpoints,
        build=build,
        run_id=run.id,
        kind=kind,
        created_s=time.time() - age_s,
        algorithm="ppo",
        timesteps=timesteps,
        stage=2,
        versions={},
        success_rate=0.43,
        reward_mean=512.0,
    )


def fill_store(home: Path, run_id: str = "run-1", **changes: object) -> None:
    """A store in the middle of a training; `changes` replace fields of the daemon's record."""
    now_s = time.time()
    writer = StoreWriter.open(StatePaths(home).store)
    writer.put_daemon(daemon_status(now_s, **changes))
    writer.put_trainer(trainer_status(now_s, run_id))
    writer.put_progress(progress(now_s))
    writer.put_resources(resources(now_s))
    writer.put_alerts([])
    writer.put_run(RunRecord(run_id, now_s - 7200, "curriculum", "ppo", 128))
    writer.close()


@contextmanager
def lock_held(home: Path) -> Iterator[None]:
    """As a living supervisor holds it."""
    paths = StatePaths(home)
    lock = UnixFileLock(paths.lock)
    identity = DaemonIdentity(4242, time.time() - 7200, boot_id())
    paths.identity.write_bytes(msgspec.json.encode(identity))
    with lock:
        yield


@contextmanager
def supervisor(home: Path, run: RunPaths) -> Iterator[subprocess.Popen[bytes]]:
    """A real supervisor over the fake trainer, until the block ends."""
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "tests.daemon.supervise_fake", "--home", str(home)]
    command += ["--run", run.id, "--ready-fd", str(writing), "--", "--interval=25"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(home), pass_fds=(writing,), stderr=subprocess.PIPE
    )
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.readline()
    assert b'"ok":true' in answer, (answer, process.communicate())
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)
        assert not lock_is_held(StatePaths(home))


def eventually(probe: Callable[[], T | None], what: str, patience_s: float = 20.0) -> T:
    """What `probe` returns once it is truthy."""
    deadline_s = time.monotonic() + patience_s
    pause = Event()
    while time.monotonic() < deadline_s:
        if found := probe():
            return found
        pause.wait(0.02)
    raise AssertionError(f"did not happen within {patience_s:g} s: {what}")
