"""The optimiser is torch's to the bit, and a training imports no compiler for it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import torch

from daemon.trainer.algorithms.adam import EagerAdam

TRAINS = """
import sys
from pathlib import Path
from daemon.trainer.algorithms.factory import build
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.curriculum.training_plan import make_training_plan
from daemon.trainer.fleets import build_fleet
from tests.daemon.trainer.conftest import small_config

config = small_config()
fleet = build_fleet(config, make_training_plan(config).stages[0], config.run.n_envs)
model = build(config, build_normalizer(config, fleet, training=True))
model.learn(1)
model.save(Path(sys.argv[1]))
assert model.num_timesteps > 0
print(type(model.policy.optimizer).__name__, "torch._dynamo" in sys.modules, "sympy" in sys.modules)
"""


def descended(kind: type[torch.optim.Optimizer]) -> tuple[list[torch.Tensor], dict[str, Any]]:
    """Parameters and state after some steps, half of them after taking the state over."""
    torch.manual_seed(1)
    network = torch.nn.Linear(5, 3)
    arguments: dict[str, Any] = {"lr": 1e-3, "eps": 1e-5, "fused": True}
    optimizer = kind(network.parameters(), **arguments)
    for _ in range(2):
        for _ in range(10):
            optimizer.zero_grad()
            network(torch.randn(7, 5)).square().mean().backward()
            optimizer.step()
        state = optimizer.state_dict()
        optimizer = kind(network.parameters(), **arguments)
        optimizer.load_state_dict(state)
    return [parameter.detach() for parameter in network.parameters()], optimizer.state_dict()


def test_it_is_torchs_adam_to_the_bit() -> None:
    (ours, our_state), (theirs, their_state) = map(descended, (EagerAdam, torch.optim.Adam))
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert our_state["param_groups"] == their_state["param_groups"]
    for index, moments in their_state["state"].items():
        assert all(torch.equal(our_state["state"][index][k], v) for k, v in moments.items())


def test_a_training_imports_no_compiler(tmp_path: Any) -> None:
    command = [sys.executable, "-c", TRAINS, str(tmp_path / "model.zip")]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    assert ran.stdout.split() == ["EagerAdam", "False", "False"]
