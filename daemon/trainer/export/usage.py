"""How to call a file of each format, and how to fly with it, as code that runs as it stands."""

from __future__ import annotations

from daemon.protocol.policy_formats import FormatName
from daemon.trainer.export.card import Card
from env.fleet import FleetSettings

_ONNX = """\
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("{file}")

def act(observation):
    return session.run(["action"], {{"observation": observation[np.newaxis]}})[0][0]
"""
_PT2 = """\
import torch

module = torch.export.load("{file}").module()

def act(observation):
    with torch.no_grad():
        return module(torch.from_numpy(observation)[None])[0].numpy()
"""
_C = """\
import ctypes
import os
import subprocess

import numpy as np

# void landing_policy(const float observation[{inputs}], float action[{outputs}]);
subprocess.run(
    ["cc", "-std=c99", "-O2", "-shared", "-fPIC", "{file}", "-lm", "-o", "landing_policy.so"],
    check=True,
)
library = ctypes.CDLL(os.path.abspath("landing_policy.so"))
floats = np.ctypeslib.ndpointer(np.float32, flags="C_CONTIGUOUS")
library.landing_policy.argtypes = [floats, floats]
library.landing_policy.restype = None

def act(observation):
    action = np.empty({outputs}, np.float32)
    library.landing_policy(np.ascontiguousarray(observation, np.float32), action)
    return action
"""
_SB3 = """\
import io
import zipfile

import numpy as np
from stable_baselines3 import {algorithm}

with zipfile.ZipFile("{file}") as archive:
    model = {algorithm}.load(io.BytesIO(archive.read("model.zip")), device="cpu")
    normalizer = np.load(io.BytesIO(archive.read("normalizer.npz")))
    mean, var, epsilon, clip = (normalizer[name] for name in ("mean", "var", "epsilon", "clip"))

def act(observation):
    x = np.clip((observation - mean) / np.sqrt(var + epsilon), -clip, clip)
    return model.predict(x.astype(np.float32), deterministic=True)[0]
"""
_WEIGHTS = """\
import numpy as np
from safetensors.numpy import load_file

tensors = load_file("{file}")
mean, var = tensors["normalizer.mean"], tensors["normalizer.var"]

def act(observation):
    x = (observation - mean) / np.sqrt(var + {epsilon!r})
    x = np.clip(x, -{clip!r}, {clip!r}).astype(np.float32)
    for k in range({layers}):
        x = tensors[f"layers.{{k}}.weight"] @ x + tensors[f"layers.{{k}}.bias"]
        if k < {layers} - 1:
            x = {activation}
    return {output}
"""
_FLIGHT = """\
import gymnasium

import env  # installed with landerctl
from env.fleet import FleetSettings
from env.task.start import StartConditions
{imports}
start = StartConditions(
{start})
settings = FleetSettings(
{settings})
lander = gymnasium.make("landerctl/LunarLander-v0", settings=settings)
observation, info = lander.reset(seed=1)
over = False
while not over:
    observation, reward, over, _, info = lander.step(act(observation))
print(info["lander"].outcome.name)
"""
_CALLS: dict[FormatName, str] = {
    "onnx": _ONNX,
    "pt2": _PT2,
    "c": _C,
    "sb3": _SB3,
    "weights": _WEIGHTS,
}
NEEDS: dict[FormatName, str] = {
    "onnx": "Needs onnxruntime and numpy.",
    "pt2": "Needs torch, of the version below or a later one. Loading a file of this kind can run "
    "code in it: load only one whose source you trust.",
    "c": "Needs a C99 compiler and libm.",
    "sb3": "Needs stable-baselines3 and numpy. `model.zip` is an archive of its own, with pickled "
    "parts: load only one whose source you trust. `manifest.json` is the checkpoint's.",
    "weights": "Needs safetensors and numpy.",
}


def call_code(card: Card, kind: FormatName, file: str) -> str:
    """Python that defines `act`: the action (A,) for an observation (O,), both float32."""
    network = card.network
    return _CALLS[kind].format(
        file=file,
        algorithm=card.training.algorithm.upper(),
        inputs=network.sizes[0],
        outputs=network.sizes[-1],
        layers=len(network.sizes) - 1,
        epsilon=network.epsilon,
        clip=network.clip,
        activation="np.tanh(x)" if network.activation == "tanh" else "np.maximum(x, 0.0)",
        output="np.tanh(x)" if network.output == "tanh" else "np.clip(x, -1.0, 1.0)",
    )


def flight_code(card: Card) -> str:
    """Python that flies an episode in the environment that the policy was trained in."""
    limits, plain = card.limits, FleetSettings()
    if limits.vehicle_data:  # of another package, which may have other numbers by then
        imports = ["from env.physics.vehicles import vehicle_of"]
        settings = [f"vehicle=vehicle_of({limits.vehicle!r}, {limits.vehicle_data!r})"]
    else:
        imports = ["from env.physics.vehicles import VEHICLES"]
        settings = [f"vehicle=VEHICLES[{limits.vehicle!r}]"]
    settings += ["start=start"]
    settings += [
        f"{name}={value!r}"
        for name in ("control_interval_s", "dynamics_interval_s", "local_relief")
        if (value := getattr(limits, name)) != getattr(plain, name)
    ]
    if (noise := limits.sensor_noise) != 1.0:
        imports.append("from env.sensing.lidar import FLASH_LIDAR")
        imports.append("from env.sensing.sensors import NOISY")
        settings += [f"sensors=NOISY.scaled({noise!r})", f"lidar=FLASH_LIDAR.scaled({noise!r})"]
    if limits.height_map:
        imports.append("from env.terrain.height_map import load_height_map")
        cell = repr(limits.cell_m or None)
        settings.append(f"height_map=load_height_map({limits.height_map!r}, {cell})")
    return _FLIGHT.format(
        imports="".join(f"{line}\n" for line in imports),
        start="".join(f"    {name}={value!r},\n" for name, value in limits.start.items()),
        settings="".join(f"    {setting},\n" for setting in settings),
    )
