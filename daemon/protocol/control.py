"""The control socket: one request line from the client, then notes, then one final answer line."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

MAX_REQUEST_BYTES = 64 * 1024


class PingRequest(msgspec.Struct, frozen=True, tag="ping"):
    """Is the supervisor answering?"""


class StopRequest(msgspec.Struct, frozen=True, tag="stop"):
    """Stop the trainer (checkpoint saved), then the supervisor."""


class BackupRequest(msgspec.Struct, frozen=True, tag="backup"):
    """Save a checkpoint now if a trainer runs, and copy it (else the newest) to the backups."""

    note: str = ""
    pinned: bool = False


class RollbackRequest(msgspec.Struct, frozen=True, tag="rollback"):
    """Verify, stage, try, stop, swap, restart, report: to the first of these states that can be
    used.
    """

    ids: Annotated[list[str], msgspec.Meta(min_length=1, max_length=100)]
    user: str
    note: str = ""


class UndoRollbackRequest(msgspec.Struct, frozen=True, tag="undo-rollback"):
    """Go to the state from which the last rollback went away, in the same way."""

    user: str
    note: str = ""


class AcknowledgeRequest(msgspec.Struct, frozen=True, tag="acknowledge"):
    """Someone has seen this alert: no reminder of it until it fires anew."""

    alert: str
    user: str
    note: str = ""


class SilenceRequest(msgspec.Struct, frozen=True, tag="silence"):
    """Notify nobody of alerts that match the shell pattern, for so long; 0 ends such a silence."""

    pattern: str
    for_s: float
    user: str
    note: str = ""


class TestNotifyRequest(msgspec.Struct, frozen=True, tag="test-notify"):
    """Send a test to every target of [notify]."""


Request = (
    PingRequest
    | StopRequest
    | BackupRequest
    | RollbackRequest
    | UndoRollbackRequest
    | AcknowledgeRequest
    | SilenceRequest
    | TestNotifyRequest
)


class Note(msgspec.Struct, frozen=True, tag="note"):
    """A step of a longer request, as it happens."""

    text: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """The request succeeded."""

    text: str
    data: dict[str, bool | int | float | str | None] = {}


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The request failed; nothing it says it left is half-done."""

    code: Literal["bad-request", "busy", "not-found", "damaged", "unusable", "no-trainer", "failed"]
    text: str  # what happened, to which thing, and what to do next, in one line


Answer = Note | Done | Refused

request_decoder = msgspec.json.Decoder(Request)
answer_decoder = msgspec.json.Decoder(Answer)
