"""What is asked before something is done that is no matter of one key. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from checks.wording import duration, number, percent, short_number
from daemon.backup.restoring.restorable import Restorable
from daemon.protocol.control import (
    AcknowledgeRequest,
    Request,
    RollbackRequest,
    SilenceRequest,
    StopRequest,
)
from landerctl.tui.data.snapshot import Snapshot

SILENCE_HOURS = (1, 8, 24)
_LABEL_CELLS = 12
_NOW_CELLS = 16
_PLACES = {"checkpoint": "checkpoint", "backup": "backup", "both": "checkpoint with a backup"}


@dataclass(frozen=True)
class Choice:
    """A button of a dialog, and the request behind it."""

    label: str
    request: Request
    doing: str


@dataclass(frozen=True)
class Question:
    """A dialog's words and its buttons beside Cancel, fixed when the key was pressed."""

    title: str
    lines: tuple[Content, ...]
    choices: tuple[Choice, ...]
    # A line to write into, for requests that take a note; Enter there is the first choice.
    asks_note: bool = False


def rollback_question(target: Restorable, snapshot: Snapshot, user: str) -> Question:
    """From where the training stands to `target`: steps, stage, success and reward."""
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
    lines.append(Content())
    if progress and progress.timesteps > manifest.timesteps:
        lost = short_number(progress.timesteps - manifest.timesteps)
        lines.append(Content(f"{lost} steps of training are left behind."))
    lines.append(Content("No checkpoint is deleted; a rollback can be undone."))
    return Question(
        "Roll back?",
        tuple(lines),
        (Choice("Roll back", RollbackRequest([target.id], user), f"Rolling back to {target.id}"),),
    )


def stop_question(snapshot: Snapshot) -> Question:
    """Stopping keeps everything; the dialog says how to go on."""
    progress = snapshot.status.progress
    at = f" (now {number(progress.timesteps)} timesteps)" if progress else ""
    return Question(
        "Stop the daemon?",
        (
            Content(f"The trainer saves a checkpoint{at}."),
            Content("Then trainer and daemon end. Nothing is lost."),
            Content(),
            Content.assemble("Go on later with ", ("landerctl start", "bold")),
        ),
        (Choice("Stop", StopRequest(), "Stopping the daemon"),),
    )


def acknowledgement(alert: str, user: str) -> Choice:
    """That someone has seen an alert: asked with a note, sent at once without."""
    return Choice("Acknowledge", AcknowledgeRequest(alert, user), f"Acknowledging {alert}")


def note_question(alert: str, user: str) -> Question:
    """A few words for the others."""
    return Question(
        f"Acknowledge {alert}",
        (Content("Nobody is reminded of it until it fires anew."),),
        (acknowledgement(alert, user),),
        asks_note=True,
    )


def silence_question(alert: str, user: str) -> Question:
    """For how long nobody is to be told."""
    return Question(
        f"Silence {alert}?",
        (
            Content("Nobody is told of it for a time. It is judged and recorded"),
            Content("all the same; what still fires afterwards is told then."),
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
    """Sent at once: what it undoes can be done again by a key."""
    return Choice(
        "Unsilence", SilenceRequest(pattern, 0.0, user), f"Ending the silence of {pattern}"
    )
