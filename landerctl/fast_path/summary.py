"""A one-line summary of a training. Pure."""

from __future__ import annotations

from checks.rules.alerts import firing_alerts
from checks.wording import clock, duration, last_episodes, number, percent, short_number
from daemon.base.text.one_line import one_line
from daemon.protocol.trainer import Progress
from daemon.store.records import Status
from landerctl.fast_path.status_report import Overview, gate_text, trainer_text

OLD_HEARTBEAT_S = 15.0  # above this the heartbeat's age is shown
_ROUTINE_PHASES = ("collecting", "learning")


def summary(view: Overview) -> str:
    """The time, the run's name, then the progress of the training, or why it does not train."""
    name = [view.run_name] if view.run_name and view.state == "running" else []
    return "  ".join([clock(view.time_s), *name, *map(one_line, _parts(view))])


def _parts(view: Overview) -> list[str]:
    status = view.status
    if view.state == "starting":
        return ["the daemon is starting"]
    if view.state != "running" or status is None:
        return [view.text]
    alerts = [f"{a.severity.upper()} {a.name}" for a in firing_alerts(status.alerts)]
    trainer = status.trainer
    trains = trainer is not None and trainer.state == "RUNNING" and trainer.frozen is None
    if not trains or status.progress is None:
        return [f"trainer {trainer_text(trainer, view)}", *alerts]
    return [*_training(status.progress), *_extras(status, view), *alerts]


def _training(progress: Progress) -> list[str]:
    return [
        f"stage {progress.stage}/{progress.stages} {progress.stage_name}",
        f"{last_episodes(progress.window_episodes)}: "
        f"success {percent(progress.success_rate)} ({gate_text(progress)})",
        f"reward {number(progress.reward_mean)} (gate {number(progress.gate_mean_reward)})",
        f"{short_number(progress.timesteps)} steps",
        f"{number(progress.steps_per_s)} steps/s",
        *([] if progress.eta_s is None else [f"ETA {duration(progress.eta_s)}"]),
    ]


def _extras(status: Status, view: Overview) -> list[str]:
    extras = []
    if status.trainer and status.trainer.phase and status.trainer.phase not in _ROUTINE_PHASES:
        extras.append(f"{status.trainer.phase} {status.trainer.phase_detail}".strip())
    if view.heartbeat_age_s is not None and view.heartbeat_age_s > OLD_HEARTBEAT_S:
        extras.append(f"heartbeat {duration(view.heartbeat_age_s)} ago")
    return extras
