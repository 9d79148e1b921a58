"""The forward pass of an exported policy as plain arrays: all formats are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Activation = Literal["tanh", "relu"]
Output = Literal["clip", "tanh"]


@dataclass(frozen=True)
class Normalizer:
    """Scales raw observations of size O: clip((x - mean) / sqrt(var + epsilon), -clip, clip).

    It is calculated in double precision, then rounded to single, as stable-baselines3's
    VecNormalize: some observations hardly vary, and single precision would lose their deviations.
    Where nothing is normalized: mean 0, variance 1, epsilon 0, and a clip of the largest float32.
    """

    mean: npt.NDArray[np.float64]  # (O,)
    var: npt.NDArray[np.float64]  # (O,)
    epsilon: float
    clip: float

    @property
    def deviation(self) -> npt.NDArray[np.float64]:
        """(O,): what an observation's distance from the mean is divided by."""
        return np.sqrt(self.var + self.epsilon)


@dataclass(frozen=True)
class Layer:
    """A fully connected layer: y = weight @ x + bias, in single precision."""

    weight: npt.NDArray[np.float32]  # (outputs, inputs)
    bias: npt.NDArray[np.float32]  # (outputs,)


@dataclass(frozen=True)
class ExportedPolicy:
    """A deterministic policy: raw observations of size O in, actions of size A in [-1, 1] out.

    `activation` follows each layer but the last, `output` the last one: "clip" limits to [-1, 1]
    (PPO's mean action), "tanh" squashes (SAC's and TD3's).
    """

    normalizer: Normalizer
    layers: tuple[Layer, ...]
    activation: Activation
    output: Output

    @property
    def n_observations(self) -> int:
        """O, the size of an observation."""
        return int(self.layers[0].weight.shape[1])

    @property
    def n_actions(self) -> int:
        """A, the size of an action."""
        return int(self.layers[-1].weight.shape[0])


def normalize(
    normalizer: Normalizer, observations: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Normalized observations (N, O) for raw ones."""
    scaled = (observations - normalizer.mean) / normalizer.deviation
    return np.clip(scaled, -normalizer.clip, normalizer.clip).astype(np.float32)


def act(policy: ExportedPolicy, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Actions (N, A) for raw observations (N, O)."""
    x: npt.NDArray[Any] = normalize(policy.normalizer, observations)
    for layer in policy.layers[:-1]:
        x = x @ layer.weight.T + layer.bias
        x = np.tanh(x) if policy.activation == "tanh" else np.maximum(x, np.float32(0.0))
    x = x @ policy.layers[-1].weight.T + policy.layers[-1].bias
    return np.asarray(np.tanh(x) if policy.output == "tanh" else np.clip(x, -1.0, 1.0))
