"""Events about runs, their trainer, and the curriculum."""

from __future__ import annotations

from daemon.store.catalogs.events.kind import EventKind

RUNS: tuple[EventKind, ...] = (
    EventKind(
        "run.started",
        "info",
        "A new run started; `parent`: the state that it was forked from, or null",
        ("mode", "algorithm", "n_envs", "seed", "warm_start", "parent"),
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
    EventKind("trainer.fatal", "critical", "The trainer is not restarted any more", ("reason",)),
    EventKind("trainer.protocol", "warning", "A line from the trainer could not be decoded"),
    EventKind(
        "warmstart.cloned",
        "info",
        "A new run's policy imitates the reference pilot, for which `warm_start_steps` were flown",
        ("warm_start_steps", "samples", "loss", "explained_variance", "seconds"),
    ),
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
)
