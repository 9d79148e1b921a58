"""How each format is written and read back, by its name in daemon.protocol.policy_formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from daemon.protocol.policy_formats import FormatName
from daemon.trainer.export.formats.c99.codec import encode_c, load_c
from daemon.trainer.export.formats.onnx import encode_onnx, load_onnx
from daemon.trainer.export.formats.pt2 import encode_pt2, load_pt2
from daemon.trainer.export.formats.sb3 import encode_sb3, load_sb3
from daemon.trainer.export.formats.weights import encode_weights, load_weights
from daemon.trainer.export.source import Actor, Source


class Codec(NamedTuple):
    """Makes a file's content, and the actor that the content is."""

    encode: Callable[[Source], bytes]
    load: Callable[[bytes], Actor]


CODECS: dict[FormatName, Codec] = {
    "onnx": Codec(encode_onnx, load_onnx),
    "pt2": Codec(encode_pt2, load_pt2),
    "c": Codec(encode_c, load_c),
    "sb3": Codec(encode_sb3, load_sb3),
    "weights": Codec(encode_weights, load_weights),
}
