"""The catalogue of events: every name that the store may hold, and what it means.

`docs/events.md` is made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from daemon.config.schema import Severity


@dataclass(frozen=True)
class EventKind:
    """An event's stable name, its usual severity, what it means, and the fields of its body."""

    name: str
    severity: Severity
    meaning: str
    fields: tuple[str, ...] = ()


CATALOGUE: dict[str, EventKind] = {
    kind.name: kind
    for kind in (
        EventKind("daemon.started", "info", "The supervisor runs", ("pid",)),
        EventKind("daemon.stopped", "info", "The supervisor ended as asked", ("reason",)),
        EventKind(
            "daemon.recovered", "warning", "The supervisor before this one died without a stop"
        ),
        EventKind("store.recovered", "warning", "A damaged store was set aside", ("path",)),
        EventKind("config.reloaded", "info", "A changed configuration file is in force", ("path",)),
        EventKind(
            "config.refused", "warning", "A changed configuration file has a fault", ("path",)
        ),
        EventKind(
            "run.started", "info", "A new run begins", ("mode", "algorithm", "n_envs", "seed")
        ),
        EventKind(
            "run.restored",
            "warning",
            "A run was brought back from a target into this state folder",
            ("id", "target", "timesteps"),
        ),
        EventKind("run.completed", "info", "A run reached its end", ("timesteps",)),
        EventKind("trainer.started", "info", "A trainer process was started", ("pid",)),
        EventKind("trainer.running", "info", "First heartbeat of a trainer", ("pid", "startup_s")),
        EventKind("trainer.resumed", "info", "Training goes on from a checkpoint", ("checkpoint",)),
        EventKind("trainer.exited", "info", "The trainer ended as asked", ("exit",)),
        EventKind("trainer.crashed", "critical", "The trainer ended unasked", ("exit",)),
        EventKind(
            "trainer.hung", "critical", "No heartbeat; the trainer was killed", ("silent_s",)
        ),
        EventKind("trainer.fatal", "critical", "Given up: no further restart", ("reason",)),
        EventKind("trainer.protocol", "warning", "A line from the trainer could not be understood"),
        EventKind("stage.started", "info", "A curriculum stage begins", ("stage", "name")),
        EventKind(
            "stage.ramped",
            "info",
            "The ramp into a stage goes on to its next step",
            ("stage", "ramp_step", "attempt", "success_rate", "reward_mean"),
        ),
        EventKind(
            "stage.confirming",
            "info",
            "The exploring policy holds the gate; its mean action is tried",
            ("stage", "success_rate", "reward_mean"),
        ),
        EventKind(
            "stage.unconfirmed",
            "warning",
            "The mean action did not hold the gate; the stage goes on",
            ("stage", "success_rate", "reward_mean"),
        ),
        EventKind(
            "stage.passed",
            "info",
            "A gate is passed",
            (
                "stage",
                "success_rate",
                "reward_mean",
                "timesteps",
                "stage_timesteps",
                "stage_s",
                "trained_s",
            ),
        ),
        EventKind(
            "stage.finished",
            "info",
            "A stage whose gate is passed is mastered, or has had its time",
            ("stage", "success_rate", "reward_mean"),
        ),
        EventKind(
            "stage.failed",
            "warning",
            "An attempt at a stage did not pass its gate in its time; another one begins",
            ("stage", "ramp_step", "attempt", "success_rate", "reward_mean"),
        ),
        EventKind(
            "stage.regressed",
            "warning",
            "The attempts at a stage have failed: back to the stage before, with its model",
            ("stage", "in_a_row"),
        ),
        EventKind("episode.timeout", "info", "Episodes ran out of time", ("count", "altitude_m")),
        EventKind("checkpoint.saved", "info", "A checkpoint is committed", ("id", "kind", "bytes")),
        EventKind("checkpoint.failed", "critical", "A checkpoint could not be written", ("error",)),
        EventKind("checkpoint.damaged", "critical", "A checkpoint failed verification", ("id",)),
        EventKind("checkpoint.pruned", "info", "Old checkpoints were removed", ("count",)),
        EventKind("backup.made", "info", "A checkpoint was copied to the backups", ("id", "bytes")),
        EventKind("backup.failed", "critical", "A backup could not be made", ("error",)),
        EventKind("backup.damaged", "critical", "A backup failed verification", ("id",)),
        EventKind("backup.repaired", "info", "A damaged backup is whole again, or gone", ("id",)),
        EventKind(
            "backup.sent", "info", "A target holds a further backup", ("target", "id", "bytes")
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
            "A target cannot be used; sending is tried again, later each time",
            ("target", "error"),
        ),
        EventKind(
            "backup.target_recovered", "info", "A target holds all backups again", ("target",)
        ),
        EventKind(
            "backup.pruned",
            "info",
            "Backups were removed by age or size",
            ("count", "bytes", "target"),
        ),
        EventKind("rollback.started", "warning", "A rollback begins", ("id", "by", "automatic")),
        EventKind(
            "rollback.done",
            "info",
            "Training goes on from an older state",
            ("id", "timesteps", "took_s"),
        ),
        EventKind(
            "rollback.proven",
            "info",
            "The first evaluation after a rollback is as it was recorded",
            ("id", "success_rate", "recorded"),
        ),
        EventKind(
            "rollback.doubtful",
            "critical",
            "The first evaluation after a rollback is worse than recorded, or could not be flown",
            ("id", "success_rate", "recorded"),
        ),
        EventKind(
            "rollback.watched",
            "info",
            "What became of a rollback, rollback.watch_s later",
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
            "An alert rule would roll back, and may not or cannot",
            ("alert", "reason"),
        ),
        EventKind("rollback.failed", "critical", "A rollback was not carried out", ("id", "error")),
        EventKind("alert.firing", "warning", "An alert's condition held", ("alert", "value")),
        EventKind("alert.resolved", "info", "An alert's condition is over", ("alert", "value")),
        EventKind("alert.acted", "warning", "A rule's action is taken", ("alert", "action")),
        EventKind("alert.acknowledged", "info", "Someone has seen an alert", ("alert",)),
        EventKind("alert.silenced", "info", "A silence begins or ends", ("pattern", "for_s")),
        EventKind("notify.sent", "info", "A target was told of alerts", ("target", "alerts")),
        EventKind(
            "notify.failed", "warning", "A target could not be told yet", ("target", "error")
        ),
        EventKind(
            "notify.dropped", "critical", "Notices were never delivered", ("target", "count")
        ),
        EventKind(
            "evaluation.done",
            "info",
            "The mean action was flown on the evaluation seeds",
            ("checkpoint", "stage", "success_rate", "success_low", "reward_mean"),
        ),
        EventKind("evaluation.failed", "warning", "A result could not be written", ("error",)),
        EventKind(
            "training.not_finite",
            "critical",
            "A number is NaN or infinite; training goes back to the checkpoint, if one is given",
            ("what", "where", "timesteps", "checkpoint"),
        ),
        EventKind(
            "training.diverging",
            "warning",
            "A sign of divergence shows: kl, value_loss or reward is beyond its limit",
            ("sign", "timesteps", "value", "limit"),
        ),
        EventKind(
            "training.steady",
            "info",
            "A sign of divergence is over",
            ("sign", "timesteps", "value", "limit"),
        ),
    )
}
