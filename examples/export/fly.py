"""Flies an exported policy for one episode, by what its card says alone.

With numpy, a file of weights::

    landerctl export best --format weights policy.safetensors --json > export.json
    python fly.py export.json

With any program that reads observations and writes actions as lines of text, as controller.c::

    landerctl export best --format c landing_policy.c --json > export.json
    cc -std=c99 -O2 controller.c landing_policy.c -lm -o controller
    python fly.py export.json ./controller
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from env.fleet import FleetSettings  # of landerctl, as the environment
from env.physics.vehicles import VEHICLES
from env.task.start import StartConditions

SEED = 1


def of_program(command: list[str]) -> Callable[[np.ndarray], np.ndarray]:
    """The actions of a program, which ends with this one."""
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def act(observation: np.ndarray) -> np.ndarray:
        print(*observation.tolist(), file=program.stdin, flush=True)
        return np.array(program.stdout.readline().split(), np.float32)

    return act


def of_weights(file: str, network: dict[str, Any]) -> Callable[[np.ndarray], np.ndarray]:
    """The actions of a file of weights, by the formula of the card."""
    from safetensors.numpy import load_file  # noqa: PLC0415 - not for a program

    tensors = load_file(file)
    mean = tensors["normalizer.mean"]
    deviation = np.sqrt(tensors["normalizer.var"] + network["epsilon"])
    functions = {
        "tanh": np.tanh,
        "relu": lambda x: np.maximum(x, 0.0),
        "clip": lambda x: np.clip(x, -1.0, 1.0),
    }
    last = len(network["sizes"]) - 2

    def act(observation: np.ndarray) -> np.ndarray:
        x = np.clip((observation - mean) / deviation, -network["clip"], network["clip"])
        x = x.astype(np.float32)
        for k in range(last + 1):
            x = tensors[f"layers.{k}.weight"] @ x + tensors[f"layers.{k}.bias"]
            x = functions[network["output"] if k == last else network["activation"]](x)
        return x

    return act


def main() -> None:
    """Fly and print how it ended."""
    exported = json.loads(Path(sys.argv[1]).read_text())
    card = exported["card"]
    limits = card["limits"]
    program = sys.argv[2:]
    act = of_program(program) if program else of_weights(exported["file"], card["network"])
    ranges = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in limits["start"].items()
    }
    settings = FleetSettings(
        vehicle=VEHICLES[limits["vehicle"]],
        start=StartConditions(**ranges),
        control_interval_s=limits["control_interval_s"],
        dynamics_interval_s=limits["dynamics_interval_s"],
    )
    lander = gymnasium.make("landerctl/LunarLander-v0", settings=settings)
    observation, _ = lander.reset(seed=SEED)
    over = False
    while not over:
        observation, _, over, _, info = lander.step(act(observation))
    end = info["lander"]
    print(
        f"{end.outcome.name.lower()} after {end.time_s:.1f} s, {end.distance_m:.2f} m from the pad"
    )
    print(
        f"touchdown at {end.touchdown_speed_m_s:.2f} m/s, {end.fuel_fraction:.1%} propellant left"
    )


if __name__ == "__main__":
    main()
