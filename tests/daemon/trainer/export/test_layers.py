"""The arrays that formats are made from act as stable-baselines3 does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from daemon.trainer.export.layers import act
from daemon.trainer.export.policy import PolicyModule, exported_policy
from tests.daemon.trainer.export.models import (
    ALGORITHMS,
    N_ACTIONS,
    N_OBSERVATIONS,
    config_of,
    expected_actions,
    model_of,
    observations_of,
)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("normalized", ["true", "false"])
def test_arrays_and_module_act_as_the_model(algorithm: str, normalized: str) -> None:
    model, normalizer = model_of(config_of(algorithm, f"normalize.observations={normalized}"))
    policy = exported_policy(model, normalizer)
    assert (policy.n_observations, policy.n_actions) == (N_OBSERVATIONS, N_ACTIONS)
    observations = observations_of(normalizer, 500)
    expected = expected_actions(model, normalizer, observations)
    assert np.abs(expected).max() > 0.9  # the limits are reached
    np.testing.assert_allclose(act(policy, observations), expected, rtol=0.0, atol=1e-5)
    with torch.no_grad():
        of_module = PolicyModule(policy)(torch.from_numpy(observations)).numpy()
    np.testing.assert_allclose(of_module, expected, rtol=0.0, atol=1e-5)


def test_other_networks_are_refused() -> None:
    model, normalizer = model_of(config_of("ppo"))
    network: Any = model.policy.mlp_extractor
    network.policy_net[1] = torch.nn.GELU()
    with pytest.raises(ValueError, match=r"tanh or ReLU are exported: Linear, GELU"):
        exported_policy(model, normalizer)
