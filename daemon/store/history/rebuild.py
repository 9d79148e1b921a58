"""The progress at a time for which none is recorded, from samples and events. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from daemon.config.schema import Stage
from daemon.protocol.trainer import Progress
from daemon.store.records import Event, Sample

STAGE, SPEED = "curriculum/current_stage", "time/fps"
SUCCESS, REWARD, TRAINED = "episode/success_rate_100", "curriculum/reward_100", "time/trained_s"
SERIES = (STAGE, SPEED, SUCCESS, REWARD, TRAINED)
EVENTS = (
    "stage.started",
    "stage.ramped",
    "stage.confirming",
    "stage.unconfirmed",
    "stage.passed",
    "stage.failed",
)


def stage_of(newest: Mapping[str, Sample | None]) -> int | None:
    """The stage's number by the newest samples; None if it was not sampled."""
    sample = newest.get(STAGE)
    return None if sample is None or math.isnan(sample.value) else int(sample.value)


def rebuild(
    of_run: Progress,
    stages: Sequence[Stage],
    newest: Mapping[str, Sample | None],
    events: Sequence[Event],
    *,
    began_timesteps: int,
    episodes: int,
) -> Progress | None:
    """The progress of a run; None if its stage or its timesteps were not sampled.

    `of_run`: any progress of the run, for what does not change; `newest`: the newest samples of
    SERIES; `events`: those of EVENTS since the stage began, ascending; `began_timesteps`: of the
    training when it began; `episodes`: ended in it. The time to the gate is unknown.
    """
    number, speed = stage_of(newest), newest.get(SPEED)
    if number is None or not 1 <= number <= len(stages) or speed is None:
        return None
    if speed.timesteps is None:
        return None
    stage = stages[number - 1]
    left = max(0, of_run.total_timesteps - speed.timesteps)
    ramp_step, attempt = _ramp(events, number, stage.ramp_steps)
    return msgspec.structs.replace(
        of_run,
        time_s=speed.time_s,
        timesteps=speed.timesteps,
        stage=number,
        stage_name=stage.name,
        stage_timesteps=max(0, speed.timesteps - began_timesteps),
        episodes=episodes,
        success_rate=_value(newest.get(SUCCESS)),
        reward_mean=_value(newest.get(REWARD)),
        gate_success_rate=stage.gate_success_rate,
        gate_mean_reward=stage.gate_mean_reward,
        gate_passed=any(event.name == "stage.passed" for event in events),
        mastery_success_rate=stage.mastery_success_rate,
        ramp_step=ramp_step,
        ramp_steps=stage.ramp_steps,
        attempt=attempt,
        gate_eta_s=None,
        steps_per_s=speed.value,
        eta_s=left / speed.value if speed.value > 0.0 else None,
        phase="collecting",
        trained_s=_value(newest.get(TRAINED)),
    )


def _ramp(events: Sequence[Event], stage: int, ramp_steps: int) -> tuple[int, int]:
    """Ramp step and attempt after the last event of this stage."""
    step, attempt = 1, 1
    for event in events:
        body = event.body
        if body.get("stage") != stage or not isinstance(body.get("ramp_step"), int):
            continue
        step, attempt = int(body["ramp_step"] or 0), int(body.get("attempt") or 1)
        step += event.name == "stage.ramped"  # it names the step that was left
    return min(step, ramp_steps), attempt


def _value(sample: Sample | None) -> float | None:
    return None if sample is None or math.isnan(sample.value) else sample.value
