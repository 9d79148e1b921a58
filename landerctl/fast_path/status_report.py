"""The output of `status`: one frozen object for scripts, aligned lines for people. Pure."""

from __future__ import annotations

import math

import msgspec

from checks.evidence import Evidence, WatchedRollback
from checks.liveness import Liveness, describe, last_sign_of_life_s, liveness
from checks.rules.alerts import firing_alerts
from checks.rules.trainer import frozen_text
from checks.wording import NOT_YET, duration, last_episodes, memory_used, number, percent, size
from daemon.base.clocks.trust import ClockRecord
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.base.text.warm_start import warm_start_text
from daemon.protocol.startup import one_line as startup_line
from daemon.protocol.trainer import Progress
from daemon.store.records import (
    AlertRecord,
    ChecklistStatus,
    GpuStatus,
    ResourceStatus,
    ServerStatus,
    Status,
    TrackingStatus,
    TrainerStatus,
)
from landerctl.exitcodes import Exit

EXITS: dict[Liveness, Exit] = {
    "running": Exit.OK,
    "silent": Exit.NO_ANSWER,
    "starting": Exit.OK,
    "stopped": Exit.NOT_RUNNING,
    "died": Exit.FAILED,
    "never-started": Exit.UNKNOWN,
    "unreadable": Exit.UNKNOWN,
}
OLD_JUDGEMENT_S = 3600.0  # above this a judgement's age is shown
FULL_BYTES = 1_000_000  # below this neither store nor checkpoints can be written
# States without a trainer process, in which `last_exit` belongs to the reported trainer.
WITHOUT_PROCESS = ("BACKOFF", "FATAL", "EXITED", "STOPPED")


class NewestCheckpoint(msgspec.Struct, frozen=True):
    """The checkpoint from which a restart resumes."""

    id: str
    timesteps: int
    stage: int
    age_s: float


class Overview(msgspec.Struct, frozen=True):
    """The JSON of `landerctl status --json`. Times are Unix seconds; None: not known (yet)."""

    time_s: float
    home: str
    state: Liveness
    text: str
    exit_code: int
    orphaned: bool  # the daemon has died; its trainer saves a checkpoint and exits
    data_age_s: float | None  # since the daemon last wrote something
    heartbeat_age_s: float | None
    checkpoint: NewestCheckpoint | None
    problems: list[str]
    status: Status | None
    rollback: WatchedRollback | None = None
    clock: ClockRecord | None = None
    restored: str = ""  # how the current run came here, if no daemon has run since then
    then: str = ""  # of `--at`: the moment that is shown, and what is not recorded of it
    override: str = ""  # who went live over a NO-GO, when and why
    run_name: str = ""  # what people call the run

    def age_s(self, time_s: float) -> float:
        """The age of a record dated `time_s` (Unix), by the clock of its time."""
        return self.time_s - time_s if self.clock is None else self.clock.age_s(time_s, self.time_s)


def overview(evidence: Evidence, home: str) -> Overview:
    """Build the overview from the evidence."""
    status, now_s = evidence.status, evidence.now_s
    state = liveness(evidence)
    trainer = status.trainer if status else None
    code = EXITS[state]
    if state == "running" and evidence.store.state != "readable":
        code = Exit.UNKNOWN
    elif state == "running" and trainer is not None and trainer.state == "FATAL":
        code = Exit.FAILED
    seen_s = last_sign_of_life_s(status)
    heartbeat_s = trainer.heartbeat_s if trainer else None
    newest = evidence.checkpoint
    refused = status.daemon.config_error if status and status.daemon else None
    full = evidence.disk is not None and evidence.disk.free_bytes < FULL_BYTES
    if state not in ("running", "silent") and status is not None and status.daemon is not None:
        # Its servers have ended with it.
        daemon = msgspec.structs.replace(status.daemon, tensorboard_url=None, servers={})
        status = msgspec.structs.replace(status, daemon=daemon)
    problems = [
        f"{home}: disk full, shown data may be old; free some space" if full else None,
        evidence.unwritten,
        evidence.config_problem,
        refused,
        evidence.checkpoints_problem,
        evidence.clock.doubt if evidence.clock else None,
        *_disabled_plugins(status if state == "running" else None),
    ]
    return Overview(
        time_s=now_s,
        home=home,
        state=state,
        text=describe(evidence),
        exit_code=code,
        orphaned=evidence.orphaned,
        data_age_s=None if seen_s is None else evidence.age_s(seen_s),
        heartbeat_age_s=None if heartbeat_s is None else evidence.age_s(heartbeat_s),
        checkpoint=NewestCheckpoint(
            newest.id, newest.timesteps, newest.stage, evidence.age_s(newest.created_s)
        )
        if newest
        else None,
        problems=list(dict.fromkeys(problem for problem in problems if problem)),
        status=status,
        rollback=evidence.rollback,
        clock=evidence.clock,
        restored=evidence.restored,
        run_name=evidence.run_name,
    )


def _disabled_plugins(status: Status | None) -> list[str]:
    daemon = status.daemon if status else None
    return [
        f"plugin {one.text} is disabled: {one.fault}; see `landerctl plugins`"
        for one in (daemon.plugins if daemon else [])
        if one.disabled
    ]


def lines(view: Overview) -> list[str]:
    """One label and value per line. Values of a daemon that has ended show their age."""
    rows = [("then", view.then)] if view.then else []
    rows.append(("daemon", view.text))
    if view.restored:
        newest = view.checkpoint
        rows.append(("checkpoint", newest.id if newest else NOT_YET))
    elif view.status is not None and view.status.daemon is not None:
        rows += _rows(view, view.status)
    if view.rollback is not None:
        rows.append(
            ("rollback", _rollback_text(view.rollback, view.age_s(view.rollback.running_s)))
        )
    if view.override:
        rows.append(("override", view.override))
    rows += [("problem", problem) for problem in view.problems]
    return [f"{label:<12}{one_line(' '.join(value.split()))}" for label, value in rows]


def _rollback_text(rollback: WatchedRollback, age_s: float) -> str:
    evaluation = "its first evaluation is running"
    if rollback.success_rate is not None:
        evaluation = f"its first evaluation landed {percent(rollback.success_rate)}"
    text = f"to {rollback.id} {duration(age_s)} ago, watched; {evaluation}"
    return f"{text}; undo it with `landerctl rollback --undo`" if rollback.undoable else text


def _rows(view: Overview, status: Status) -> list[tuple[str, str]]:
    live = view.state == "running"
    aged = "" if live or view.data_age_s is None else f" ({duration(view.data_age_s)} ago)"
    training = live and status.trainer is not None and status.trainer.state == "RUNNING"
    run, progress = status.run, status.progress
    rows = [
        ("trainer", trainer_text(status.trainer, view) if live else _was(status.trainer, view)),
        (
            "run",
            f"{view.run_name} {run.id}: {run.mode}, {run.algorithm}, "
            f"{counted(run.n_envs, 'lander')}{warm_start_text(run.warm_start)}"
            if run
            else NOT_YET,
        ),
        ("stage", _stage(progress) + aged if progress else NOT_YET),
        ("reward", _reward(progress) + aged if progress else NOT_YET),
        ("progress", _steps(progress, training) if progress else NOT_YET),
    ]
    if live:
        rows.append(("speed", _speed(status) if training else "not training"))
        rows += _resources(status.resources, view)
        rows.append(("alerts", _alerts(status.alerts, view)))
    if (judged := status.checklist) is not None:
        rows.append(("checklist", _checklist(judged, view.age_s(judged.time_s))))
    newest = view.checkpoint
    rows.append(("checkpoint", f"{newest.id}, {duration(newest.age_s)} ago" if newest else NOT_YET))
    if live and status.daemon:
        rows += [(name, _server(server)) for name, server in status.daemon.servers.items()]
    if (tracking := status.tracking) is not None:
        rows.append(("tracking", tracking_text(tracking, view.time_s)))
    return rows


def _checklist(judged: ChecklistStatus, age_s: float) -> str:
    text = f"evidence refused: {judged.problem}" if judged.problem else judged.text()
    return text if age_s < OLD_JUDGEMENT_S else f"{text} ({duration(age_s)} ago)"


def tracking_text(tracking: TrackingStatus, now_s: float) -> str:
    """How far the tracking is at `now_s` (Unix), and why it fails."""
    text = f"{tracking.server}, {number(tracking.sent)} samples sent"
    if tracking.lost:
        text += f", {number(tracking.lost)} lost"
    if tracking.problem is None:
        return f"{text}, {number(tracking.behind)} to go" if tracking.behind else text
    behind = f"behind by {number(tracking.behind)}"
    if tracking.since_s is not None:
        behind += f", {duration(max(0.0, now_s - tracking.since_s))}"
    end = "given up" if tracking.given_up else "fails"
    return f"{text}, {behind}; {end}: {tracking.problem}"


def _server(server: ServerStatus) -> str:
    if server.problem is not None:
        return f"not served: {server.problem}"
    return server.url or "starts"


def trainer_text(trainer: TrainerStatus | None, view: Overview) -> str:
    """State and phase of a running daemon's trainer, last exit and restarts."""
    if trainer is None:
        return NOT_YET
    parts: list[str] = [trainer.state]
    if trainer.frozen is not None:
        return f"{trainer.state}, {frozen_text(trainer)}"
    if trainer.startup is not None:
        parts.append(startup_line(trainer.startup))
    elif trainer.phase and trainer.state in ("STARTING", "RUNNING", "STOPPING"):
        parts.append(f"{trainer.phase} {trainer.phase_detail}".strip())
    if trainer.state == "BACKOFF" and trainer.restart_at_s is not None:
        parts.append(f"next restart in {duration(trainer.restart_at_s - view.time_s)}")
    if trainer.state == "RUNNING" and view.heartbeat_age_s is not None:
        parts.append(f"heartbeat {duration(view.heartbeat_age_s)} ago")
    if trainer.state in ("STARTING", "STOPPING"):
        parts.append(f"for {duration(view.age_s(trainer.since_s))}")
    if trainer.last_exit and trainer.state in WITHOUT_PROCESS:
        parts.append(trainer.last_exit)
    if trainer.restarts:
        parts.append(f"{trainer.restarts} restart{'s' if trainer.restarts > 1 else ''}")
    if trainer.state == "FATAL":
        parts.append("fix the cause, then `landerctl stop` and `landerctl start`")
    return ", ".join(parts)


def _was(trainer: TrainerStatus | None, view: Overview) -> str:
    if trainer is None:
        return "-"
    if view.state == "silent":
        return f"was {trainer.state}; without an answer its state is unknown"
    if view.orphaned:
        return "without its daemon: saves a checkpoint, then exits"
    if trainer.state not in WITHOUT_PROCESS:
        # Its exit was not observed; `last_exit` is that of an earlier trainer.
        return f"has exited too (was {trainer.state})"
    ended = f" ({trainer.last_exit})" if trainer.last_exit else ""
    return f"was {trainer.state}{ended}"


def _stage(progress: Progress) -> str:
    return (
        f'{progress.stage} of {progress.stages} "{progress.stage_name}", '
        f"success {percent(progress.success_rate)} {window_text(progress)} "
        f"({gate_text(progress)}), {number(progress.episodes)} episodes in the stage"
        f"{_gate_eta(progress)}"
    )


def _gate_eta(progress: Progress) -> str:
    attempt = f", attempt {progress.attempt}" if progress.attempt > 1 else ""
    if progress.gate_eta_s is None:
        return attempt
    return f"{attempt}, gate in about {duration(progress.gate_eta_s)}"


def window_text(progress: Progress) -> str:
    """Which episodes the success rate and the mean reward are of."""
    return f"of the {last_episodes(progress.window_episodes)}"


def gate_text(progress: Progress) -> str:
    """The success rate to reach: of the ramp, of the gate, or of mastery after the gate."""
    gate, mark = f"gate {percent(progress.gate_success_rate)}", percent(progress.success_rate_mark)
    if progress.gate_passed and progress.mastery_success_rate is None:
        return f"{gate} passed, polishing"
    if progress.gate_passed:
        return f"{gate} passed, next {mark}"
    if progress.on_ramp:
        return f"ramp {progress.ramp_step} of {progress.ramp_steps} at {mark}, then {gate}"
    return gate


def _reward(progress: Progress) -> str:
    gate = number(progress.gate_mean_reward)
    return f"mean {number(progress.reward_mean)} {window_text(progress)} (gate {gate})"


def _steps(progress: Progress, training: bool) -> str:
    share = percent(progress.timesteps / progress.total_timesteps)
    text = f"{number(progress.timesteps)} of {number(progress.total_timesteps)} steps ({share})"
    if training and progress.eta_s is not None:
        text += f", at most {duration(progress.eta_s)} left"
    return text


def _speed(status: Status) -> str:
    if status.progress is None or status.daemon is None:
        return NOT_YET
    speed = status.progress.steps_per_s
    low, high = status.daemon.steps_per_s_expected
    side = "BELOW" if speed < low else "ABOVE" if speed > high else "within"
    if math.isnan(speed):
        side = "outside"
    return f"{number(speed)} steps/s, {side} the expected {number(low)} to {number(high)}"


def _resources(resources: ResourceStatus | None, view: Overview) -> list[tuple[str, str]]:
    if resources is None:
        return [(label, NOT_YET) for label in ("cpu", "memory", "disk")]
    age_s = view.age_s(resources.time_s)
    old = f" ({duration(age_s)} ago)" if age_s > 60 else ""
    trainer_cpu, trainer_bytes = resources.cpu_trainer_percent, resources.memory_trainer_bytes
    cpu = "-" if trainer_cpu is None else f"{number(trainer_cpu / 100, 1)} cores"
    memory = "-" if trainer_bytes is None else size(trainer_bytes)
    free = resources.disk_free_bytes / resources.disk_total_bytes
    return [
        (
            "cpu",
            f"{number(resources.cpu_machine_percent)}% of {resources.cores} cores, "
            f"trainer {cpu}{old}",
        ),
        (
            "memory",
            f"{memory_used(resources.memory_used_percent, resources.memory_limit_bytes)}, "
            f"trainer {memory}, "
            f"supervisor {size(resources.memory_supervisor_bytes)}{old}",
        ),
        ("disk", f"{size(resources.disk_free_bytes)} free ({percent(free)}){old}"),
        *(
            ("gpu" if len(resources.gpus) == 1 else f"gpu {index}", f"{_gpu_text(gpu)}{old}")
            for index, gpu in enumerate(resources.gpus)
        ),
    ]


def _gpu_text(gpu: GpuStatus) -> str:
    """A GPU's values: ``57% busy, 3.2 GB of 24.0 GB used, 61 °C``."""
    parts = []
    if gpu.utilisation_percent is not None:
        parts.append(f"{number(gpu.utilisation_percent)}% busy")
    if gpu.memory_used_bytes is not None and gpu.memory_total_bytes is not None:
        parts.append(f"{size(gpu.memory_used_bytes)} of {size(gpu.memory_total_bytes)} used")
    if gpu.temperature_c is not None:
        parts.append(f"{number(gpu.temperature_c)} °C")
    return ", ".join(parts) or "no data"


def _alerts(alerts: list[AlertRecord], view: Overview) -> str:
    firing = firing_alerts(alerts)
    if not firing:
        return "none"
    return "; ".join(
        f"{alert.severity.upper()} {alert.name} for {duration(view.age_s(alert.since_s))}: "
        f"{alert.summary}"
        for alert in firing
    )
