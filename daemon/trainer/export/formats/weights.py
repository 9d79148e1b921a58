"""Safetensors: the numbers alone, and the card, which suffices to rebuild the forward pass."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from daemon.trainer.export.card import Network
from daemon.trainer.export.layers import ExportedPolicy, Layer, Normalizer, act
from daemon.trainer.export.source import CARD, Actor, Source

_METADATA = "__metadata__"
_LENGTH_BYTES = 8  # of the header's length, little-endian, with which a file begins


class _CardOf(msgspec.Struct):
    network: Network


def encode_weights(source: Source) -> bytes:
    """The file's content: tensors by name; the card is its only metadata."""
    from safetensors import numpy as safetensors  # noqa: PLC0415 - of the extra `export`

    policy = source.policy
    tensors: dict[str, Any] = {
        "normalizer.mean": policy.normalizer.mean,
        "normalizer.var": policy.normalizer.var,
    }
    for k, layer in enumerate(policy.layers):
        tensors |= {f"layers.{k}.weight": layer.weight, f"layers.{k}.bias": layer.bias}
    return safetensors.save(tensors, {CARD: source.card_json().decode()})


def load_weights(content: bytes) -> Actor:
    """The forward pass in numpy, by what is in the file alone."""
    from safetensors import numpy as safetensors  # noqa: PLC0415 - of the extra `export`

    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    header = msgspec.json.decode(content[_LENGTH_BYTES : _LENGTH_BYTES + length])
    network = msgspec.json.decode(header[_METADATA][CARD], type=_CardOf).network
    tensors = safetensors.load(content)
    layers = range(len(network.sizes) - 1)
    policy = ExportedPolicy(
        Normalizer(
            tensors["normalizer.mean"], tensors["normalizer.var"], network.epsilon, network.clip
        ),
        tuple(Layer(tensors[f"layers.{k}.weight"], tensors[f"layers.{k}.bias"]) for k in layers),
        network.activation,
        network.output,
    )
    return functools.partial(act, policy)
