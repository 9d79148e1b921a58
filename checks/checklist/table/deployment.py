"""Deployment: before it, at the start, after an hour, after a day."""

from __future__ import annotations

from checks.checklist.model import MEASURED, Drill, Group, Line, Lines, Live, Person, Phase

_HOUR = "landerctl check first-hour --json"
_DAY = "landerctl check first-day --json"


def _before(name: str, text: str, ids: tuple[str, ...], remedy: str, translated: str = "") -> Line:
    measure = f"All lines of {', '.join(one.rstrip('.') for one in ids)} hold."
    return Line(
        f"before.{name}", text, Lines(ids), measure, remedy, "landerctl checklist", translated
    )


def _live(
    line_id: str, text: str, measure: str, more: str, *thresholds: str, translated: str = ""
) -> Line:
    remedy = "see `landerctl events` and the trainer's log"
    return Line(line_id, text, Live(), measure, remedy, more, translated, thresholds=thresholds)


BEFORE = Phase(
    "before",
    "Step 1: Pre-Deployment Checklist",
    (
        Group(
            "",
            (
                _before(
                    "tests-passed",
                    "All pre-production tests passed",
                    ("environment.", "burn-in.", "algorithms."),
                    "landerctl golive",
                ),
                _before(
                    "config-created",
                    "Production config file created",
                    ("software.config",),
                    "landerctl preflight",
                ),
                _before(
                    "backup-configured",
                    "Backup strategy configured",
                    ("backup.",),
                    "landerctl drill backup",
                ),
                Line(
                    "before.dashboard",
                    "Monitoring dashboard prepared",
                    Live(),
                    "The daemon or its store is readable, so that the screen shows it; "
                    "TensorBoard or "
                    "the exporter for Prometheus is enabled; a notification target is configured.",
                    "add [[notify.targets]] to the configuration, see docs/alerts.md",
                    "landerctl status",
                    "The dashboard is `landerctl tui`, with TensorBoard beside it.",
                ),
                Line(
                    "before.rollback-documented",
                    "Rollback procedure documented",
                    Drill("rollback", "documented"),
                    "The commands of the steps in docs/rollback.md are those that the drill "
                    "carried out, and the events that it names followed. Outside a checkout, where "
                    "the page is missing: open.",
                    "landerctl drill rollback",
                    "landerctl rollback --help",
                ),
                Line(
                    "before.team-notified",
                    "Team notified of deployment schedule",
                    Person("team-notified"),
                    "A person says so.",
                    "landerctl signoff team-notified --by NAME",
                ),
            ),
        ),
    ),
)
START = Phase(
    "start",
    "Step 2: Initial Deployment",
    (
        Group("Start training with monitoring", ()),
        Group(
            "Verify startup",
            (
                _live(
                    "start.begins",
                    "Training begins within 2 minutes",
                    "From the run's creation to the first `trainer.running`: at most "
                    "{startup_s:g} s.",
                    _HOUR,
                    "startup_s",
                ),
                _live(
                    "start.environments",
                    "All environments initialize successfully",
                    "The trainer reports progress, which comes after the fleet is built and has "
                    "flown a "
                    "rollout; its steps are a multiple of run.n_envs.",
                    "landerctl status",
                    translated="All landers fly in one simulation.",
                ),
                _live(
                    "start.tensorboard",
                    "TensorBoard accessible at http://localhost:6006",
                    "The server answers over HTTP at the address of `landerctl status`; while "
                    "no daemon "
                    "runs, the last time that it was asked.",
                    "landerctl status",
                    translated="The port is tensorboard.port.",
                ),
                _live(
                    "start.first-checkpoint",
                    "First checkpoint created within expected time",
                    "From the first `trainer.running` to the first `checkpoint.saved`: at most "
                    "checks.checkpoint_age_warning_s.",
                    _HOUR,
                ),
                _live(
                    "start.no-errors",
                    "No error messages in console",
                    "No `trainer.crashed`, `trainer.hung`, `trainer.fatal` or "
                    "`checkpoint.failed` in "
                    "the first hour of training.",
                    "landerctl events --severity warning",
                    translated="A daemon has no console: its events of errors.",
                ),
            ),
        ),
    ),
)
HOUR = Phase(
    "hour",
    "Step 3: First Hour Validation",
    (
        Group(
            "Check TensorBoard metrics (after 1 hour)",
            (
                _live(
                    "hour.reward",
                    "`rollout/ep_rew_mean` trending upward or stable",
                    "No sign of a falling reward at the hour's end: the divergence monitor "
                    "(divergence.reward_drop below the best level, over "
                    "divergence.reward_drop_steps, "
                    "statistically significant).",
                    _HOUR,
                ),
                _live(
                    "hour.episode-length",
                    "`rollout/ep_len_mean` < max_episode_steps",
                    "The last value of the hour is below the stage's time limit in steps.",
                    _HOUR,
                ),
                _live(
                    "hour.success",
                    "`episode/success_rate_100` > 0% (some successes)",
                    "Some value of the hour is above 0.",
                    _HOUR,
                ),
                _live(
                    "hour.learning-rate",
                    "`train/learning_rate` stable",
                    "No sign of diverging updates at the hour's end (divergence.kl and "
                    "divergence.value_loss_ratio); the rate is finite.",
                    _HOUR,
                    translated="The rate adapts to the change of the policy (ppo.desired_kl), "
                    "so its "
                    "stability is that of the updates.",
                ),
                _live(
                    "hour.finite",
                    "No NaN or Inf values in any metric",
                    "No `training.not_finite` in the hour.",
                    _HOUR,
                ),
            ),
        ),
        Group(
            "Verify file outputs",
            (
                _live(
                    "hour.checkpoints",
                    "Checkpoint files created in `./production_models/checkpoints/`",
                    "The run has at least one checkpoint, each with a readable manifest; the "
                    "files of the "
                    "newest have their sizes.",
                    "landerctl backups",
                ),
                _live(
                    "hour.normaliser",
                    "VecNormalize stats saved (`*_vecnormalize.pkl`)",
                    "The newest checkpoint has vecnormalize.npz and vecnormalize.pkl, of the "
                    "sizes in "
                    "its manifest.",
                    "landerctl backups",
                ),
                _live(
                    "hour.state",
                    "Training state JSON created",
                    "The newest checkpoint has training_state.json, of the size in its manifest.",
                    "landerctl backups",
                ),
                _live(
                    "hour.tensorboard",
                    "TensorBoard event files updating",
                    "The newest event file is at most supervision.heartbeat_timeout_s old while it "
                    "trains.",
                    _HOUR,
                ),
            ),
        ),
    ),
)
DAY = Phase(
    "day",
    "Step 4: 24-Hour Checkpoint",
    (
        Group(
            "Performance validation",
            (
                _live(
                    "day.running",
                    "Training still running (no crashes)",
                    "No `trainer.crashed` or `trainer.fatal` in the first 24 h of training.",
                    _DAY,
                ),
                _live(
                    "day.memory",
                    "Memory usage stable",
                    "`memory/growth_gb_per_day` at the day's end is within its alert rule.",
                    _DAY,
                ),
                _live(
                    "day.stage-1",
                    "Stage 1 completed or in progress",
                    "`curriculum/current_stage` at the day's end is 1 or later.",
                    _DAY,
                ),
                _live(
                    "day.success",
                    "Success rate improving",
                    "A stage or a step of its ramp was passed in the day's last quarter; else the "
                    "gate is passed, or the mean success rate of the last quarter is not below "
                    "that "
                    "of the quarter before.",
                    _DAY,
                ),
                _live(
                    "day.no-repeated-failures",
                    "No repeated failures on same stage",
                    "In the first 24 h of training no stage failed more than one attempt, and "
                    "none was "
                    "left for an earlier one.",
                    _DAY,
                ),
            ),
        ),
        Group(
            "Data integrity",
            (
                Line(
                    "day.checkpoints-load",
                    "Checkpoints loading successfully",
                    Drill("resume", "loads", (*MEASURED, "run")),
                    "A copy of the run's newest checkpoint: every digest matches, all its numbers "
                    "are finite, and a training can resume from it (the load test of a rollback).",
                    "landerctl drill resume",
                    "landerctl drill resume",
                ),
                _live(
                    "day.evaluated",
                    "Model can be evaluated with `--mode eval`",
                    "An `evaluation.done`, or a result in the run's evaluations, at any time.",
                    "landerctl evaluate",
                ),
                _live(
                    "day.backups",
                    "Backups completed successfully",
                    "As `landerctl check backup`: no checkpoint lacks its backup for longer than "
                    "allowed, "
                    "and the last verification found none damaged.",
                    "landerctl check backup",
                ),
            ),
        ),
    ),
)
