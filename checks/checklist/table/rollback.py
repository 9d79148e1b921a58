"""The rollback procedure: when, and its steps."""

from __future__ import annotations

from checks.checklist.model import Drill, Group, Line, Live, Person, Phase

_DRILL = "landerctl drill rollback"


def _when(name: str, text: str, measure: str, threshold: str = "") -> Line:
    return Line(
        f"rollback-when.{name}",
        text,
        Live(),
        measure,
        "landerctl rollback --to last-good",
        "landerctl events --severity warning",
        "The line holds while there is no reason to roll back.",
        thresholds=(threshold,) if threshold else (),
    )


def _step(name: str, text: str, measure: str, translated: str = "") -> Line:
    judge = Drill("rollback", name, ("version", "machine", "settings"))
    return Line(f"rollback.{name}", text, judge, measure, _DRILL, _DRILL, translated)


WHEN = Phase(
    "rollback-when",
    "When to Rollback",
    (
        Group(
            "",
            (
                _when(
                    "crashes",
                    "Training crashes repeatedly (3+ times in 24 hours)",
                    "Crashes of the run in the last 24 h, since its last rollback: fewer than "
                    "{rollback_crashes}.",
                    "rollback_crashes",
                ),
                _when(
                    "memory",
                    "Memory leak detected (>5GB growth per day)",
                    "`memory/growth_gb_per_day` (Theil-Sen slope of up to six hours), its last "
                    "value since the last rollback: at most {rollback_growth_gb_per_day} GB a day.",
                    "rollback_growth_gb_per_day",
                ),
                _when(
                    "regression",
                    "Curriculum regression occurs 3+ consecutive times",
                    "`curriculum/regressions` (consecutive returns to the previous stage), its "
                    "last value since the last rollback: fewer than {rollback_regressions}.",
                    "rollback_regressions",
                ),
                _when(
                    "diverges",
                    "Reward diverges (NaN or extremely negative)",
                    "No `training.not_finite` in the last 24 h, and the last "
                    "`curriculum/reward_100` (mean of 100 episodes) is not below the threshold of "
                    "the rule `reward-diverged` once it was above the rule's `armed_at`; both "
                    "since the last rollback.",
                ),
                Line(
                    "rollback-when.critical-bug",
                    "Critical bug discovered in production code",
                    Person("no-critical-bug"),
                    "A person says that none is known in this version.",
                    "landerctl signoff no-critical-bug --by NAME",
                ),
            ),
        ),
    ),
)
STEPS = Phase(
    "rollback",
    "Rollback Steps",
    (
        Group(
            "Stop current training",
            (
                _step(
                    "stopped",
                    "Press Ctrl+C or kill process",
                    "The rollback stops the drill's trainer: its process is gone, and another one "
                    "has started.",
                    "`landerctl rollback` stops the trainer itself.",
                ),
                _step(
                    "graceful",
                    "Wait for graceful shutdown",
                    "The trainer saved its last checkpoint and ended by itself, with exit code 10 "
                    "(stopped).",
                ),
            ),
        ),
        Group(
            "",
            (
                _step(
                    "identified",
                    "Identify last good checkpoint",
                    "`last-good` names the state with a success rate of 1 - "
                    "rollback.success_tolerance or more, not the two newer ones, of which the "
                    "drill made one fail every episode and one not finite; both are skipped by "
                    "name.",
                ),
            ),
        ),
        Group(
            "Restore from backup",
            (
                _step(
                    "copied",
                    "Copy checkpoint to safe location",
                    "The state before the rollback is among the backups, pinned, every digest "
                    "right.",
                ),
                _step(
                    "normaliser-restored",
                    "Restore VecNormalize stats",
                    "vecnormalize.npz of the restored checkpoint has the digest of the backup's, "
                    "which alone had the state.",
                ),
                _step(
                    "state-restored",
                    "Restore training state JSON",
                    "training_state.json of the restored checkpoint has the digest of the "
                    "backup's.",
                ),
            ),
        ),
        Group(
            "",
            (
                _step(
                    "resumed",
                    "Resume from checkpoint",
                    "Training resumes from the restored checkpoint, and its steps go beyond those "
                    "of the state.",
                ),
            ),
        ),
        Group(
            "Verify restoration",
            (
                _step(
                    "tensorboard-continuous",
                    "Check TensorBoard continuity",
                    "The event file after the rollback begins within a rollout of the restored "
                    "step, and has TensorBoard drop the older curves from there on.",
                ),
                _step(
                    "success-matches",
                    "Verify success rate matches pre-rollback",
                    "The success rate of the first evaluation after the rollback, 20 episodes of "
                    "the mean action, is at most rollback.success_tolerance below the restored "
                    "state's.",
                ),
                _step(
                    "watched",
                    "Monitor for 1 hour",
                    "The daemon watches the restored training and reports that it runs, with no "
                    "critical event since; the drill watches 20 s.",
                    "rollback.watch_s is an hour by default.",
                ),
            ),
        ),
    ),
)
