"""The dialogs' questions and the requests behind their buttons. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.content import Content

from checks.wording import duration, number, percent, short_number
from daemon.backup.restoring.restorable import Restorable
from daemon.base.text.one_line import one_line
from daemon.protocol.control import (
    AcknowledgeRequest,
    BackupRequest,
    Request,
    RollbackRequest,
    SilenceRequest,
    StopRequest,
    UndoRollbackRequest,
)
from landerctl.operations.decision.requests import CloseIncident
from landerctl.operations.sweeps.requests import ResumeSweep, StopSweep, SweepRequest
from landerctl.operations.sweeps.status import SweepStatus
from landerctl.tui.data.snapshot import Snapshot

SILENCE_HOURS = (1, 8, 24)
_LABEL_CELLS = 12
_NOW_CELLS = 16
_IMPORTED = "Imported: it came in an archive, whose digests do not say from whom"
_PLACES = {"checkpoint": "checkpoint", "backup": "backup", "both": "checkpoint with a backup"}


@dataclass(frozen=True)
class Choice:
    """A dialog's button, the request it sends, and the title of its progress."""

    label: str
    request: Request | CloseIncident | SweepRequest
    title: str


@dataclass(frozen=True)
class Question:
    """A dialog's text and its buttons besides Cancel, fixed when the key was pressed."""

    title: str
    lines: tuple[Content, ...]
    choices: tuple[Choice, ...]
    # Whether to show an input line, for requests that take a note; Enter in it is the first choice.
    asks_note: bool = False
    note_hint: str = "A note for your team (optional)"
    # Enter in the note does not send: it moves on to Cancel.
    careful: bool = False
    # Nothing is sent without a note.
    note_needed: bool = False
    # Whether the daemon carries it out: without one, there is nothing to ask.
    needs_daemon: bool = True


def rollback_question(target: Restorable, snapshot: Snapshot, user: str) -> Question:
    """Compares the current state with `target`: timesteps, stage, success and reward."""
    progress, manifest = snapshot.status.progress, target.manifest
    rows = [
        (
            "Timesteps",
            number(progress.timesteps) if progress else "unknown",
            number(manifest.timesteps),
        ),
        ("Stage", str(progress.stage) if progress else "unknown", str(manifest.stage)),
        (
            "Success",
            percent(progress.success_rate) if progress else "unknown",
            "–" if manifest.success_rate is None else percent(manifest.success_rate),
        ),
        (
            "Reward",
            number(progress.reward_mean) if progress else "unknown",
            "–" if manifest.reward_mean is None else number(manifest.reward_mean),
        ),
    ]
    lines = [
        Content.assemble("To ", (target.id, "bold")),
        Content.styled(
            f"{_PLACES[target.place]}, made {duration(snapshot.read_s - manifest.created_s)} ago",
            "$foreground-muted",
        ),
        *([Content.styled(_IMPORTED, "$warning")] if target.imported else []),
        Content(),
        Content.styled(f"{'':{_LABEL_CELLS}}{'now':>{_NOW_CELLS}}      after", "$foreground-muted"),
    ]
    for label, now, after in rows:
        lines.append(
            Content.assemble(
                (f"{label:{_LABEL_CELLS}}", "$foreground-muted"),
                f"{now:>{_NOW_CELLS}}",
                ("  →   ", "$foreground-muted"),
                (after, "bold"),
            )
        )
    window = progress.window_episodes if progress else manifest.episodes
    lines.append(
        Content.styled(f"{'':{_LABEL_CELLS}}of the last {window} episodes", "$foreground-muted")
    )
    lines.append(Content())
    if progress and progress.timesteps > manifest.timesteps:
        lost = short_number(progress.timesteps - manifest.timesteps)
        lines.append(
            Content(f"{lost} steps of training are discarded (their checkpoints are kept).")
        )
    lines.append(Content("No checkpoint is deleted; a rollback can be undone."))
    return Question(
        "Roll back?",
        tuple(lines),
        (Choice("Roll back", RollbackRequest([target.id], user), f"Rolling back to {target.id}"),),
        asks_note=True,
        note_hint="The reason, for incidents.md (optional)",
        careful=True,
    )


def undo_question(target: Restorable, snapshot: Snapshot, user: str) -> Question:
    """Compares the current state with the one before the last rollback, `target`."""
    return replace(
        rollback_question(target, snapshot, user),
        title="Undo the rollback?",
        choices=(
            Choice("Undo", UndoRollbackRequest(user), f"Undoing the rollback: back to {target.id}"),
        ),
    )


def stop_question(snapshot: Snapshot) -> Question:
    """Says that a stop loses nothing, and how to resume."""
    progress = snapshot.status.progress
    at = f" (now {number(progress.timesteps)} timesteps)" if progress else ""
    return Question(
        "Stop the daemon?",
        (
            Content(
                f"The trainer saves a checkpoint{at}, then trainer and daemon exit. "
                "Nothing is lost."
            ),
            Content(),
            Content.assemble("Resume later with ", ("landerctl start", "bold")),
        ),
        (Choice("Stop", StopRequest(), "Stopping the daemon"),),
        asks_note=True,
        note_hint="The reason, for the events (optional)",
        careful=True,
    )


def backup_question() -> Question:
    """Asks for a note to a backup, and whether it is pinned."""
    return Question(
        "Back up?",
        (Content("A checkpoint is saved now and copied. A pinned backup is never pruned."),),
        (
            Choice("Back up", BackupRequest(), "Backing up"),
            Choice("Pin", BackupRequest(pinned=True), "Backing up, pinned"),
        ),
        asks_note=True,
        note_hint="A note about this backup (optional)",
    )


def close_question(incident: str, title: str, user: str) -> Question:
    """Asks for an incident's cause, then closes it, as `landerctl incident close`."""
    return Question(
        "Close the incident?",
        (
            Content.assemble((incident, "bold"), f" {one_line(title)}"),
            Content(),
            Content("The ledger and incidents.md keep the cause; it cannot be opened again."),
        ),
        (Choice("Close it", CloseIncident(incident, user), f"Closing incident {incident}"),),
        asks_note=True,
        note_hint="The cause: why it happened",
        careful=True,
        note_needed=True,
        needs_daemon=False,
    )


def stop_sweep_question(status: SweepStatus) -> Question:
    """Says that a stop of a sweep loses nothing."""
    running = status.counts.get("running", 0)
    return Question(
        "Stop the sweep?",
        (
            Content.assemble((status.name, "bold"), f": {running} of its trials run now."),
            Content("They save a checkpoint and end, then the coordinator does. Nothing is lost."),
        ),
        (Choice("Stop", StopSweep(status.name), f"Stopping sweep {status.name}"),),
        needs_daemon=False,
    )


def resume_sweep_question(status: SweepStatus) -> Question:
    """Says what a start of a sweep does."""
    return Question(
        "Resume the sweep?" if status.began_s is not None else "Start the sweep?",
        (
            Content.assemble((status.name, "bold"), f" on engine {status.engine}."),
            Content("A coordinator starts in the background; trials continue where they were."),
        ),
        (Choice("Start", ResumeSweep(status.name), f"Starting sweep {status.name}"),),
        needs_daemon=False,
    )


def acknowledgement(alert: str, user: str) -> Choice:
    """Acknowledges an alert: sent at once, or from a dialog that adds a note."""
    return Choice("Acknowledge", AcknowledgeRequest(alert, user), f"Acknowledging {alert}")


def note_question(alert: str, user: str) -> Question:
    """Asks for a note to an acknowledgement."""
    return Question(
        f"Acknowledge {alert}",
        (Content("No reminders are sent until it fires again."),),
        (acknowledgement(alert, user),),
        asks_note=True,
    )


def silence_question(alert: str, user: str) -> Question:
    """Asks for the duration of a silence."""
    return Question(
        f"Silence {alert}?",
        (
            Content(
                "No notifications are sent for it during that time. It is still evaluated and "
                "recorded; if it fires afterwards, you are notified."
            ),
        ),
        tuple(
            Choice(
                f"{hours} h",
                SilenceRequest(alert, hours * 3600.0, user),
                f"Silencing {alert} for {hours} h",
            )
            for hours in SILENCE_HOURS
        ),
        asks_note=True,
    )


def end_of_silence(pattern: str, user: str) -> Choice:
    """Ends a silence: sent at once, as it can be renewed with one key."""
    return Choice(
        "Unsilence", SilenceRequest(pattern, 0.0, user), f"Ending the silence of {pattern}"
    )
