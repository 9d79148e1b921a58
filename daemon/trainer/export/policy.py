"""Takes the deterministic policy out of a model, and rebuilds it as one torch module."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from stable_baselines3 import PPO, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecNormalize
from torch import nn

from daemon.trainer.export.layers import Activation, ExportedPolicy, Layer, Normalizer, Output

ACTIVATIONS: dict[type[nn.Module], Activation] = {nn.Tanh: "tanh", nn.ReLU: "relu"}


def exported_policy(model: BaseAlgorithm, normalizer: VecNormalize) -> ExportedPolicy:
    """What decides a model's mean actions. Raises ValueError for a network of other parts."""
    modules, output = _actor(model)
    linear = [module for module in modules if isinstance(module, nn.Linear)]
    between = [module for module in modules if not isinstance(module, nn.Linear)]
    expected = [isinstance(module, nn.Linear) for module in modules]
    kinds = {type(module) for module in between}
    alternating = expected == [k % 2 == 0 for k in range(len(modules))] and expected[-1]
    if not alternating or len(kinds) != 1 or (kind := kinds.pop()) not in ACTIVATIONS:
        names = ", ".join(type(module).__name__ for module in modules)
        raise ValueError(f"only fully connected networks with tanh or ReLU are exported: {names}")
    assert all(one.out_features == next_.in_features for one, next_ in pairwise(linear))
    layers = tuple(Layer(_array(one.weight), _array(one.bias)) for one in linear)
    return ExportedPolicy(_normalizer(normalizer), layers, ACTIVATIONS[kind], output)


def _actor(model: BaseAlgorithm) -> tuple[list[nn.Module], Output]:
    """The modules from normalized observation to action, and what limits the action."""
    if isinstance(model, PPO):
        policy = model.policy
        return [*policy.mlp_extractor.policy_net, policy.action_net], "clip"
    if isinstance(model, SAC):
        assert isinstance(model.actor.latent_pi, nn.Sequential)
        return [*model.actor.latent_pi, model.actor.mu], "tanh"
    assert isinstance(model, TD3)
    *modules, squash = model.actor.mu
    assert isinstance(squash, nn.Tanh)
    return modules, "tanh"


def _normalizer(normalizer: VecNormalize) -> Normalizer:
    if not normalizer.norm_obs:
        size = normalizer.observation_space.shape
        assert size is not None
        return Normalizer(np.zeros(size), np.ones(size), 0.0, float(np.finfo(np.float32).max))
    moments = normalizer.obs_rms
    assert isinstance(moments, RunningMeanStd)
    return Normalizer(
        np.array(moments.mean, np.float64),
        np.array(moments.var, np.float64),
        float(normalizer.epsilon),
        float(normalizer.clip_obs),
    )


def _array(parameter: torch.Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return parameter.detach().cpu().numpy().astype(np.float32, copy=True)


class PolicyModule(nn.Module):
    """An exported policy as torch takes it: observations (N, O) float32 to actions (N, A)."""

    def __init__(self, policy: ExportedPolicy) -> None:
        super().__init__()
        self.clip = policy.normalizer.clip
        self.squashed = policy.output == "tanh"
        self.mean: torch.Tensor
        self.deviation: torch.Tensor
        self.register_buffer("mean", torch.from_numpy(policy.normalizer.mean))
        self.register_buffer("deviation", torch.from_numpy(policy.normalizer.deviation))
        modules: list[nn.Module] = []
        for layer in policy.layers:
            outputs, inputs = layer.weight.shape
            linear = nn.Linear(inputs, outputs)
            linear.load_state_dict(
                {"weight": torch.from_numpy(layer.weight), "bias": torch.from_numpy(layer.bias)}
            )
            modules += [linear, nn.Tanh() if policy.activation == "tanh" else nn.ReLU()]
        self.network = nn.Sequential(*modules[:-1])

    def forward(self, observation: torch.Tensor) -> torch.Tensor:
        """Actions (N, A) for raw observations (N, O)."""
        scaled = (observation.double() - self.mean) / self.deviation
        output: torch.Tensor = self.network(scaled.clamp(-self.clip, self.clip).float())
        return output.tanh() if self.squashed else output.clamp(-1.0, 1.0)
