"""Messages between the supervisor and the process that serves a target: JSON lines."""

from __future__ import annotations

import msgspec

from daemon.config.schema import BackupSettings


class Assignment(msgspec.Struct, frozen=True):
    """The first line to the process. Contains no secret: the process reads options_file."""

    url: str
    options_file: str | None
    backups: str  # the local backups folder
    settings: BackupSettings  # for retention; without the targets
    clock: str  # the record of the wall clock


class Made(msgspec.Struct, frozen=True, tag=True):
    """A backup was made, or its tag changed."""

    run_id: str
    id: str


class Sent(msgspec.Struct, frozen=True, tag=True):
    """A backup was sent completely."""

    run_id: str
    id: str
    size_bytes: int


class Expired(msgspec.Struct, frozen=True, tag=True):
    """Backups were removed at the target by retention."""

    count: int
    size_bytes: int


class Lacking(msgspec.Struct, frozen=True, tag=True):
    """The number of backups that the target lacks."""

    count: int


class Failing(msgspec.Struct, frozen=True, tag=True):
    """The target cannot be used; sent once, until Working."""

    error: str


class Working(msgspec.Struct, frozen=True, tag=True):
    """The target has all backups; sent at the first success, and at the first after Failing."""


class Unsendable(msgspec.Struct, frozen=True, tag=True):
    """A local backup is damaged, so it is not sent."""

    run_id: str
    id: str
    error: str


Report = Sent | Expired | Lacking | Failing | Working | Unsendable

assignment_decoder = msgspec.json.Decoder(Assignment)
order_decoder = msgspec.json.Decoder(Made)
report_decoder: msgspec.json.Decoder[Report] = msgspec.json.Decoder(Report)


def encode_line(message: Assignment | Made | Report) -> bytes:
    """One JSON line, newline included."""
    return msgspec.json.encode(message) + b"\n"


class Trial(msgspec.Struct, frozen=True):
    """What to send where."""

    url: str
    options_file: str  # "": none
    backup: str  # its folder
    into: str  # an empty folder, for what is read back


class TrialResult(msgspec.Struct, frozen=True):
    """`problem`: why it failed, one line; empty if every file came back and all were removed."""

    problem: str
    files: int = 0
    bytes: int = 0
    took_s: float = 0.0
