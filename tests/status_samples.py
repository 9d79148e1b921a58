"""The records of a training that goes well, each to be changed by the test that needs it."""

from __future__ import annotations

import msgspec

from daemon.protocol.trainer import Progress, Startup, StartupStep
from daemon.store.records import DaemonStatus, ResourceStatus, TrainerStatus


def daemon_status(now_s: float, **changes: object) -> DaemonStatus:
    status = DaemonStatus(
        pid=4242,
        started_s=now_s - 7200,
        config_path=None,
        config_error=None,
        steps_per_s_expected=(5_000.0, 60_000.0),
        tensorboard_url=None,
        stopped_s=None,
        stop_reason=None,
    )
    return msgspec.structs.replace(status, **changes)


def trainer_status(now_s: float, run_id: str = "run-1", **changes: object) -> TrainerStatus:
    status = TrainerStatus(
        state="RUNNING",
        since_s=now_s - 7000,
        pid=4243,
        run_id=run_id,
        phase="collecting",
        phase_detail="",
        restarts=0,
        last_exit=None,
        restart_at_s=None,
        heartbeat_s=now_s - 2,
    )
    return msgspec.structs.replace(status, **changes)


def startup(**changes: object) -> Startup:
    """A start that compiles, as one did here before."""
    reported = Startup(
        current=StartupStep("compiling", "compile the flight code", 33.0, 80.0),
        done=63,
        total=153,
        over=[StartupStep("importing", "import torch, stable-baselines3, Basilisk", 6.2, 6.0)],
        ahead=[
            StartupStep("building", "build 128 landers on 2 threads", None, 5.0),
            StartupStep("collecting", "fly the first rollout", None, 4.0),
        ],
    )
    return msgspec.structs.replace(reported, **changes)


def progress(now_s: float, **changes: object) -> Progress:
    reported = Progress(
        time_s=now_s - 2,
        timesteps=13_200_000,
        total_timesteps=60_000_000,
        stage=2,
        stages=5,
        stage_name="approach",
        stage_timesteps=5_000_000,
        episodes=12_345,
        success_rate=0.43,
        reward_mean=512.3,
        gate_success_rate=0.5,
        gate_mean_reward=600.0,
        gate_passed=False,
        mastery_success_rate=0.9,
        ramp_step=4,
        ramp_steps=4,
        ramp_success_rate=0.8,
        attempt=1,
        gate_eta_s=None,
        steps_per_s=18_200.0,
        eta_s=2571.0,
        phase="collecting",
    )
    return msgspec.structs.replace(reported, **changes)


def resources(now_s: float, **changes: object) -> ResourceStatus:
    sampled = ResourceStatus(
        time_s=now_s - 1,
        cpu_machine_percent=97.0,
        cpu_trainer_percent=188.0,
        cpu_supervisor_percent=0.5,
        memory_used_percent=41.0,
        memory_trainer_bytes=612_000_000,
        memory_supervisor_bytes=48_000_000,
        disk_free_bytes=120_000_000_000,
        disk_total_bytes=200_000_000_000,
        cores=2,
    )
    return msgspec.structs.replace(sampled, **changes)
