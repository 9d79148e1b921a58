"""Control socket messages: one request line, then notes, then one final answer line."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

MAX_REQUEST_BYTES = 64 * 1024
Via = Literal["command", "screen"]  # from where the user asks
# `place` of a request: terminal, SSH host or browser of that user, as `daemon.base.seat` says it.


class PingRequest(msgspec.Struct, frozen=True, tag="ping"):
    """Check that the supervisor answers."""


class StopRequest(msgspec.Struct, frozen=True, tag="stop", omit_defaults=True):
    """Stop the trainer (checkpoint saved), then the supervisor.

    Refused, and training continues, if the checkpoint cannot be written, unless `force`.
    """

    force: bool = False
    user: str = ""
    note: str = ""
    via: Via = "command"
    place: str = ""


class BackupRequest(msgspec.Struct, frozen=True, tag="backup"):
    """Save a checkpoint now if a trainer runs, and copy it (else the newest) to the backups."""

    note: str = ""
    pinned: bool = False
    user: str = ""
    via: Via = "command"
    place: str = ""


class RollbackRequest(msgspec.Struct, frozen=True, tag="rollback"):
    """Roll back to the first of these states that can be used."""

    ids: Annotated[list[str], msgspec.Meta(min_length=1, max_length=100)]
    user: str
    note: str = ""
    via: Via = "command"
    place: str = ""


class UndoRollbackRequest(msgspec.Struct, frozen=True, tag="undo-rollback"):
    """Roll back to the state before the last rollback."""

    user: str
    note: str = ""
    via: Via = "command"
    place: str = ""


class AcknowledgeRequest(msgspec.Struct, frozen=True, tag="acknowledge"):
    """Acknowledge an alert: no reminder until it fires again."""

    alert: str
    user: str
    note: str = ""
    via: Via = "command"
    place: str = ""


class SilenceRequest(msgspec.Struct, frozen=True, tag="silence"):
    """Silence alerts that match the shell pattern for `for_s` seconds; 0 ends the silence."""

    pattern: str
    for_s: float
    user: str
    note: str = ""
    via: Via = "command"
    place: str = ""


class TestNotifyRequest(msgspec.Struct, frozen=True, tag="test-notify", omit_defaults=True):
    """Send a test notification to a target of [notify], or to all, and wait for the results."""

    target: str | None = None


class SendReviewRequest(msgspec.Struct, frozen=True, tag="send-review"):
    """Send a review to the targets of [reviews]; what fails is retried."""

    subject: str
    text: str


class CheckRanRequest(msgspec.Struct, frozen=True, tag="check-ran"):
    """`landerctl check` ran the check of a plugin; `fault`: how that failed, empty if it worked."""

    plugin: str
    fault: str


class RunRemovedRequest(msgspec.Struct, frozen=True, tag="run-removed"):
    """Record that a user removed a run, which was not the one of this daemon."""

    run: str
    name: str
    bytes: int
    backups: int  # removed with it
    user: str = ""
    via: Via = "command"
    place: str = ""

    def event(self) -> tuple[str, dict[str, bool | int | float | str | None]]:
        """Text and body of its event `run.removed`."""
        return f"Run {self.name} ({self.run}) was removed by {self.user}", {
            "run": self.run,
            "name": self.name,
            "by": self.user,
            "bytes": self.bytes,
            "backups": self.backups,
        }


Request = (
    PingRequest
    | StopRequest
    | BackupRequest
    | RollbackRequest
    | UndoRollbackRequest
    | AcknowledgeRequest
    | SilenceRequest
    | TestNotifyRequest
    | SendReviewRequest
    | RunRemovedRequest
    | CheckRanRequest
)

# These name who asked.
Signed = (
    StopRequest
    | BackupRequest
    | RollbackRequest
    | UndoRollbackRequest
    | AcknowledgeRequest
    | SilenceRequest
    | RunRemovedRequest
)


class Note(msgspec.Struct, frozen=True, tag="note"):
    """Progress of a long request."""

    text: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """The request succeeded."""

    text: str
    data: dict[str, bool | int | float | str | None] = {}


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The request failed or was refused."""

    code: Literal["bad-request", "busy", "not-found", "damaged", "unusable", "no-trainer", "failed"]
    text: str  # what happened, to which thing, and what to do next, in one line


Answer = Note | Done | Refused

request_decoder = msgspec.json.Decoder(Request)
answer_decoder = msgspec.json.Decoder(Answer)
