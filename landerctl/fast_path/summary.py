"""A training on one line. Pure."""

from __future__ import annotations

from checks.wording import clock, duration, number, percent, short_number
from daemon.protocol.trainer import Progress
from daemon.store.records import Status
from landerctl.fast_path.status_report import Overview, gate_words, trainer_words

OLD_HEARTBEAT_S = 15.0  # from here on the figures' age is told
_AT_WORK = ("collecting", "learning")


def summary(view: Overview) -> str:
    """The time, then where the training stands, or else what keeps it from standing anywhere."""
    return "  ".join([clock(view.time_s), *_parts(view)])


def _parts(view: Overview) -> list[str]:
    status = view.status
    if view.state == "starting":
        return ["the daemon starts"]
    if view.state != "running" or status is None:
        return [view.text]
    alerts = [f"{a.severity.upper()} {a.name}" for a in status.alerts if a.state == "firing"]
    trainer = status.trainer
    if trainer is None or trainer.state != "RUNNING" or status.progress is None:
        return [f"trainer {trainer_words(trainer, view)}", *alerts]
    return [*_training(status.progress), *_asides(status, view), *alerts]


def _training(progress: Progress) -> list[str]:
    return [
        f"stage {progress.stage}/{progress.stages} {progress.stage_name}",
        f"success {percent(progress.success_rate)} ({gate_words(progress)})",
        f"reward {number(progress.reward_mean)} (gate {number(progress.gate_mean_reward)})",
        f"{short_number(progress.timesteps)} steps",
        f"{number(progress.steps_per_s)} steps/s",
        *([] if progress.eta_s is None else [f"ETA {duration(progress.eta_s)}"]),
    ]


def _asides(status: Status, view: Overview) -> list[str]:
    asides = []
    if status.trainer and status.trainer.phase and status.trainer.phase not in _AT_WORK:
        asides.append(f"{status.trainer.phase} {status.trainer.phase_detail}".strip())
    if view.heartbeat_age_s is not None and view.heartbeat_age_s > OLD_HEARTBEAT_S:
        asides.append(f"heartbeat {duration(view.heartbeat_age_s)} ago")
    return asides
