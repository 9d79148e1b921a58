"""Events about saved states: checkpoints, backups, and rollbacks to them."""

from __future__ import annotations

from daemon.store.catalogs.events.kind import EventKind

STATES: tuple[EventKind, ...] = (
    EventKind(
        "checkpoint.saved",
        "info",
        "A checkpoint was committed",
        ("id", "kind", "bytes"),
        routine_if=("kind", "interval"),
    ),
    EventKind(
        "checkpoint.failed", "critical", "A checkpoint could not be written", ("error", "kind")
    ),
    EventKind("checkpoint.damaged", "critical", "A checkpoint failed verification", ("id",)),
    EventKind(
        "checkpoint.pruned", "info", "Old checkpoints were removed", ("count",), routine=True
    ),
    EventKind("backup.requested", "info", "Somebody requested a backup", ("by", "note")),
    EventKind(
        "backup.made",
        "info",
        "A checkpoint was copied to the backups",
        ("id", "bytes"),
        routine=True,
    ),
    EventKind("backup.failed", "critical", "A backup could not be made", ("error",)),
    EventKind("backup.damaged", "critical", "A backup failed verification", ("id",)),
    EventKind(
        "backup.repaired", "info", "A damaged backup is intact again, or was removed", ("id",)
    ),
    EventKind(
        "backup.sent",
        "info",
        "A backup was sent to a target",
        ("target", "id", "bytes"),
        routine=True,
    ),
    EventKind(
        "backup.unsent",
        "warning",
        "A damaged backup is not sent to a target",
        ("target", "id", "error"),
    ),
    EventKind(
        "backup.target_failed",
        "warning",
        "A target cannot be used; sending is retried with backoff",
        ("target", "error"),
    ),
    EventKind("backup.target_recovered", "info", "A target has all backups again", ("target",)),
    EventKind(
        "backup.pruned",
        "info",
        "Backups were removed by age or size",
        ("count", "bytes", "target"),
        routine=True,
    ),
    EventKind("rollback.started", "warning", "A rollback started", ("id", "by", "automatic")),
    EventKind(
        "rollback.done",
        "info",
        "Training resumes from an older state",
        ("id", "timesteps", "took_s"),
    ),
    EventKind(
        "rollback.proven",
        "info",
        "The first evaluation after a rollback confirms the recorded success rate",
        ("id", "success_rate", "recorded"),
    ),
    EventKind(
        "rollback.doubtful",
        "critical",
        "The first evaluation after a rollback is worse than recorded, or failed to run",
        ("id", "success_rate", "recorded"),
    ),
    EventKind(
        "rollback.watched",
        "info",
        "The result of a rollback, rollback.watch_s later",
        ("id", "well"),
    ),
    EventKind(
        "rollback.recovered",
        "warning",
        "A rollback that was interrupted is finished, or reverted",
        ("id", "verdict"),
    ),
    EventKind(
        "rollback.pending",
        "warning",
        "A rollback is in place, but the daemon stopped before training resumed from it",
        ("id",),
    ),
    EventKind(
        "rollback.journal_damaged",
        "warning",
        "The journal of the last rollback was damaged: it is renamed and kept",
        ("path",),
    ),
    EventKind(
        "rollback.refused",
        "critical",
        "An automatic rollback by an alert rule is not allowed or not possible",
        ("alert", "reason"),
    ),
    EventKind("rollback.failed", "critical", "A rollback failed", ("id", "error")),
)
