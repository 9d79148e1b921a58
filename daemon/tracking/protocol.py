"""Messages between whoever starts the process that tracks, and that process: JSON lines."""

from __future__ import annotations

import msgspec

from daemon.config.schema import TrackingSettings


class Assignment(msgspec.Struct, frozen=True):
    """The first line to the process. Contains no secret: the process reads mlflow_uri_file."""

    settings: TrackingSettings
    home: str  # the state folder
    run_id: str
    once: bool = False  # send what there is and exit, also of a run that is not being trained


class Report(msgspec.Struct, frozen=True):
    """How far the tracking is; written after each try, and after each batch within one."""

    server: str  # URL, without credentials and path
    sent: int = 0  # samples of this run, ever
    lost: int = 0  # removed by the store's retention, or refused by the server, before being sent
    lost_before: int = 0  # of these, before this process
    behind: int = 0  # samples that are to be sent
    since_s: float | None = None  # time (Unix) of the oldest of these
    problem: str = ""  # why the last try failed; one line
    for_good: bool = False  # trying again would not help
    busy: bool = False  # another process sends from this state folder
    unfinished: bool = False  # within a try, of which it is not known yet whether it fails


assignment_decoder = msgspec.json.Decoder(Assignment)
report_decoder = msgspec.json.Decoder(Report)


def encode_line(message: Assignment | Report) -> bytes:
    """One JSON line, newline included."""
    return msgspec.json.encode(message) + b"\n"
