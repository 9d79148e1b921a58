"""What is asked before something that cannot be taken back by a key. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from checks.wording import duration, number, percent, short_number
from daemon.protocol.control import Request, Rollback, StopDaemon
from landerctl.tui.snapshot import Restorable, Snapshot

_LABEL_CELLS = 12
_NOW_CELLS = 16


@dataclass(frozen=True)
class Question:
    """A dialog's words and the request behind its button, fixed when the key was pressed."""

    title: str
    lines: tuple[Content, ...]
    confirm: str
    request: Request
    doing: str


def rollback_question(target: Restorable, snapshot: Snapshot) -> Question:
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
            f"{target.source}, made {duration(snapshot.read_s - target.created_s)} ago",
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
    lines.append(Content("No checkpoint is deleted; a rollback can be rolled back."))
    return Question(
        "Roll back?",
        tuple(lines),
        "Roll back",
        Rollback(target.id),
        f"Rolling back to {target.id}",
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
        "Stop",
        StopDaemon(),
        "Stopping the daemon",
    )
