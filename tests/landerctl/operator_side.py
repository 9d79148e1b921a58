"""Runs the real `landerctl` script on state folders filled by the real writers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from filelock import UnixFileLock

from daemon.base.identity import DaemonIdentity, boot_id, lock_is_held
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import Manifest
from daemon.config import load_config
from daemon.config.schema import CheckpointKind
from daemon.runs.creation import create_run
from daemon.runs.run_folder import set_current
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from tests.daemon.fake_state import FakeState
from tests.status_samples import daemon_status, progress, resources, trainer_status

T = TypeVar("T")
SCRIPT = Path(sys.executable).with_name("landerctl")
ROOT = Path(__file__).parents[2]
FAKE_LOAD_TEST = (sys.executable, "-m", "tests.landerctl.with_fake_load_test")


def environment(home: Path, **more: str) -> dict[str, str]:
    """Environment without user configuration and colours, with the test's state folder."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    return kept | {"LANDERCTL_HOME": str(home), "HOME": str(home.parent), **more}


def landerctl(
    home: Path, *arguments: str, timeout_s: float = 60.0, **more: str
) -> subprocess.CompletedProcess[str]:
    return run_landerctl(home, *arguments, timeout_s=timeout_s, more=more)


def run_landerctl(
    home: Path,
    *arguments: str,
    timeout_s: float = 60.0,
    program: Sequence[str] = (str(SCRIPT),),
    more: Mapping[str, str],
) -> subprocess.CompletedProcess[str]:
    """`more`: further variables of its environment."""
    return subprocess.run(
        [*program, *arguments],
        cwd=ROOT,
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def make_run(home: Path) -> RunPaths:
    """Create a run as `start` does, and make it current."""
    paths = StatePaths(home)
    run = create_run(paths, load_config(None).config)
    set_current(paths, run.id)
    return run


def make_checkpoint(
    run: RunPaths, timesteps: int, kind: CheckpointKind = "interval", age_s: float = 60.0
) -> Manifest:
    def build(folder: Path) -> None:
        (folder / "model.zip").write_bytes(os.urandom(2000))
        (folder / "training_state.json").write_bytes(msgspec.json.encode(FakeState(timesteps)))

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
    """Hold the lock as a running supervisor does."""
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
