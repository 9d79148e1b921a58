"""What a format is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
from stable_baselines3.common.base_class import BaseAlgorithm

from daemon.checkpoint.manifest import Manifest
from daemon.trainer.export.card import Card
from daemon.trainer.export.layers import ExportedPolicy

Actor = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
"""Actions (N, A) for raw observations (N, O): how every exported file is called here."""

CARD = "card.json"  # the card's name in archives
INPUT, OUTPUT = "observation", "action"


@dataclass(frozen=True)
class Source:
    """A verified checkpoint's policy."""

    policy: ExportedPolicy
    card: Card
    model: BaseAlgorithm
    manifest: Manifest

    def card_json(self) -> bytes:
        """The card, as files carry it."""
        return msgspec.json.format(msgspec.json.encode(self.card)) + b"\n"
