"""The events of a supervisor's start: the previous session, and the run."""

from __future__ import annotations

import os
from pathlib import Path

from daemon.base.paths import RunPaths
from daemon.base.text.counted import counted
from daemon.base.text.warm_start import warm_start_text
from daemon.config import Config
from daemon.config.fingerprint import fingerprint
from daemon.runs.metadata import read_metadata
from daemon.store.async_recorder import Recorder
from daemon.store.records import RunRecord
from daemon.supervisor.lifecycle.previous_session import PreviousSession


def record_start(
    recorder: Recorder,
    run: RunPaths,
    trained: Config,
    previous: PreviousSession,
    *,
    damaged_store: Path | None,
    open_files: list[str],
    now_s: float,
) -> None:
    """Record how the previous session ended, and the run.

    `damaged_store`: the new path of a damaged store; `open_files`: a line for each file with a
    secret that others can read; `now_s`: Unix time.
    """
    last = previous.status
    if damaged_store is not None:
        recorder.event(
            "store.recovered",
            f"The store was damaged: renamed to {damaged_store}, a new one was created; "
            "runs and checkpoints are not affected",
            body={"path": str(damaged_store)},
        )
    if last.daemon is not None and last.daemon.stopped_s is None:
        recorder.event(
            "daemon.recovered",
            f"The previous supervisor (pid {last.daemon.pid}) exited without a clean stop",
        )
    settings = trained.run
    recorder.run(
        RunRecord(
            id=run.id,
            created_s=previous.run_began_s or now_s,
            mode=settings.mode,
            algorithm=settings.algorithm,
            n_envs=settings.n_envs,
            warm_start=settings.warm_start,
        )
    )
    if last.run is None or last.run.id != run.id:
        recorder.progress(None)
    recorder.event(
        "daemon.started",
        f"Supervisor started, pid {os.getpid()}",
        body={"pid": os.getpid(), "fingerprint": fingerprint(trained)},
    )
    for fault in open_files:
        recorder.event("config.secret_file", fault, body={"error": fault})
    if previous.run_began_s is None:
        parent = read_metadata(run).parent
        origin = None if parent is None else f"{parent.run_id}/{parent.state}"
        forked = f", forked from {origin}" if origin else ""
        recorder.event(
            "run.started",
            f"Run {run.id}: {settings.mode}, {settings.algorithm}, "
            f"{counted(settings.n_envs, 'lander')}{warm_start_text(settings.warm_start)}{forked}",
            body={
                "mode": settings.mode,
                "algorithm": settings.algorithm,
                "n_envs": settings.n_envs,
                "seed": settings.seed,
                "warm_start": settings.warm_start,
                "parent": origin,
            },
        )
