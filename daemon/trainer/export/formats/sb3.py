"""What users of stable-baselines3 load: its archive, the statistics, manifest and card in one zip.

The archive is of stable-baselines3's own classes and written anew, so that it can be loaded without
this program, and nothing pickled in a checkpoint, which may be of another machine, is passed on.
The statistics are plain arrays.
"""

from __future__ import annotations

import io
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from stable_baselines3 import PPO, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm

from daemon.checkpoint.manifest import MANIFEST, encode_record
from daemon.trainer.algorithms.model_archive import read_archive
from daemon.trainer.export.card import Card
from daemon.trainer.export.layers import Normalizer, normalize
from daemon.trainer.export.source import CARD, Actor, Source

MODEL, STATISTICS = "model.zip", "normalizer.npz"
_CLASSES: dict[str, Any] = {"ppo": PPO, "sac": SAC, "td3": TD3}


def encode_sb3(source: Source) -> bytes:
    """The zip's content."""
    model = _stock_model(source.card)
    model.policy.load_state_dict(source.model.policy.state_dict())
    model.num_timesteps = source.model.num_timesteps
    normalizer = source.policy.normalizer
    model_zip, statistics, stream = io.BytesIO(), io.BytesIO(), io.BytesIO()
    model.save(model_zip)
    np.savez(
        statistics,
        mean=normalizer.mean,
        var=normalizer.var,
        epsilon=np.float64(normalizer.epsilon),
        clip=np.float64(normalizer.clip),
    )
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr(MODEL, model_zip.getvalue())
        archive.writestr(STATISTICS, statistics.getvalue())
        archive.writestr(MANIFEST, encode_record(source.manifest))
        archive.writestr(CARD, source.card_json())
    return stream.getvalue()


def load_sb3(content: bytes) -> Actor:
    """The zip in stable-baselines3's `predict`; its parameters are read without unpickling."""
    with ZipFile(io.BytesIO(content)) as archive:
        card = msgspec.json.decode(archive.read(CARD), type=Card)
        stored = read_archive(io.BytesIO(archive.read(MODEL)))
        statistics = np.load(io.BytesIO(archive.read(STATISTICS)), allow_pickle=False)
    model = _stock_model(card)
    model.policy.load_state_dict(stored.parameters["policy"])
    normalizer = Normalizer(
        statistics["mean"],
        statistics["var"],
        float(statistics["epsilon"]),
        float(statistics["clip"]),
    )

    def act(observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return model.predict(normalize(normalizer, observations), deterministic=True)[0]

    return act


def _stock_model(card: Card) -> BaseAlgorithm:
    """An untrained model of the card's networks, on the CPU, without an environment."""
    name = card.training.algorithm
    *hidden, n_actions = card.network.sizes[1:]
    # Nothing is replayed. SAC would ask its environment for the target entropy, which is -A.
    arguments: dict[str, Any] = {} if name == "ppo" else {"buffer_size": 1}
    if name == "sac":
        arguments["target_entropy"] = -float(n_actions)
    model: BaseAlgorithm = _CLASSES[name](
        "MlpPolicy",
        None,
        policy_kwargs={"net_arch": hidden},
        device="cpu",
        _init_setup_model=False,
        **arguments,
    )
    low, high = (np.array(limits, np.float32) for limits in zip(*_ranges(card), strict=True))
    model.observation_space = spaces.Box(low, high)
    model.action_space = spaces.Box(-1.0, 1.0, (n_actions,))
    model.n_envs = 1
    model._setup_model()
    return model


def _ranges(card: Card) -> list[tuple[float, float]]:
    return [(row.low, row.high) for row in card.observation]
