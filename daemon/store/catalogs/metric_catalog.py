"""The catalogue of metrics: every name under which samples are stored, its unit and meaning.

`docs/metrics.md` is generated from this table, and Prometheus' names and units are derived from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from daemon.config.schema import Algorithm
from daemon.store.catalogs.metric_names import DISTANCE, GPU_PREFIX


@dataclass(frozen=True)
class Unit:
    """A unit; if it stands in a metric's name, Prometheus' base unit for it and the factor."""

    symbol: str
    in_name: str = ""
    base: str = ""
    factor: float = 1.0


NUMBER = Unit("1")
PERCENT = Unit("%")
SHARE = Unit("0 to 1")
STEPS = Unit("steps")
STEPS_PER_S = Unit("steps/s")
BYTES = Unit("B")
SECONDS = Unit("s", "s", "seconds")
HOURS = Unit("h", "hours", "seconds", 3600.0)
METERS = Unit("m", "m", "meters")
METERS_PER_S = Unit("m/s", "m_s", "meters_per_second")
CELSIUS = Unit("°C", "c", "celsius")
MEGABYTES = Unit("MB", "mb", "bytes", 1e6)
GIGABYTES = Unit("GB", "gb", "bytes", 1e9)
GIGABYTES_PER_DAY = Unit("GB/day", "gb", "bytes", 1e9)
MEGABYTES_PER_S = Unit("MB/s", "mb_s", "bytes_per_second", 1e6)


class Written(Enum):
    """Who writes a metric, and how often."""

    ITERATION = "the trainer, after each iteration"
    EPISODES = "the trainer, after each iteration in which an episode ended"
    LANDINGS = "the trainer, after each iteration in which a lander landed"
    EVALUATION = "the trainer, after each evaluation"
    REPORT = "the supervisor, with each iteration's report"
    ROUND = "the supervisor, every `resources.interval_s`"
    TRAINER_ROUND = "the supervisor, every `resources.interval_s` while a trainer runs"
    CHANGE = "the supervisor, at each change and once a minute"
    JUDGEMENT = "the supervisor, at each change and once an hour, see `checklist.interval_s`"


ALL: tuple[Algorithm, ...] = ("ppo", "sac", "td3")
OFF_POLICY: tuple[Algorithm, ...] = ("sac", "td3")


@dataclass(frozen=True)
class MetricKind:
    """A metric. `name`: with N for a number, if there may be several."""

    name: str
    unit: Unit
    meaning: str
    written: Written
    algorithms: tuple[Algorithm, ...] = ALL


def _kinds(written: Written, *rows: tuple[str, Unit, str]) -> tuple[MetricKind, ...]:
    return tuple(MetricKind(name, unit, meaning, written) for name, unit, meaning in rows)


def _learning(
    algorithms: tuple[Algorithm, ...], *rows: tuple[str, Unit, str]
) -> tuple[MetricKind, ...]:
    return tuple(
        MetricKind(name, unit, meaning, Written.ITERATION, algorithms)
        for name, unit, meaning in rows
    )


_GPU = (
    ("utilisation_percent", PERCENT, "time in which the GPU computed"),
    ("memory_used_bytes", BYTES, "used memory of the GPU"),
    ("memory_used_percent", PERCENT, "used share of the GPU's memory"),
    ("temperature_c", CELSIUS, "temperature of the GPU"),
)

KINDS: tuple[MetricKind, ...] = (
    *_kinds(
        Written.EPISODES,
        ("rollout/ep_rew_mean", NUMBER, "mean reward of the iteration's episodes"),
        ("rollout/ep_len_mean", STEPS, "mean length of the iteration's episodes, control steps"),
        ("rollout/episodes", NUMBER, "number of the iteration's episodes"),
        ("rollout/success_rate", SHARE, "share of the iteration's episodes that landed"),
        ("reward/shaping", NUMBER, "mean shaping reward of an episode"),
        ("reward/landing", NUMBER, "mean reward for landing"),
        ("reward/precision", NUMBER, "mean bonus for a landing near the middle of the pad"),
        ("reward/softness", NUMBER, "mean bonus for a slow touchdown"),
        ("reward/attitude", NUMBER, "mean bonus for an upright touchdown"),
        ("reward/fuel", NUMBER, "mean bonus for propellant left"),
        ("reward/smoothness", NUMBER, "mean bonus for smooth actions"),
        ("reward/failure", NUMBER, "mean penalty of a failure"),
        ("outcome/landed", SHARE, "share of the episodes that landed on the pad, softly"),
        ("outcome/hard_landing", SHARE, "share that stand, but touched down too fast"),
        ("outcome/off_target", SHARE, "share that stand, but too far from the pad"),
        ("outcome/crashed", SHARE, "share that crashed or toppled"),
        ("outcome/aborted", SHARE, "share that left the volume of the descent"),
        ("outcome/timeout", SHARE, "share that ran out of time"),
    ),
    *_kinds(
        Written.LANDINGS,
        ("landing/distance_m", METERS, "mean distance of the iteration's landings from the pad"),
        (
            "landing/touchdown_speed_m_s",
            METERS_PER_S,
            "mean speed of the fastest touchdown of any foot",
        ),
        ("landing/fuel_left", SHARE, "mean propellant left, of that at the start"),
    ),
    *_kinds(
        Written.ITERATION,
        (
            "episode/success_rate_100",
            SHARE,
            "share that landed of the last `curriculum.window_episodes` episodes (default 100) at "
            "this step of the stage's ramp; the gate's measure",
        ),
        ("curriculum/reward_100", NUMBER, "mean reward of the same episodes; the gate's measure"),
        (
            "curriculum/gate_margin",
            SHARE,
            "`episode/success_rate_100` minus the stage's `gate_success_rate`, once its gate is "
            "passed",
        ),
        ("curriculum/current_stage", NUMBER, "the stage, counted from 1"),
        ("curriculum/difficulty", NUMBER, "3.0 is stage 3 as configured, 3.25 a step towards 4"),
        ("curriculum/regressions", NUMBER, "consecutive returns to the previous stage"),
        ("rehearsal/success_rate", SHARE, "share that landed of the rehearsal's episodes"),
        ("time/fps", STEPS_PER_S, "environment steps per second over the last ten iterations"),
        ("time/trained_s", SECONDS, "training time of the run, without pauses"),
        ("time/simulation_share", SHARE, "share of the iteration's time spent in the simulation"),
        ("time/inference_share", SHARE, "share spent in choosing actions"),
        ("time/learning_share", SHARE, "share spent in updates"),
    ),
    *_learning(ALL, ("train/n_updates", NUMBER, "updates so far, as stable-baselines3 counts")),
    *_learning(
        ("ppo",),
        ("train/policy_gradient_loss", NUMBER, "loss of the policy"),
        ("train/value_loss", NUMBER, "loss of the value function"),
        ("train/entropy_loss", NUMBER, "minus the entropy of the policy"),
        ("train/loss", NUMBER, "total loss"),
        ("train/approx_kl", NUMBER, "how much an update changed the policy: KL divergence"),
        ("train/clip_fraction", SHARE, "share of the actions at which the update was clipped"),
        ("train/explained_variance", NUMBER, "1: the value function predicts all returns"),
        ("train/std", NUMBER, "mean standard deviation of the exploring policy, in action units"),
        ("train/learning_rate", NUMBER, "learning rate of the update"),
    ),
    *_learning(
        OFF_POLICY,
        ("train/actor_loss", NUMBER, "loss of the policy"),
        ("train/critic_loss", NUMBER, "loss of the critics"),
    ),
    *_learning(
        ("sac",),
        ("train/ent_coef", NUMBER, "the entropy coefficient, which is learned"),
        ("train/ent_coef_loss", NUMBER, "its loss"),
    ),
    *_kinds(
        Written.EVALUATION,
        ("eval/success_rate", SHARE, "share that landed by the mean action, on evaluation seeds"),
        ("eval/mean_reward", NUMBER, "mean reward of these episodes"),
        ("eval/distance_m", METERS, "mean distance of their landings from the pad"),
        ("eval/best_success_rate", SHARE, "eval/success_rate of the best model so far"),
    ),
    *_kinds(
        Written.REPORT,
        (
            DISTANCE,
            STEPS,
            "largest number of environment steps without a checkpoint in this trainer process",
        ),
    ),
    *_kinds(
        Written.ROUND,
        ("cpu/machine_percent", PERCENT, "CPU used by everything; 100 is the whole machine"),
        ("cpu/supervisor_percent", PERCENT, "CPU used by the supervisor; 100 is one core"),
        ("memory/used_percent", PERCENT, "used memory"),
        ("memory/swap_percent", PERCENT, "used swap space"),
        ("memory/supervisor_bytes", BYTES, "resident memory of the supervisor"),
        ("disk/free_gb", GIGABYTES, "free space of the state folder's disk"),
        ("disk/read_mb_s", MEGABYTES_PER_S, "read from the machine's disks"),
        ("disk/write_mb_s", MEGABYTES_PER_S, "written to the machine's disks"),
        ("process/supervisor_descriptors", NUMBER, "open file descriptors of the supervisor"),
        (
            "process/limit_used_percent",
            PERCENT,
            "processes and threads, of the container's limit, if it has one",
        ),
        ("temperature/hottest_c", CELSIUS, "the machine's hottest sensor, if it has any"),
        *((f"{GPU_PREFIX}{name}", unit, f"{text}, if there is one") for name, unit, text in _GPU),
        *(
            (f"{GPU_PREFIX}N/{name}", unit, f"{text} N, if there are several")
            for name, unit, text in _GPU
        ),
    ),
    *_kinds(
        Written.TRAINER_ROUND,
        ("cpu/trainer_percent", PERCENT, "CPU used by the trainer; 100 is one core"),
        ("cpu/others_percent", PERCENT, "CPU used by other programs; 100 is the whole machine"),
        ("memory/trainer_bytes", BYTES, "resident memory of the trainer's processes"),
        ("memory/lander_mb", MEGABYTES, "the same, divided by the number of landers"),
        (
            "memory/growth_gb_per_day",
            GIGABYTES_PER_DAY,
            "growth of the trainer's memory, a robust slope over up to six hours; not in the first "
            "hour",
        ),
        ("process/trainer_descriptors", NUMBER, "open file descriptors of the trainer"),
        ("process/trainer_threads", NUMBER, "threads of the trainer"),
        ("process/zombies", NUMBER, "zombie processes of the trainer"),
    ),
    *_kinds(
        Written.CHANGE,
        ("trainer/crashes_1h", NUMBER, "crashes of the trainer in the last hour"),
        ("trainer/crashes_24h", NUMBER, "crashes of the trainer in the last 24 hours"),
        ("trainer/given_up", NUMBER, "1 if the trainer is not restarted any more"),
        ("daemon/recoveries_24h", NUMBER, "starts after a supervisor that died, in 24 hours"),
        ("training/not_finite_1h", NUMBER, "non-finite numbers in the last hour, as events"),
        ("divergence/kl", NUMBER, "1 while updates change the policy too much"),
        ("divergence/value_loss", NUMBER, "1 while the value loss diverges"),
        ("divergence/reward", NUMBER, "1 while the mean reward is far below its best level"),
        ("checkpoint/failures", NUMBER, "checkpoints in a row that could not be saved"),
        ("backup/failures", NUMBER, "backups in a row that could not be made"),
        ("backup/damaged", NUMBER, "damaged backups found and not repaired"),
        ("backup/unsent", NUMBER, "largest number of backups that a target of backups lacks"),
        ("notify/waiting", NUMBER, "notifications that wait for delivery"),
        ("servers/failing", NUMBER, "servers (TensorBoard, Prometheus) that do not serve"),
        ("tracking/behind_s", SECONDS, "age of the oldest sample that a tracking server lacks"),
        ("store/failing", NUMBER, "1 while the store cannot be written or is damaged"),
    ),
    *_kinds(
        Written.JUDGEMENT,
        ("checklist/holds", NUMBER, "lines of the checklist that hold"),
        ("checklist/fails", NUMBER, "lines that fail"),
        ("checklist/open", NUMBER, "lines without evidence yet"),
        ("checklist/stale", NUMBER, "lines whose evidence is too old or of something else"),
        ("checklist/not_applicable", NUMBER, "lines that do not apply"),
        ("burn_in/hours", HOURS, "training time of the burn-in so far"),
        ("burn_in/needed_hours", HOURS, "what it needs: `checklist.burn_in_h`"),
    ),
)
CATALOGUE: dict[str, MetricKind] = {kind.name: kind for kind in KINDS}


def find_kind(metric: str) -> MetricKind | None:
    """The kind of a sample's name: ``gpu/1/temperature_c`` is a ``gpu/N/temperature_c``."""
    return CATALOGUE.get(metric) or CATALOGUE.get(re.sub(r"/\d+/", "/N/", metric))
