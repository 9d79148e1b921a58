"""Detects non-finite numbers before they affect the model.

:mod:`daemon.trainer.checkpointing.rewind` handles the `NotFiniteError`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecNormalize

# Sums of squared differences of values and returns within this bound fit in float32, so their loss
# is finite. An infinite loss can have finite gradients: it must be detected before the update.
LARGEST_RETURN = 1e15
MAX_NAMES = 3

Floats = npt.NDArray[np.floating[Any]]


class NotFiniteError(ArithmeticError):
    """A number of the training is NaN or infinite.

    `what`: observation, reward, return, gradient, parameter or loss; `where`: which one of them.
    """

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what} is not finite: {where}")
        self.what, self.where = what, where


def guard_updates(model: BaseAlgorithm) -> None:
    """Make the optimisers of `model` raise instead of applying a non-finite gradient.

    A NaN loss has NaN gradients, also after norm clipping. SAC and TD3 step one optimiser after
    the other: those before the fault applied finite gradients.

    Raises NotFiniteError out of `model.learn`, with the parameters as before that step.
    Costs 22 µs a step for two networks of 2 x 128 units on one thread (a PPO minibatch of 2048:
    5 ms). Changes no number of a training that stays finite.
    """
    names = {id(parameter): name for name, parameter in model.policy.named_parameters()}
    for label, optimizer in _optimizers(model):
        optimizer.register_step_pre_hook(partial(_check_gradients, label, names))


def check_update(model: BaseAlgorithm) -> None:
    """Check parameters, optimisers and logged losses; call once per iteration, after the update.

    Raises NotFiniteError. The losses are those in SB3's logger since its last dump.
    """
    broken = find_broken(model.get_parameters()) or find_broken(_variables(model))
    if broken:
        raise NotFiniteError("parameter", broken)
    for name, value in model.logger.name_to_value.items():
        if name.endswith("loss") and not math.isfinite(value):
            raise NotFiniteError("loss", f"{name} = {value}")


def find_broken(parameters: Mapping[str, Any]) -> str | None:
    """The name of a non-finite tensor, or None.

    `parameters`: nested as SB3's `get_parameters`, state dictionaries of modules and optimisers.
    """
    return next(iter(_broken(_tensors("", parameters))), None)


class FlightGuard(BaseCallback):
    """A callback of `learn` that checks each step, and PPO's whole rollout.

    Raises NotFiniteError out of `learn`, before an off-policy algorithm stores the step and before
    PPO learns from the rollout. Costs 15 µs a step for 128 landers.
    """

    def __init__(self, normalizer: VecNormalize, names: Sequence[str]) -> None:
        super().__init__()
        self._normalizer, self._names = normalizer, names

    def _on_step(self) -> bool:
        # Not normalized: one NaN in the statistics makes all landers' numbers NaN.
        observations, rewards = self._normalizer.old_obs, self._normalizer.old_reward
        assert isinstance(observations, np.ndarray)
        check_flown(
            observations, rewards, self.locals["dones"], self.locals["infos"], names=self._names
        )
        return True

    def _on_rollout_end(self) -> None:
        buffer = getattr(self.model, "rollout_buffer", None)
        if isinstance(buffer, RolloutBuffer):
            check_rollout(buffer)


def check_flown(
    observations: Floats,
    rewards: Floats,
    dones: npt.NDArray[np.bool_],
    infos: Sequence[Mapping[str, Any]],
    *,
    names: Sequence[str],
) -> None:
    """Check a step of the fleet: observations (N, D) and rewards (N,), not yet normalised.

    When an episode ends, the next starts in the same step, so its last observation is in its
    info. `names`: of the D numbers of an observation, as in env.task.observation's table.

    Raises NotFiniteError naming the lander, its episode's seed, and the numbers.
    """
    ended = dones.nonzero()[0]
    last = [infos[int(i)]["terminal_observation"] for i in ended]
    if (
        np.isfinite(rewards).all()
        and np.isfinite(observations).all()
        and all(np.isfinite(row).all() for row in last)
    ):
        return
    reward_broken = ~np.isfinite(rewards)
    broken = ~np.isfinite(observations)
    for i, row in zip(ended, last, strict=True):
        broken[i] |= ~np.isfinite(row)
    lander = int((reward_broken | broken.any(axis=1)).argmax())
    parts = [f"lander {lander}"]
    if episode := infos[lander].get("lander"):
        parts.append(f"episode seed {episode.seed}")
    if reward_broken[lander]:
        parts.append(f"reward {rewards[lander]}")
    parts += _shorten([name for name, bad in zip(names, broken[lander], strict=True) if bad])
    raise NotFiniteError("reward" if reward_broken[lander] else "observation", ", ".join(parts))


def check_rollout(buffer: RolloutBuffer) -> None:
    """Check a full rollout's values, returns, advantages and log probabilities, each (T, N).

    Raises NotFiniteError naming the lander, also for numbers beyond LARGEST_RETURN.
    """
    for what, name in (
        ("return", "returns"),
        ("value", "values"),
        ("advantage", "advantages"),
        ("log probability", "log_probs"),
    ):
        numbers = getattr(buffer, name)
        good = np.abs(numbers) <= LARGEST_RETURN
        if not good.all():
            step, lander = np.argwhere(~good)[0]
            where = f"lander {lander}, step {step} of the rollout: {numbers[step, lander]}"
            raise NotFiniteError(what, where)


def _check_gradients(
    label: str,
    names: Mapping[int, str],
    optimizer: torch.optim.Optimizer,
    _args: tuple[Any, ...],
    _kwargs: dict[Any, Any],
) -> None:
    gradients = [
        (names.get(id(parameter), label), parameter.grad)
        for group in optimizer.param_groups
        for parameter in group["params"]
        if parameter.grad is not None
    ]
    sums = [gradient.sum() for _, gradient in gradients]
    # Checks a single sum: maxima or isfinite of small tensors take ten times as long.
    if sums and not math.isfinite(torch.stack(sums).sum().item()) and (bad := _broken(gradients)):
        raise NotFiniteError("gradient", ", ".join(_shorten(bad)))


def _broken(tensors: Iterable[tuple[str, torch.Tensor]]) -> list[str]:
    """The names of non-finite tensors, found by their sums."""
    return [name for name, tensor in tensors if not math.isfinite(tensor.sum().item())]


def _optimizers(model: BaseAlgorithm) -> Iterator[tuple[str, torch.optim.Optimizer]]:
    for name in model.get_parameters():
        part = attrgetter(name)(model)
        if isinstance(part, torch.optim.Optimizer):
            yield name, part


def _variables(model: BaseAlgorithm) -> dict[str, torch.Tensor]:
    """SAC's entropy coefficient, which is not part of a module."""
    coefficient = getattr(model, "log_ent_coef", None)
    return {} if coefficient is None else {"log_ent_coef": coefficient.detach()}


def _tensors(path: str, value: Any) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        if value.is_floating_point():
            yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _tensors(f"{path}.{key}".removeprefix("."), inner)


def _shorten(names: list[str]) -> list[str]:
    more = len(names) - MAX_NAMES
    return [*names[:MAX_NAMES], f"{more} more"] if more > 0 else names
