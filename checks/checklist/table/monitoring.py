"""After the deployment: daily and weekly reviews, alerts."""

from __future__ import annotations

from checks.checklist.model import Drill, Group, Line, Live, Phase

_DAILY = "landerctl review daily"
_WEEKLY = "landerctl review weekly"
_ALERTS = "landerctl drill alerts"


_EVALUATE = "landerctl review weekly --evaluate"


def _daily(name: str, text: str, measure: str, more: str = _DAILY) -> Line:
    return Line(f"daily.{name}", text, Live(), measure, f"`{_DAILY}`", more)


def _weekly(
    name: str, text: str, measure: str, remedy: str = _WEEKLY, thresholds: tuple[str, ...] = ()
) -> Line:
    return Line(
        f"weekly.{name}",
        text,
        Live(),
        f"{measure} It is of this version, configuration and run, and at most 8 days old.",
        f"`{remedy}`",
        _WEEKLY,
        thresholds=thresholds,
    )


def _alert(
    line_id: str, text: str, rule: str, cause: str, thresholds: tuple[str, ...] = ()
) -> Line:
    return Line(
        line_id,
        text,
        Drill("alerts", rule, ("version", "settings")),
        f"{cause} The rule `{rule}` then fires, and each configured target of its severity "
        "receives it, marked as a drill; the first delivery that fails counts.",
        _ALERTS,
        "landerctl alerts",
        "A rule's for_s, stage and armed_at are moved so that it fires at once; the finding says "
        "what was moved.",
        thresholds=thresholds,
    )


DAILY = Phase(
    "daily",
    "Real-Time Monitoring (Daily)",
    (
        Group(
            "Check TensorBoard dashboard",
            (
                _daily(
                    "reviewed",
                    "Monitor: `rollout/ep_rew_mean`, `episode/success_rate_100`",
                    "The newest daily review of this version, configuration and run ends at most "
                    "26 h "
                    "ago (or before the last sign of life of a stopped run), and has the means of "
                    "both, with 95% intervals by batch means, at the difficulty flown in both "
                    "spans.",
                ),
                _alert(
                    "daily.reward-alert",
                    "Alert if: Reward decreases by >20% for 100k steps",
                    "reward-dropping",
                    "A small training in which every lander lands forgets how, by an entropy bonus "
                    "that outweighs all rewards, over fewer steps than "
                    "divergence.reward_drop_steps; configured are at most {alert_reward_drop:.0%} "
                    "over {alert_reward_drop_steps:,} steps.",
                    ("alert_reward_drop", "alert_reward_drop_steps"),
                ),
                _alert(
                    "daily.success-alert",
                    "Alert if: Success rate drops below stage threshold",
                    "success-below-gate",
                    "The same training, whose gate was passed, falls below its success rate.",
                ),
            ),
        ),
        Group(
            "System health",
            (
                _daily(
                    "cpu",
                    "CPU usage trending",
                    "The newest daily review has the mean of `cpu/machine_percent` of its day "
                    "and of "
                    "the day before.",
                ),
                _daily(
                    "memory",
                    "Memory usage stable",
                    "The last `memory/growth_gb_per_day` in the newest daily review is within "
                    "the rule "
                    "`memory-growing` (any rule of that metric).",
                ),
                _daily(
                    "disk",
                    "Disk space available",
                    "Free space of the state folder's file system, now, is within the rules of "
                    "`disk/free_gb`.",
                    "landerctl check disk",
                ),
                _daily(
                    "process",
                    "Process running without errors",
                    "Now: the daemon and the trainer run, or were stopped on request; no "
                    "critical alert "
                    "fires.",
                    "landerctl status",
                ),
            ),
        ),
    ),
)
WEEKLY = Phase(
    "weekly",
    "Weekly Performance Review",
    (
        Group(
            "Training progress",
            (
                _weekly("stage", "Current curriculum stage", "The newest weekly review names it."),
                _weekly(
                    "stages-done",
                    "Stages completed",
                    "The newest weekly review lists the gates passed (`stage.passed`).",
                ),
                _weekly(
                    "success",
                    "Success rates per stage",
                    "The newest weekly review has the share that landed of all episodes of the "
                    "week, "
                    "for each stage flown.",
                ),
                _weekly(
                    "reward",
                    "Mean reward trends",
                    "The newest weekly review has the mean of `rollout/ep_rew_mean` and its "
                    "change, "
                    "with 95% intervals by batch means: against the week before at the difficulty "
                    "flown in both, else the second half of the week against its first.",
                ),
                _weekly(
                    "completion",
                    "Estimated completion time",
                    "The newest weekly review has it with its 95% range, and the mean error of the "
                    "earlier estimates, if there are any.",
                ),
            ),
        ),
        Group(
            "Model quality",
            (
                _weekly(
                    "evaluated",
                    "Evaluate best model with 20 episodes",
                    "An evaluation of the best model with at least {review_episodes} episodes, at "
                    "most 8 days older than the newest weekly review.",
                    _EVALUATE,
                    ("review_episodes",),
                ),
                _weekly(
                    "success-rate",
                    "Success rate on evaluation set",
                    "The newest weekly review has it, with its 95% interval (Wilson).",
                    _EVALUATE,
                ),
                _weekly(
                    "precision",
                    "Landing precision (distance from target)",
                    "The newest weekly review has the landings' mean distance from the pad, with "
                    "its "
                    "95% interval (Student's t).",
                    _EVALUATE,
                ),
                _weekly(
                    "fuel",
                    "Fuel efficiency metrics",
                    "The newest weekly review has the landings' mean share of propellant left, "
                    "with "
                    "its 95% interval (Student's t).",
                    _EVALUATE,
                ),
                _weekly(
                    "smoothness",
                    "Control smoothness",
                    "The newest weekly review has the roughness: the mean squared change of the "
                    "action from step to step, over all episodes, with its 95% interval (Student's "
                    "t).",
                    _EVALUATE,
                ),
            ),
        ),
    ),
)
ALERTS = Phase(
    "alerts",
    "Automated Alerts",
    (
        Group(
            "Configure alerts for",
            (
                _alert(
                    "alerts.crash",
                    "Training process crash",
                    "training-crashed",
                    "A small training's process is ended by SIGKILL.",
                ),
                _alert(
                    "alerts.memory",
                    "Memory usage > 90%",
                    "memory-high",
                    "The rule's threshold, configured at most {alert_memory_percent:g}%, is moved "
                    "below the machine's own value: to fill the memory would harm.",
                    ("alert_memory_percent",),
                ),
                _alert(
                    "alerts.disk",
                    "Disk space < 10GB",
                    "disk-low",
                    "The rule's threshold, configured at least {alert_disk_gb:g} GB, is moved "
                    "above the disk's own value: to fill the disk would harm.",
                    ("alert_disk_gb",),
                ),
                _alert(
                    "alerts.checkpoint",
                    "Checkpoint save failure",
                    "checkpoint-failing",
                    "A file is in the place of a small training's folder of checkpoints.",
                ),
                _alert(
                    "alerts.nan",
                    "Reward becomes NaN",
                    "reward-not-finite",
                    "A small training goes on with a loss beyond the largest 32-bit number.",
                ),
                _alert(
                    "alerts.regression",
                    "Stage regression occurs 3+ times",
                    "stage-regressing",
                    "A small training whose second gate never opens returns to the first stage "
                    "{rollback_regressions} times in a row.",
                    ("rollback_regressions",),
                ),
            ),
        ),
    ),
)
