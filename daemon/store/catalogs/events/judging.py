"""Events about how training was judged: checklist, evaluations, reviews, signs of divergence."""

from __future__ import annotations

from daemon.store.catalogs.events.kind import EventKind

JUDGING: tuple[EventKind, ...] = (
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
