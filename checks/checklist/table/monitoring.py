"""After the deployment: daily and weekly reviews, alerts."""

from __future__ import annotations

from checks.checklist.model import Drill, Group, Line, Live, Phase

_DAILY = "landerctl review daily"
_WEEKLY = "landerctl review weekly"
_ALERTS = "landerctl drill alerts"


def _daily(name: str, text: str, measure: str, translated: str = "") -> Line:
    return Line(f"daily.{name}", text, Live(), measure, _DAILY, _DAILY, translated)


def _weekly(name: str, text: str, measure: str, translated: str = "") -> Line:
    return Line(f"weekly.{name}", text, Live(), measure, _WEEKLY, _WEEKLY, translated)


def _alert(line_id: str, finding: str, text: str, rule: str, translated: str = "") -> Line:
    return Line(
        line_id,
        text,
        Drill("alerts", finding, ("version", "settings")),
        f"The drill causes it in a scratch state folder: the rule `{rule}` fires, and each "
        "configured "
        "notification target receives it, marked as a drill.",
        _ALERTS,
        "landerctl alerts",
        translated,
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
                    "The newest daily review is at most 26 h old while it trains, and has both.",
                ),
                _alert(
                    "daily.reward-alert",
                    "reward-dropping",
                    "Alert if: Reward decreases by >20% for 100k steps",
                    "reward-dropping",
                ),
                _alert(
                    "daily.success-alert",
                    "success-below-gate",
                    "Alert if: Success rate drops below stage threshold",
                    "success-below-gate",
                ),
            ),
        ),
        Group(
            "System health",
            (
                _daily(
                    "cpu",
                    "CPU usage trending",
                    "The newest daily review compares the day's mean CPU use with the day before.",
                ),
                _daily(
                    "memory",
                    "Memory usage stable",
                    "`memory/growth_gb_per_day`, its last value, is within its alert rule.",
                ),
                _daily(
                    "disk",
                    "Disk space available",
                    "Free space of the state folder's file system is within the rule `disk-low`.",
                ),
                _daily(
                    "process",
                    "Process running without errors",
                    "The daemon and the trainer run, or were stopped on request; no critical alert "
                    "fires.",
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
                _weekly("stages-done", "Stages completed", "The newest weekly review lists them."),
                _weekly("success", "Success rates per stage", "The newest weekly review has them."),
                _weekly(
                    "reward",
                    "Mean reward trends",
                    "The newest weekly review compares the week's mean reward at the same "
                    "difficulty "
                    "with the week before.",
                ),
                _weekly(
                    "completion",
                    "Estimated completion time",
                    "The newest weekly review has it, and the error of the earlier estimates.",
                ),
            ),
        ),
        Group(
            "Model quality",
            (
                _weekly(
                    "evaluated",
                    "Evaluate best model with 20 episodes",
                    "An evaluation of the best model with at least 20 episodes is at most 8 "
                    "days old.",
                ),
                _weekly(
                    "success-rate",
                    "Success rate on evaluation set",
                    "The newest weekly review has it, with its 95% interval.",
                ),
                _weekly(
                    "precision",
                    "Landing precision (distance from target)",
                    "The newest weekly review has the mean distance, with its 95% interval.",
                ),
                _weekly(
                    "fuel",
                    "Fuel efficiency metrics",
                    "The newest weekly review has the mean share of propellant left, with its 95% "
                    "interval.",
                ),
                _weekly(
                    "smoothness",
                    "Control smoothness",
                    "The newest weekly review has the roughness: the mean squared change of the "
                    "action from step to step.",
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
                    "alerts.crash", "training-crashed", "Training process crash", "training-crashed"
                ),
                _alert("alerts.memory", "memory-high", "Memory usage > 90%", "memory-high"),
                _alert("alerts.disk", "disk-low", "Disk space < 10GB", "disk-low"),
                _alert(
                    "alerts.checkpoint",
                    "checkpoint-failing",
                    "Checkpoint save failure",
                    "checkpoint-failing",
                ),
                _alert(
                    "alerts.nan", "reward-not-finite", "Reward becomes NaN", "reward-not-finite"
                ),
                _alert(
                    "alerts.regression",
                    "stage-regressing",
                    "Stage regression occurs 3+ times",
                    "stage-regressing",
                ),
            ),
        ),
    ),
)
