"""What a tracking server has of each run, and sending one to it now."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import msgspec

from daemon.base.paths import RunPaths, StatePaths
from daemon.config.schema import TrackingSettings
from daemon.runs.metadata import shown_name
from daemon.runs.run_folder import all_runs
from daemon.tracking.cursor import Cursor, read_any_cursor
from daemon.tracking.protocol import Assignment, Report, encode_line, report_decoder


class TrackedRun(msgspec.Struct, frozen=True):
    """A run of which something was sent, or tried to be."""

    run_id: str
    name: str
    mlflow_run_id: str  # "": none yet
    status: str  # of the run at MLflow
    sent: int  # samples
    lost: int  # removed by the store's retention, or refused, before they were sent


def tracked_runs(paths: StatePaths) -> list[TrackedRun]:
    """Every such run, in ascending order of the ids. Raises OSError."""
    found = []
    for run in all_runs(paths):
        cursor: Cursor | None = read_any_cursor(run)
        if cursor is not None:
            at, status = cursor.mlflow_run_id, cursor.status
            name = shown_name(run)
            found.append(TrackedRun(run.id, name, at, status, cursor.sent, cursor.lost))
    return found


def send_now(settings: TrackingSettings, paths: StatePaths, run: RunPaths) -> Iterator[Report]:
    """Send a run once, by a process as the daemon's; its reports, the last one at its end.

    The process ends with this one. Raises OSError.
    """
    assignment = Assignment(settings, str(paths.home), run.id, once=True)
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "daemon.tracking"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(encode_line(assignment))
        process.stdin.flush()
        for line in process.stdout:
            yield report_decoder.decode(line)
