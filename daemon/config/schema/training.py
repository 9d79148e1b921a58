"""What a run trains: the sections that it freezes when it is created."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from daemon.config.schema.values import (
    Algorithm,
    Count,
    Fraction,
    Mode,
    NonNegative,
    Positive,
    Range,
    WarmStart,
)


class RunSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[run]: what to train, and for how long."""

    mode: Mode
    stage: Count
    algorithm: Algorithm
    n_envs: Annotated[int, Meta(ge=1, le=512)]
    timesteps: Count
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    device: str
    torch_threads: Annotated[int, Meta(ge=0, le=64)]  # 0: one for each usable processor
    warm_start: WarmStart


class SimulationSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[fleet]: the simulation's vehicle and clocks."""

    vehicle: str
    vehicle_data: dict[str, Any]  # of a vehicle that is not ours; env.physics.vehicles judges it
    threads: Annotated[int, Meta(ge=1, le=64)]
    control_interval_s: Positive
    dynamics_interval_s: Annotated[float, Meta(gt=0.0, le=0.05)]


class TerrainSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[terrain]: the ground, synthetic or from the user's height map."""

    height_map: str
    cell_m: NonNegative
    local_relief: NonNegative


class SensorSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[sensors]: sensor noise."""

    noise: NonNegative


class NetworkSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[network]: layers of the policy and the value function."""

    hidden: Annotated[list[Count], Meta(min_length=1, max_length=6)]
    log_std_init: float


class PpoSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[ppo]: stable-baselines3's PPO arguments, and the learning rate's adaptation."""

    learning_rate: Positive
    n_steps: Count
    batch_size: Annotated[int, Meta(ge=2)]
    n_epochs: Count
    gamma: Fraction
    gae_lambda: Fraction
    clip_range: Positive
    ent_coef: NonNegative
    vf_coef: NonNegative
    max_grad_norm: Positive
    desired_kl: Positive
    anneal_timesteps: Annotated[int, Meta(ge=0)]
    final_log_std: float


class OffPolicySettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What [sac] and [td3] share."""

    learning_rate: Positive
    buffer_size: Count
    learning_starts: Annotated[int, Meta(ge=0)]
    batch_size: Count
    tau: Fraction
    gamma: Fraction
    n_steps: Count
    train_freq: Count
    gradient_steps: Count
    policy_delay: Count
    reward_scale: Positive


class SacSettings(OffPolicySettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[sac]: stable-baselines3's arguments, and the actor's initialization."""

    initial_ent_coef: Positive
    target_entropy: float


class Td3Settings(OffPolicySettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[td3]: stable-baselines3's arguments, and the exploration noise."""

    action_noise_sigma: tuple[NonNegative, NonNegative]


class NormalizeSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[normalize]: VecNormalize's arguments."""

    observations: bool
    rewards: bool
    clip_observation: Positive
    clip_reward: Positive


class Stage(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of [[curriculum.stages]]: where a descent starts, and the gate that ends the stage."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    altitude_m: Range
    downrange_m: Range
    descent_rate_m_s: Range
    horizontal_speed_m_s: Range
    tilt_deg: Range
    delta_v_m_s: Range
    ground_slope_deg: Range
    relief: Fraction
    clear_radius_m: NonNegative
    time_limit_s: Positive
    ramp_steps: Count
    gate_success_rate: Fraction
    gate_mean_reward: float
    mastery_success_rate: Fraction | None = None  # None: only mastery_timesteps ends it
    mastery_timesteps: Count


class CurriculumSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[curriculum]: how gates are judged, and the stages in order."""

    window_episodes: Count
    min_episodes: Count
    confirm_episodes: Count
    ramp_success_rate: Fraction
    rehearsal_share: Annotated[float, Meta(ge=0.0, le=0.9)]
    attempt_timesteps: Count
    attempts: Count
    stages: Annotated[list[Stage], Meta(min_length=1)]


class CheckpointSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[checkpoints]: interval and retention."""

    interval_steps: Count
    keep: Count


class GuardSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[guards]: limits of rewinding after non-finite numbers."""

    max_returns: Annotated[int, Meta(ge=0)]
    progress_steps: Count


class DivergenceSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[divergence]: thresholds for signs that training diverges."""

    kl: Positive
    kl_updates: Count
    value_loss_ratio: Annotated[float, Meta(gt=1.0)]
    reward_drop: Annotated[float, Meta(gt=0.0, le=1.0)]
    reward_drop_steps: Count
    reward_floor: Positive


class EvaluationSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[evaluation]: deterministic episodes on seeds of their own."""

    interval_timesteps: Count
    episodes: Count
    seed: Annotated[int, Meta(ge=0)]
