"""Reads and applies a model's archive, stable-baselines3's zip, which may be forged: runs no code.

Its member `data` holds the model's attributes, as plain JSON or, below `:serialized:`, pickled.
The model is built from the run's configuration instead, so of `data` only the plain counters are
decoded. Tensors are read with `weights_only`. Digests do not help here: they prove that nothing
was damaged, not who made it.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from pickle import UnpicklingError
from typing import Annotated, Any
from zipfile import ZipFile

import msgspec
import torch
from msgspec import UNSET, Meta, UnsetType
from stable_baselines3.common.base_class import BaseAlgorithm

from daemon.base.malformed import MALFORMED
from daemon.trainer.algorithms.ppo import FleetPPO
from env.state.archive import reading

DATA = "data"
VARIABLES = "pytorch_variables.pth"
_TENSORS = ".pth"
_ADAM_STATE = {"step", "exp_avg", "exp_avg_sq"}


class Counters(msgspec.Struct, frozen=True):
    """The plain attributes of a model that a training continues with; others are ignored."""

    num_timesteps: Annotated[int, Meta(ge=0)]
    n_updates: Annotated[int, Meta(ge=0)] = msgspec.field(name="_n_updates")
    # PPO's; None before the first update.
    current_learning_rate: Annotated[float, Meta(gt=0.0)] | UnsetType | None = UNSET


@dataclass(frozen=True)
class ModelArchive:
    """What is used of an archive."""

    counters: Counters
    parameters: dict[str, Any]  # state dictionaries by name, as SB3's `get_parameters`
    variables: dict[str, Any]  # other tensors by name: SAC's entropy coefficient


def read_archive(path: Path | io.BytesIO) -> ModelArchive:
    """Read an archive; nothing in it is run. Raises OSError, ValueError naming a member."""
    try:
        with reading(), ZipFile(path) as archive:
            names = (n for n in archive.namelist() if n == DATA or n.endswith(_TENSORS))
            content = {name: archive.read(name) for name in names}
    except ValueError as error:
        raise ValueError(f"not a readable zip archive: {error}") from error
    if DATA not in content:
        raise ValueError(f"{DATA}: missing")
    try:
        counters = msgspec.json.decode(content[DATA], type=Counters)
    except MALFORMED as error:
        raise ValueError(f"{DATA}: {error}") from None
    loaded = {
        name: _load_tensors(name, stored)
        for name, stored in content.items()
        if name.endswith(_TENSORS)
    }
    variables = loaded.pop(VARIABLES, {})
    parameters = {name.removesuffix(_TENSORS): state for name, state in loaded.items()}
    return ModelArchive(counters, parameters, variables)


def apply_archive(stored: ModelArchive, model: BaseAlgorithm) -> None:
    """Load parameters and counters. Raises ValueError naming what does not fit."""
    apply_parameters(stored, model)
    model.num_timesteps = stored.counters.num_timesteps
    model._n_updates = stored.counters.n_updates
    if isinstance(model, FleetPPO):
        rate = stored.counters.current_learning_rate
        if isinstance(rate, UnsetType):
            raise ValueError(f"{DATA}: current_learning_rate is missing")
        model.current_learning_rate = rate


def apply_parameters(stored: ModelArchive, model: BaseAlgorithm) -> None:
    """Load networks, optimisers, other tensors. Raises ValueError naming what does not fit."""
    parameters, variables = model._get_torch_save_params()
    _check_names(parameters, stored.parameters)
    _check_names(variables, stored.variables)
    for name in parameters:
        part, state = attrgetter(name)(model), stored.parameters[name]
        try:
            with reading():
                _load_state(part, state, adapts_rate=isinstance(model, FleetPPO))
        except ValueError as error:
            raise ValueError(f"{name}{_TENSORS}: does not fit this run's model: {error}") from error
    for name in variables:
        variable, tensor = attrgetter(name)(model), stored.variables[name]
        if not isinstance(tensor, torch.Tensor) or tensor.shape != variable.shape:
            raise ValueError(f"{VARIABLES}: {name} does not fit this run's model")
        variable.data.copy_(tensor)


def _load_state(
    part: torch.nn.Module | torch.optim.Optimizer, state: Any, *, adapts_rate: bool
) -> None:
    if isinstance(part, torch.nn.Module):
        part.load_state_dict(state)
        return
    settings = [group.copy() for group in part.param_groups]
    part.load_state_dict(state)
    for group, own in zip(part.param_groups, settings, strict=True):
        # Of the run's configuration; but PPO has adapted its learning rate.
        rate = float(group["lr"]) if adapts_rate else own["lr"]
        group.update(own, lr=rate)
    for parameter, moments in part.state.items():
        # torch's fused Adam trusts these: a shorter one makes it write past its end.
        if not isinstance(parameter, torch.Tensor) or moments.keys() != _ADAM_STATE:
            raise ValueError("the state of another optimiser")
        for name, tensor in moments.items():
            if tensor.shape != (() if name == "step" else parameter.shape):
                raise ValueError(f"{name} has shape {tuple(tensor.shape)}")
            moments[name] = tensor.clone(memory_format=torch.contiguous_format)


def _check_names(expected: list[str], found: Mapping[str, Any]) -> None:
    if not isinstance(found, Mapping):
        raise ValueError(f"{VARIABLES}: is not a dictionary")
    if different := sorted(set(expected) ^ {str(name) for name in found}):
        which = "missing" if different[0] in expected else "not a part of this run's model"
        raise ValueError(f"{different[0]}: {which}")


def _load_tensors(name: str, content: bytes) -> Any:
    try:
        with reading(), warnings.catch_warnings(action="ignore"):
            return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except UnpicklingError:
        # torch's own message advises to load it without this protection.
        raise ValueError(
            f"{name}: holds more than tensors and numbers; refused, nothing of it was run"
        ) from None
    except ValueError as error:
        raise ValueError(f"{name}: cannot be read: {error}") from error
