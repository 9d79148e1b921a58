"""What changing a setting means for a run that is forked from another's state.

One table over every setting that a run freezes; `docs/forks.md` is generated from it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from daemon.config.forking.carried import Part
from daemon.config.schema import Algorithm, Config
from daemon.config.sections import FROZEN

Effect = Literal["free", "flights begin anew", "new model", "refused"]
PPO: tuple[Algorithm, ...] = ("ppo",)
OFF_POLICY: tuple[Algorithm, ...] = ("sac", "td3")
STAGES = "curriculum.stages"


class Rule(msgspec.Struct, frozen=True):
    """What changing a setting means.

    `initial`: it is refused unless another change begins a new model, since only such a one begins
    with it. `used_by`: to other algorithms it means nothing.
    """

    effect: Effect
    reason: str
    anew: frozenset[Part] = frozenset()
    initial: bool = False
    used_by: tuple[Algorithm, ...] = ("ppo", "sac", "td3")


class Change(msgspec.Struct, frozen=True):
    """A changed setting of a fork, and what it means. Values as in a configuration file."""

    setting: str  # ``ppo.gamma``, ``curriculum.stages[2].altitude_m``
    before: Any
    after: Any
    effect: Effect
    reason: str
    anew: tuple[Part, ...] = ()  # sorted


def _free(reason: str, *anew: Part, used_by: tuple[Algorithm, ...] = (*PPO, *OFF_POLICY)) -> Rule:
    return Rule("free", reason, frozenset(anew), used_by=used_by)


def _flights(reason: str, *anew: Part) -> Rule:
    return Rule("flights begin anew", reason, frozenset({"flights", *anew}))


def _new_model(reason: str) -> Rule:
    return Rule("new model", reason, frozenset({"model", "flights", "window"}))


def _refused(reason: str) -> Rule:
    return Rule("refused", reason)


def _initial(reason: str, *used_by: Algorithm) -> Rule:
    return Rule("refused", reason, initial=True, used_by=used_by)


_NEXT = "counts from the next iteration on"
_START = "episodes start elsewhere: the window of the stage begins empty"
_DAEMON = "says what is saved or reported, not how it is trained"
_OFF_POLICY_RULES = {
    "learning_rate": _free("counts from the next update on"),
    "buffer_size": _free("the replay buffer begins empty", "replay"),
    "learning_starts": _free("counts from where the replay buffer began empty"),
    "batch_size": _free(_NEXT),
    "tau": _free(_NEXT),
    "gamma": _free("the value functions must adapt to the other horizon"),
    "n_steps": _free("the replay buffer holds single steps: it carries over"),
    "train_freq": _free(_NEXT),
    "gradient_steps": _free(_NEXT),
    "policy_delay": _free(_NEXT),
    "reward_scale": _free("the value functions must adapt: the buffer holds unscaled rewards"),
}
_STAGE_RULES = {
    "name": _free("a name only"),
    "altitude_m": _flights(_START, "window"),
    "downrange_m": _flights(_START, "window"),
    "descent_rate_m_s": _flights(_START, "window"),
    "horizontal_speed_m_s": _flights(_START, "window"),
    "tilt_deg": _flights(_START, "window"),
    "delta_v_m_s": _flights(_START, "window"),
    "ground_slope_deg": _flights(_START, "window"),
    "relief": _flights(_START, "window"),
    "clear_radius_m": _flights(_START, "window"),
    "time_limit_s": _flights("episodes end at another time: the window begins empty", "window"),
    "ramp_steps": _free("the place on the ramp is kept, rounded down", "window"),
    "gate_success_rate": _free("a passed gate stays passed"),
    "gate_mean_reward": _free("a passed gate stays passed"),
    "mastery_success_rate": _free("judged at once"),
    "mastery_timesteps": _free("judged at once, from the start of the stage"),
}

# In the order of config.toml. Fields of [[curriculum.stages]] are those of every stage.
RULES: Mapping[str, Rule] = {
    "run.mode": _refused("it decides the stages: start a new run"),
    "run.stage": _refused("the stage carries over with its record: start a new run"),
    "run.algorithm": _refused("its model and its statistics are others: start a new run"),
    "run.n_envs": _flights("as many landers begin; with PPO batch_size is at most a rollout"),
    "run.timesteps": _free("must exceed the state's; ppo.anneal_timesteps are the last of them"),
    "run.seed": _free("flights in progress are finished first", "random numbers"),
    "run.device": _free("another device rounds differently"),
    "run.torch_threads": _free("another number of threads rounds differently"),
    "run.warm_start": _refused("only a new run begins with it: start a new run"),
    "fleet.vehicle": _refused("its commands and observations are others: start a new run"),
    "fleet.vehicle_data": _refused("it is another craft: start a new run"),
    "fleet.threads": _free("changes no number"),
    "fleet.control_interval_s": _flights(
        "actions hold for another time: the window of the stage begins empty", "window"
    ),
    "fleet.dynamics_interval_s": _flights("flights are computed differently"),
    "terrain.height_map": _flights("another ground: the window begins empty", "window"),
    "terrain.cell_m": _flights("another ground: the window begins empty", "window"),
    "terrain.local_relief": _flights("another ground: the window begins empty", "window"),
    "sensors.noise": _flights("other sensors: the window of the stage begins empty", "window"),
    "network.hidden": _new_model("its parameters fit no other network; the stage carries over"),
    "network.log_std_init": _initial("only a new model begins with it", "ppo", "sac"),
    "ppo.learning_rate": _free(
        "the adapted rate begins anew at this value, then follows desired_kl", "learning rate"
    ),
    "ppo.n_steps": _free("rollouts of another length; batch_size is at most a rollout"),
    "ppo.batch_size": _free("at most a rollout"),
    "ppo.n_epochs": _free(_NEXT),
    "ppo.gamma": _free("the value function must adapt to the other horizon", "returns"),
    "ppo.gae_lambda": _free(_NEXT),
    "ppo.clip_range": _free(_NEXT),
    "ppo.ent_coef": _free(_NEXT),
    "ppo.vf_coef": _free(_NEXT),
    "ppo.max_grad_norm": _free(_NEXT),
    "ppo.desired_kl": _free("the learning rate adapts to it from its present value"),
    "ppo.anneal_timesteps": _free("counts back from run.timesteps"),
    "ppo.final_log_std": _free("bounds the policy's noise while updates are annealed"),
    **{f"sac.{name}": rule for name, rule in _OFF_POLICY_RULES.items()},
    "sac.initial_ent_coef": _initial("only a new model begins with it; it is learned", "sac"),
    "sac.target_entropy": _free("the entropy coefficient adapts to it"),
    **{f"td3.{name}": rule for name, rule in _OFF_POLICY_RULES.items()},
    "td3.action_noise_sigma": _free("counts from the next step on"),
    "normalize.observations": _new_model("the policy has learned from the others"),
    "normalize.rewards": _free(
        "the value function must adapt to the other scale", "returns", used_by=PPO
    ),
    "normalize.clip_observation": _free("counts from the next step on"),
    "normalize.clip_reward": _free(_NEXT, used_by=PPO),
    "curriculum.window_episodes": _free("the window of the stage begins empty", "window"),
    "curriculum.min_episodes": _free("judged at once"),
    "curriculum.confirm_episodes": _free("counts from the next gate on"),
    "curriculum.ramp_success_rate": _free("judged at once"),
    "curriculum.rehearsal_share": _free("counts from the next episodes on"),
    "curriculum.attempt_timesteps": _free("judged at once, from the start of the attempt"),
    "curriculum.attempts": _free("judged at once"),
    **{f"{STAGES}.{name}": rule for name, rule in _STAGE_RULES.items()},
    "checkpoints.interval_steps": _free(_DAEMON),
    "checkpoints.keep": _free(_DAEMON),
    "guards.max_returns": _free("rewinds before the fork count"),
    "guards.progress_steps": _free("rewinds before the fork count"),
    "divergence.kl": _free(_DAEMON),
    "divergence.kl_updates": _free(_DAEMON),
    "divergence.value_loss_ratio": _free(_DAEMON),
    "divergence.reward_drop": _free(_DAEMON),
    "divergence.reward_drop_steps": _free(_DAEMON),
    "divergence.reward_floor": _free(_DAEMON),
    "evaluation.interval_timesteps": _free("counts from the parent's last evaluation"),
    "evaluation.episodes": _free(_DAEMON),
    "evaluation.seed": _free("evaluations of the parent were flown with other seeds"),
}
ADDED = _free("begins after the stages before it")
REMOVED = _free("training ends with the last stage that is left")


def changes(before: Config, after: Config) -> list[Change]:
    """Every frozen setting that differs, in the order of config.toml, and what it means.

    Settings that belong to a new model are refused unless another change begins one.
    """
    algorithm = after.run.algorithm
    found = [
        _change(setting, values, rule, algorithm)
        for setting, values, rule in _differing(before, after)
    ]
    if not any(change.effect == "new model" for change in found):
        return found
    return [
        msgspec.structs.replace(change, effect="free", reason="the new model begins with it")
        if _rule(change.setting).initial
        else change
        for change in found
    ]


def begins_anew(found: Iterable[Change], algorithm: Algorithm) -> frozenset[Part]:
    """All that begins anew by these changes."""
    anew: set[Part] = {part for change in found for part in change.anew}
    # The buffer's last steps are of flights that would not be continued.
    if algorithm in OFF_POLICY and "flights" in anew:
        anew.add("replay")
    return frozenset(anew)


def _change(setting: str, values: tuple[Any, Any], rule: Rule, algorithm: Algorithm) -> Change:
    section = setting.partition(".")[0]
    if algorithm not in rule.used_by or section in {"ppo", "sac", "td3"} - {algorithm}:
        return Change(setting, *values, "free", f"not used by {algorithm}")
    return Change(setting, *values, rule.effect, rule.reason, tuple(sorted(rule.anew)))


def _rule(setting: str) -> Rule:
    """The rule of a changed setting; an added or removed stage has none of its own."""
    path = setting.partition("[")[0] + setting.partition("]")[2]
    return RULES.get(path, ADDED)


def _differing(before: Config, after: Config) -> Iterator[tuple[str, tuple[Any, Any], Rule]]:
    for section in FROZEN:
        old, new = (msgspec.to_builtins(getattr(config, section)) for config in (before, after))
        for name in old:
            path = f"{section}.{name}"
            if path == STAGES:
                yield from _stages(old[name], new[name])
            elif old[name] != new[name]:
                yield path, (old[name], new[name]), RULES[path]


def _stages(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> Iterator[tuple[str, tuple[Any, Any], Rule]]:
    """Stages are compared by their place: the state is in the stage of a number."""
    for number, (old, new) in enumerate(zip(before, after, strict=False), 1):
        for name in old:
            if old[name] != new[name]:
                path = f"{STAGES}[{number}].{name}"
                yield path, (old[name], new[name]), RULES[f"{STAGES}.{name}"]
    for number in range(len(before) + 1, len(after) + 1):
        yield f"{STAGES}[{number}]", (None, after[number - 1]["name"]), ADDED
    for number in range(len(after) + 1, len(before) + 1):
        yield f"{STAGES}[{number}]", (before[number - 1]["name"], None), REMOVED
