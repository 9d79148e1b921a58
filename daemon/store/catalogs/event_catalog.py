"""The catalogue of events: every event name in the store, and its meaning.

`docs/events.md` is generated from this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from daemon.config.schema import Severity
from daemon.store.records import Event


@dataclass(frozen=True)
class EventKind:
    """An event's stable name, default severity, meaning, and the fields of its body.

    A routine event is frequent, and what it says is shown elsewhere: lists hide it by default.
    """

    name: str
    severity: Severity
    meaning: str
    fields: tuple[str, ...] = ()
    routine: bool = False
    routine_if: tuple[str, str] | None = None  # routine if this field has this value


CATALOGUE: dict[str, EventKind] = {
    kind.name: kind
    for kind in (
        EventKind("daemon.started", "info", "The supervisor has started", ("pid", "fingerprint")),
        EventKind("daemon.stopped", "info", "The supervisor stopped on request", ("reason",)),
        EventKind(
            "daemon.paused",
            "info",
            "The supervisor stood still for a time; time-outs were extended by it",
            ("paused_s",),
        ),
        EventKind("daemon.recovered", "warning", "The previous supervisor exited without a stop"),
        EventKind(
            "daemon.home_lost",
            "critical",
            "The state folder was renamed, removed or replaced; the daemon stops",
            ("what",),
        ),
        EventKind("store.recovered", "warning", "A damaged store was set aside", ("path",)),
        EventKind(
            "clock.jumped",
            "warning",
            "The wall clock jumped; nothing is removed by age until it is trusted again",
            ("by_s",),
        ),
        EventKind(
            "clock.trusted",
            "info",
            "The clock returned, was steady for a day, or was confirmed; retention goes on",
        ),
        EventKind("config.reloaded", "info", "A changed configuration file was loaded", ("path",)),
        EventKind(
            "config.refused",
            "warning",
            "A changed configuration file is invalid; the old settings stay in force",
            ("path",),
        ),
        EventKind(
            "config.secrets_removed",
            "warning",
            "Secrets that an earlier version copied into runs and backups were removed",
            ("runs", "backups"),
        ),
        EventKind(
            "config.secrets_kept",
            "warning",
            "A run's or backup's copy of secrets could not be removed",
            ("error",),
        ),
        EventKind(
            "config.secret_file",
            "warning",
            "A file with a secret cannot be used, or others can read it",
            ("error",),
        ),
        EventKind(
            "run.started",
            "info",
            "A new run started; `parent`: the state that it was forked from, or null",
            ("mode", "algorithm", "n_envs", "seed", "parent"),
        ),
        EventKind(
            "run.restored",
            "warning",
            "A run was restored from a target into this state folder",
            ("id", "target", "timesteps"),
        ),
        EventKind(
            "run.removed",
            "warning",
            "A run was removed by a user; its backups are kept, or but the pinned ones removed too",
            ("run", "name", "by", "bytes", "backups"),
        ),
        EventKind(
            "run.switched",
            "info",
            "A user made another run the current one",
            ("run", "name", "by", "from"),
        ),
        EventKind("run.completed", "info", "A run reached its end", ("timesteps", "trained_s")),
        EventKind(
            "run.paused",
            "info",
            "A run reached the steps at which it was to pause: the end of a sweep's leg",
            ("timesteps", "trained_s"),
        ),
        EventKind("trainer.started", "info", "A trainer process was started", ("pid",)),
        EventKind(
            "trainer.running",
            "info",
            "The first heartbeat of a trainer arrived",
            ("pid", "startup_s", "trained_s"),
        ),
        EventKind("trainer.resumed", "info", "Training resumes from a checkpoint", ("checkpoint",)),
        EventKind(
            "trainer.interrupted",
            "warning",
            "The trainer saved and exited on a signal of somebody else; it is restarted",
            ("exit", "trained_s"),
        ),
        EventKind("trainer.frozen", "warning", "The trainer is alive but not executed", ("why",)),
        EventKind("trainer.thawed", "info", "A frozen trainer runs again", ("frozen_s",)),
        EventKind("trainer.exited", "info", "The trainer exited on request", ("exit", "trained_s")),
        EventKind(
            "trainer.crashed",
            "critical",
            "The trainer exited unexpectedly",
            ("exit", "trained_s"),
        ),
        EventKind("trainer.hung", "critical", "No report; the trainer was killed", ("silent_s",)),
        EventKind(
            "trainer.fatal", "critical", "The trainer is not restarted any more", ("reason",)
        ),
        EventKind("trainer.protocol", "warning", "A line from the trainer could not be decoded"),
        EventKind("stage.started", "info", "A curriculum stage started", ("stage", "name")),
        EventKind(
            "stage.ramped",
            "info",
            "The ramp into a stage advanced one step",
            ("stage", "ramp_step", "attempt", "success_rate", "reward_mean"),
        ),
        EventKind(
            "stage.confirming",
            "info",
            "The exploring policy meets the gate; its mean action is evaluated next",
            ("stage", "success_rate", "reward_mean"),
        ),
        EventKind(
            "stage.unconfirmed",
            "warning",
            "The mean action did not meet the gate; the stage continues",
            ("stage", "success_rate", "reward_mean"),
        ),
        EventKind(
            "stage.passed",
            "info",
            "A gate was passed",
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
            "A stage with its gate passed is mastered, or reached mastery_timesteps",
            ("stage", "success_rate", "reward_mean"),
        ),
        EventKind(
            "stage.failed",
            "warning",
            "An attempt at a stage did not pass the gate in attempt_timesteps; the next one starts",
            ("stage", "ramp_step", "attempt", "success_rate", "reward_mean"),
        ),
        EventKind(
            "stage.regressed",
            "warning",
            "All attempts at a stage failed; training returns to the previous stage and its model",
            ("stage", "in_a_row"),
        ),
        EventKind(
            "episode.timeout",
            "info",
            "Episodes hit their time limit",
            ("count", "altitude_m"),
            routine=True,
        ),
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
        EventKind("alert.firing", "warning", "An alert fired", ("alert", "value")),
        EventKind("alert.resolved", "info", "An alert ended", ("alert", "value")),
        EventKind(
            "alert.acted", "warning", "An alert rule's action was started", ("alert", "action")
        ),
        EventKind("alert.acknowledged", "info", "An alert was acknowledged", ("alert",)),
        EventKind("alert.silenced", "info", "A silence started or ended", ("pattern", "for_s")),
        EventKind("notify.sent", "info", "A target was notified of alerts", ("target", "alerts")),
        EventKind(
            "notify.failed", "warning", "A notification failed; it is retried", ("target", "error")
        ),
        EventKind(
            "notify.tested",
            "info",
            "A target was tried with `landerctl alerts test`; error: why it failed",
            ("target", "error"),
        ),
        EventKind(
            "notify.dropped",
            "critical",
            "Notifications were dropped undelivered",
            ("target", "count"),
        ),
        EventKind(
            "plugin.disabled",
            "warning",
            "A plugin failed and is no longer used until the daemon restarts; error: how it failed",
            ("kind", "plugin", "package", "version", "error"),
        ),
        EventKind(
            "plugin.rule_left_out",
            "info",
            "A plugin's alert rule is for a stage that the curriculum lacks: it is left out",
            ("plugin", "rule", "stage"),
        ),
        EventKind(
            "tensorboard.port_taken",
            "warning",
            "TensorBoard cannot listen on its port; it is retried with backoff",
            ("error",),
        ),
        EventKind(
            "tensorboard.failed",
            "warning",
            "TensorBoard could not be started or has ended; it is restarted with backoff",
            ("error",),
        ),
        EventKind("tensorboard.recovered", "info", "TensorBoard is served again", ("url",)),
        EventKind(
            "prometheus.port_taken",
            "warning",
            "The exporter for Prometheus cannot listen on its port; it is retried with backoff",
            ("error",),
        ),
        EventKind(
            "prometheus.failed",
            "warning",
            "The exporter for Prometheus could not be started; it is retried with backoff",
            ("error",),
        ),
        EventKind(
            "prometheus.recovered", "info", "The exporter for Prometheus is served again", ("url",)
        ),
        EventKind(
            "tracking.failed",
            "warning",
            "Nothing can be sent to the tracking server; it is retried with backoff",
            ("error", "behind"),
        ),
        EventKind(
            "tracking.recovered", "info", "The tracking server is sent to again", ("behind",)
        ),
        EventKind(
            "tracking.lost",
            "warning",
            "Samples were removed by the store's retention, or refused, before they were sent",
            ("count",),
        ),
        EventKind(
            "tracking.given_up",
            "warning",
            "The run is not sent to the tracking server any more until the daemon's next start",
            ("error",),
        ),
        EventKind(
            "checklist.turned",
            "info",
            "A line of the checklist is in another state; a warning if it held and does not now",
            ("line", "before", "now"),
        ),
        EventKind(
            "checklist.refused",
            "critical",
            "The ledger of the checklist's evidence was edited or is damaged",
            ("problem",),
        ),
        EventKind(
            "evaluation.done",
            "info",
            "The mean action was evaluated on the evaluation seeds",
            ("checkpoint", "stage", "success_rate", "success_low", "reward_mean"),
        ),
        EventKind(
            "evaluation.failed",
            "warning",
            "An evaluation's result could not be written",
            ("error",),
        ),
        EventKind(
            "review.done",
            "info",
            "A daily or weekly review was made; `landerctl review` shows it",
            ("kind", "since_s", "until_s", "record"),
        ),
        EventKind(
            "training.not_finite",
            "critical",
            "A number is NaN or infinite; training rewinds to the checkpoint, if one is given",
            ("what", "where", "timesteps", "checkpoint"),
        ),
        EventKind(
            "training.diverging",
            "warning",
            "A sign of divergence: kl, value_loss or reward is beyond its limit",
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


def is_routine(event: Event) -> bool:
    """Whether lists hide the event by default."""
    kind = CATALOGUE.get(event.name)
    if kind is None or kind.routine_if is None:
        return kind is not None and kind.routine
    field, value = kind.routine_if
    return event.body.get(field) == value


def _condition(kind: EventKind) -> str:
    if kind.routine_if is None:
        return f"name = '{kind.name}'"
    field, value = kind.routine_if
    return f"name = '{kind.name}' AND json_extract(body, '$.{field}') = '{value}'"


_ROUTINE = [kind for kind in CATALOGUE.values() if kind.routine or kind.routine_if]
# The SQL condition of `is_routine`.
ROUTINE_SQL = " OR ".join(_condition(kind) for kind in _ROUTINE)
