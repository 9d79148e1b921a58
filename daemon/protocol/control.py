"""The control socket: one request line from the client, then notes, then one final answer line."""

from __future__ import annotations

from typing import Literal

import msgspec

MAX_REQUEST_BYTES = 64 * 1024


class Ping(msgspec.Struct, frozen=True, tag="ping"):
    """Is the supervisor answering?"""


class StopDaemon(msgspec.Struct, frozen=True, tag="stop"):
    """Stop the trainer (checkpoint saved), then the supervisor."""


class MakeBackup(msgspec.Struct, frozen=True, tag="backup"):
    """Save a checkpoint now if a trainer runs, and copy it (else the newest) to the backups."""

    note: str = ""
    pinned: bool = False


class Rollback(msgspec.Struct, frozen=True, tag="rollback"):
    """Stop, verify, restore the checkpoint or backup with this id, restart, report."""

    id: str


class Acknowledge(msgspec.Struct, frozen=True, tag="acknowledge"):
    """Someone has seen this alert: no reminder of it until it fires anew."""

    alert: str
    user: str
    note: str = ""


class SilenceAlerts(msgspec.Struct, frozen=True, tag="silence"):
    """Notify nobody of alerts that match the shell pattern, for so long; 0 ends such a silence."""

    pattern: str
    for_s: float
    user: str
    note: str = ""


class TestNotify(msgspec.Struct, frozen=True, tag="test-notify"):
    """Send a test to every target of [notify]."""


Request = Ping | StopDaemon | MakeBackup | Rollback | Acknowledge | SilenceAlerts | TestNotify


class Note(msgspec.Struct, frozen=True, tag="note"):
    """A step of a longer request, as it happens."""

    text: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """The request succeeded."""

    text: str
    data: dict[str, bool | int | float | str | None] = {}


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The request failed; nothing it says it left is half-done."""

    code: Literal["bad-request", "busy", "not-found", "damaged", "no-trainer", "failed"]
    text: str  # what happened, to which thing, and what to do next, in one line


Answer = Note | Done | Refused

request_decoder = msgspec.json.Decoder(Request)
answer_decoder = msgspec.json.Decoder(Answer)
